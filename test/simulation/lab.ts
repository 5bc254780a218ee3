/**
 * The laboratory: an element whose policies use what the farms' do not need, so that every construct of the language lives through every fault.
 * Its temperature wanders; what its commands set is set by `set`, and nothing that the farms rest on depends on it.
 */
import type { TypeDocument } from '../../src/documents/manager.ts';
import type { ConditionDocument, PolicyDocument } from '../../src/documents/policy.ts';

export const LAB = 'shop/lab';
/** Rests on the first: what is done to both is done to the first before. */
export const ANNEX = 'shop/annex';

export const LAB_POOLS = { coolant: { total: 8 } };

const is = (fact: string, operator: string, value: unknown): ConditionDocument => ({ fact, operator, value });
const set = { actuator: 'set', deadline: '5s', idempotent: true } as const;

export const labType: TypeDocument = {
  properties: {
    heat: {
      stale: '4s',
      zones: [
        { name: 'cold', below: 40 },
        { name: 'fit', from: 40, below: 70 },
        { name: 'hot', from: 70 },
      ],
    },
    steady: { gauge: { kind: 'mean', of: 'heat', window: '6s' } },
    vent: { initial: 0, stale: 'never' },
    lamp: { initial: false, stale: 'never' },
    power: { initial: 5, stale: 'never' },
    valve: { initial: 1, stale: 'never' },
    pump: { initial: 0, stale: 'never' },
    notes: { initial: 0, stale: 'never' },
    fuel: { initial: 50, stale: 'never' },
    cooling: { initial: 0, stale: 'never' },
    shutter: { initial: 0, stale: 'never' },
  },
  commands: {
    open: { ...set, property: 'vent', min: 0, max: 100, effects: { heat: 'falls' } },
    light: { ...set, property: 'lamp' },
    tune: { ...set, property: 'power', min: 0, max: 200 },
    valve: { ...set, property: 'valve', min: 0, max: 1 },
    pump: { ...set, property: 'pump', min: 0, max: 9, effects: { heat: 'falls' } },
    // Numbers for the fuel are added; those for the cooling are divided between the two laboratories.
    fuel: { ...set, property: 'fuel', min: 0, max: 100, merge: 'sum' },
    cool: { ...set, property: 'cooling', min: 0, merge: 'utility', pool: 'coolant' },
    shut: { ...set, property: 'shutter', min: 0, max: 3, opposes: ['open'] },
    write: { ...set, property: 'notes', min: 0, max: 1_000_000 },
  },
};

const policies: PolicyDocument[] = [
  {
    name: 'lamp-on-when-hot',
    conditions: is('heat', 'greaterThan', 70),
    reset: is('heat', 'lessThan', 60),
    keepFor: '4s',
    cooldown: '3s',
    actions: [{ command: 'light', params: { to: true } }],
  },
  {
    name: 'lamp-off-when-cool',
    priority: 2,
    conditions: { all: [is('heat', 'between', [0, 58]), is('lamp', 'equal', true)] },
    confidence: 0.5,
    cooldown: '3s',
    actions: [{ command: 'light', params: { to: false } }],
  },
  {
    name: 'follow-the-heat',
    conditions: is('steady', 'greaterThan', 0),
    tolerance: { fact: 'steady', target: 50, share: 0.1 },
    stabilise: { up: { over: '4s' }, down: { over: '9s' } },
    rate: {
      up: [
        { by: 10, per: '10s' },
        { percent: 50, per: '10s' },
      ],
      down: [{ by: 8, per: '12s' }],
    },
    cooldown: { up: '1s', down: '3s', per: 'target' },
    actions: [{ command: 'tune', params: { to: { expression: 'steady * 2 - 60', min: 0, max: 150, step: 5 } } }],
  },
  {
    name: 'vent-in-turn',
    priority: 3,
    conditions: is('heat', 'greaterThan', 60),
    zone: { fact: 'heat', in: ['hot'] },
    rank: 'worked',
    remedies: [
      {
        name: 'a-little',
        if: is('vent', 'lessThan', 50),
        actions: [{ command: 'open', params: { by: 20 } }],
        expect: { within: '4s', conditions: is('heat', 'lessThan', 66) },
      },
      {
        name: 'wide',
        actions: [{ command: 'open', params: { to: 100 } }],
        expect: {
          within: '4s',
          conditions: is('heat', 'lessThan', 66),
          otherwise: [{ retry: 1 }, { rollBack: true }],
          on: ['missed', 'failed'],
        },
      },
    ],
    cooldown: '3s',
    breaker: { after: 2, probeAfter: '20s' },
  },
  {
    name: 'vent-shut',
    conditions: { all: [is('heat', 'lessThan', 55), is('vent', 'greaterThan', 0)] },
    cooldown: '5s',
    budget: { commands: 3, per: '30s' },
    actions: [{ command: 'open', params: { to: 0 } }],
  },
  {
    name: 'ask-for-the-pump',
    mode: 'advise',
    advise: { within: '12s', otherwise: 'drop' },
    conditions: is('steady', 'greaterThan', 62),
    cooldown: '6s',
    actions: [{ command: 'pump', params: { by: 1 } }],
  },
  {
    name: 'pump-down',
    mode: 'advise',
    advise: { within: '6s', otherwise: 'act' },
    conditions: { all: [is('steady', 'lessThan', 56), is('pump', 'greaterThan', 0)] },
    cooldown: '6s',
    actions: [{ command: 'pump', params: { by: -1 } }],
  },
  {
    name: 'note-each-crossing',
    priority: 3,
    conditions: is('heat', 'greaterThan', 55),
    flapping: { history: 9, low: 0.2, high: 0.4 },
    actions: [{ command: 'write', params: { by: 10_000 } }],
  },
  {
    name: 'note-each-rise',
    conditions: { all: [is('heat', 'increased', '2s'), is('heat', 'greaterThan', 45)] },
    schedule: [{ cron: '*/2 * * * *' }, { cron: '1-59/2 * * * *', from: '2023-11-14T22:14:00Z' }],
    cooldown: '2s',
    actions: [{ command: 'write', params: { by: 1 } }],
  },
  { name: 'burn', conditions: is('heat', 'lessThan', 60), cooldown: '2s', actions: [{ command: 'fuel', params: { by: -3 } }] },
  { name: 'fill', conditions: is('fuel', 'lessThan', 60), cooldown: '3s', actions: [{ command: 'fuel', params: { by: 5 } }] },
  {
    name: 'want-cooling',
    conditions: is('steady', 'greaterThan', 52),
    cooldown: '4s',
    utility: { expression: 'steady / units' },
    actions: [{ command: 'cool', params: { by: 3 } }],
  },
  {
    name: 'give-cooling-back',
    conditions: { all: [is('steady', 'lessThan', 50), is('cooling', 'greaterThan', 0)] },
    cooldown: '4s',
    utility: 1,
    actions: [{ command: 'cool', params: { by: -2 } }],
  },
  {
    name: 'alarm',
    priority: 4,
    cooldown: '6s',
    levels: [
      { level: 'warm', conditions: is('heat', 'greaterThan', 58), actions: [{ command: 'shut', params: { to: 1 } }] },
      {
        level: 'hot',
        conditions: is('heat', 'greaterThan', 66),
        reset: is('heat', 'lessThan', 62),
        actions: [{ command: 'shut', params: { to: 3 } }],
      },
    ],
  },
  {
    name: 'open-up',
    priority: 2,
    together: true,
    conditions: { all: [is('heat', 'lessThan', 54), is('shutter', 'greaterThan', 0)] },
    cooldown: '5s',
    actions: [
      { command: 'shut', params: { to: 0 } },
      { command: 'write', params: { by: 1_000 } },
    ],
  },
  {
    name: 'shut-the-valve-in-the-dark',
    priority: 5,
    conditions: is('heat', 'greaterThan', 75),
    missing: { after: '6s', actions: [{ command: 'valve', params: { to: 0 } }] },
    cooldown: '5s',
    actions: [{ command: 'valve', params: { to: 0 } }],
  },
  {
    name: 'open-the-valve',
    conditions: { all: [is('heat', 'lessThan', 65), is('valve', 'lessThan', 1)] },
    missing: { hold: '8s' },
    cooldown: '5s',
    actions: [{ command: 'valve', params: { to: 1 } }],
  },
  {
    name: 'guess-the-heat',
    conditions: is('heat', 'greaterThan', 40),
    missing: { values: { heat: 50 } },
    cooldown: '15s',
    actions: [{ command: 'write', params: { by: 100_000 } }],
  },
  {
    name: 'note-each-silence',
    suite: 'notes',
    priority: 2,
    conditions: { any: [is('heat', 'unknown', true), is('heat', 'stale', true)] },
    cooldown: '5s',
    actions: [{ command: 'write', params: { by: 100 } }],
  },
  {
    name: 'note-warmth',
    suite: 'notes',
    setPoints: { line: 52 },
    conditions: is('steady', 'greaterThan', { fact: 'setPoint.line' }),
    cooldown: '4s',
    actions: [{ command: 'write', params: { by: { fact: 'setPoint.line', max: 60 } } }],
  },
  // Loops that manage loops: what they set is undone when they are over, whatever died in between.
  {
    name: 'raise-the-line',
    conditions: is('heat', 'greaterThan', 58),
    actions: [{ command: 'setPoint', target: 'homeostat', params: { policy: 'note-warmth', name: 'line', to: 56 }, while: true }],
  },
  {
    name: 'no-notes-when-hot',
    conditions: is('heat', 'greaterThan', 68),
    actions: [
      { command: 'switchSuite', target: 'homeostat', params: { suite: 'notes', on: false }, while: true },
      { command: 'setMode', target: 'homeostat', params: { policy: 'note-each-rise', mode: 'observe' }, while: true },
    ],
  },
];

export const LAB_POLICIES: readonly PolicyDocument[] = policies.map((policy) => ({ ...policy, scope: { type: 'lab' } }));
