/** The policies of the simulated manager: between them they use every gate, every rule of arbitration and every kind of parameter. */
import type { ConditionDocument, PolicyDocument } from '../../src/documents/policy.ts';

const is = (fact: string, operator: string, value: unknown): ConditionDocument => ({ fact, operator, value });

export const NAMED: Readonly<Record<string, ConditionDocument>> = {
  'piling-up': { all: [is('depth', 'greaterThan', 30), is('growth', 'greaterThan', 0.5)] },
};

const farm: PolicyDocument[] = [
  {
    name: 'grow',
    priority: 50,
    concern: 'performance',
    conditions: { all: [is('load', 'greaterThan', 0.7), is('servers', 'lessThan', { fact: 'maxServers' })] },
    for: '3s',
    cooldown: '12s',
    actions: [{ command: 'scale', params: { by: 1 } }],
    expect: {
      within: '15s',
      conditions: is('load', 'lessThan', 0.8),
      otherwise: [
        { command: 'throttle', params: { by: 1 } },
        { command: 'notify', params: { text: 'a server more did not help' } },
      ],
    },
    breaker: { after: 2 },
  },
  {
    name: 'grow-fast',
    priority: 55,
    conditions: is('load', 'greaterThan', 1.1),
    for: '1s',
    cooldown: '20s',
    actions: [{ command: 'scale', params: { by: 2 } }],
    expect: { within: '8s', conditions: is('load', 'lessThan', 1.1) },
  },
  {
    name: 'shrink',
    priority: 40,
    conditions: { all: [is('load', 'lessThan', 0.5), is('servers', 'greaterThan', { fact: 'minServers' })] },
    for: '6s',
    cooldown: '15s',
    actions: [{ command: 'scale', params: { by: -1 } }],
  },
  {
    name: 'throttle-hot',
    priority: 60,
    conditions: is('load', 'greaterThan', 0.95),
    for: '2s',
    cooldown: '8s',
    actions: [{ command: 'throttle', params: { by: 1 } }],
  },
  {
    name: 'relax',
    priority: 20,
    conditions: { all: [is('throttle', 'greaterThan', 0), is('load', 'lessThan', 0.95)] },
    for: '2s',
    cooldown: '5s',
    deadZone: { fact: 'load', low: 0.9, high: 9 },
    actions: [{ command: 'throttle', params: { by: -1 } }],
  },
  {
    name: 'save',
    priority: 30,
    concern: 'cost',
    conditions: { all: [is('spend', 'greaterThan', 6), is('load', 'lessThan', 1.2)] },
    cooldown: '9s',
    deadZone: { fact: 'load', low: 0.45, high: 0.85 },
    actions: [{ command: 'scale', params: { by: -1 } }],
  },
  {
    name: 'open-doors',
    priority: 45,
    conditions: { any: [is('load', 'greaterThan', 0.9), is('load', 'lessThan', 0.1)] },
    cooldown: '8s',
    actions: [{ command: 'open', params: { width: { expression: 'clamp(round(load * 10), 1, 9)' } } }],
  },
  {
    name: 'clear-cache',
    conditions: { all: [is('samples', 'greaterThan', 3), is('load', 'greaterThan', 0.85)] },
    actions: [{ command: 'clear' }],
  },
  {
    name: 'tidy-up',
    priority: 5,
    conditions: is('load', 'greaterThan', 0.75),
    cooldown: '25s',
    // One may be withheld, by the emergency stop, where the other was sent.
    actions: [{ command: 'notify', params: { text: 'it is busy' } }, { command: 'clear' }],
  },
  {
    name: 'watch-grow',
    mode: 'observe',
    conditions: is('load', 'greaterThan', 0.6),
    for: '1s',
    cooldown: '5s',
    deadZone: { fact: 'load', low: 0, high: 0.6 },
    actions: [{ command: 'scale', params: { by: 1 } }],
  },
  { name: 'ask-a-person', mode: 'advise', conditions: is('load', 'greaterThan', 0.9), actions: [{ command: 'clear' }] },
];

const server: PolicyDocument[] = [
  {
    name: 'restart-silent',
    priority: 50,
    concern: 'repair',
    conditions: is('silence', 'greaterThan', 3_000),
    for: '1s',
    cooldown: '15s',
    actions: [{ command: 'restart' }],
    expect: {
      within: '10s',
      conditions: is('silence', 'lessThan', 3_000),
      otherwise: [{ command: 'notify', params: { text: 'a restart did not help' } }],
    },
    breaker: { after: 2 },
  },
  {
    name: 'kick-hot',
    priority: 30,
    // True only of a known temperature: `not` of unknown is unknown.
    conditions: { all: [{ not: is('temp', 'lessThan', 78) }, { not: is('silence', 'greaterThan', 3_000) }] },
    for: '2s',
    cooldown: '20s',
    actions: [{ command: 'kick' }, { command: 'cool', params: { to: 5 } }],
    breaker: { after: 2 },
  },
  {
    name: 'cool-hot',
    priority: 20,
    conditions: is('temp', 'greaterThan', 70),
    cooldown: '4s',
    actions: [{ command: 'cool', params: { to: { expression: 'clamp(ceil((temp - 65.0) / 4), 0, 5)' } } }],
  },
  {
    name: 'calm',
    priority: 20,
    conditions: { all: [is('parent.load', 'lessThan', 0.9), is('fan', 'greaterThan', 0), { not: is('temp', 'greaterThan', 68) }] },
    cooldown: '10s',
    actions: [{ command: 'cool', params: { to: 0 } }],
  },
];

const queue: PolicyDocument[] = [
  { name: 'staff-surge', conditions: is('surges', 'increased', '1ms'), cooldown: '0s', actions: [{ command: 'staff', params: { by: 1 } }] },
  { name: 'staff-stuck', conditions: is('flow', 'equal', 'stuck'), cooldown: '12s', actions: [{ command: 'staff', params: { by: 2 } }] },
  {
    name: 'staff-up',
    priority: 50,
    conditions: { any: [is('depth', 'greaterThan', 60), { condition: 'piling-up' }] },
    cooldown: '6s',
    deadZone: { fact: 'depth', low: 10, high: 30 },
    actions: [{ command: 'staff', params: { to: { expression: 'workers + ceil(depth / 60)' } } }],
  },
  {
    name: 'staff-down',
    priority: 40,
    conditions: { all: [is('depth', 'lessThan', 10), is('workers', 'greaterThan', 1)] },
    for: '5s',
    cooldown: '8s',
    actions: [{ command: 'staff', params: { by: -1 } }],
  },
];

const site: PolicyDocument[] = [
  {
    name: 'alarm-on',
    priority: 50,
    conditions: { all: [is('children.load.mean', 'greaterThan', 0.85), is('alarm', 'equal', false)] },
    cooldown: '10s',
    actions: [
      { command: 'mark', params: { to: true } },
      { command: 'ring', params: { times: { fact: 'children.count' } } },
      { command: 'notify', params: { text: 'the farms are busy' } },
    ],
  },
  {
    name: 'alarm-off',
    priority: 50,
    conditions: { all: [is('children.load.mean', 'lessThan', 0.7), is('alarm', 'equal', true)] },
    cooldown: '4s',
    actions: [{ command: 'mark', params: { to: false } }],
  },
  {
    name: 'tell-of-a',
    conditions: is('shop/a.load', 'greaterThan', 1),
    actions: [{ command: 'notify', params: { text: { expression: '"load " + string(round(fact("shop/a.load") * 100))' } } }],
  },
  // Its target may be away.
  {
    name: 'clear-c',
    conditions: is('children.load.mean', 'greaterThan', 0.8),
    cooldown: '9s',
    actions: [{ command: 'clear', target: 'shop/c' }],
  },
];

const scoped = (type: string, list: readonly PolicyDocument[]): PolicyDocument[] => list.map((policy) => ({ ...policy, scope: { type } }));

export const POLICIES: readonly PolicyDocument[] = [
  ...scoped('farm', farm),
  ...scoped('server', server),
  ...scoped('queue', queue),
  ...scoped('site', site),
];
