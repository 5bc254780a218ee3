/** The configuration of the simulated manager, and the edits that a person makes of it. */
import { createHash } from 'node:crypto';
import type { BudgetDocument, TypeDocument } from '../../src/documents/manager.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { CanaryDocument } from '../../src/documents/trial.ts';
import type { PolicySource, Setup } from '../../src/knowledge/blueprint.ts';
import { versionOfSet } from '../../src/load-sets.ts';
import type { ElementDocument } from '../../src/messages.ts';
import { ANNEX, LAB, LAB_POLICIES, LAB_POOLS, labType } from './lab.ts';
import { NAMED, POLICIES } from './policies.ts';
import type { Swarm } from './swarm.ts';

export const DOMAIN = 'shop';

export const TYPES: Readonly<Record<string, TypeDocument>> = {
  site: {
    properties: { alarm: { initial: false, stale: 'never' } },
    commands: {
      mark: { actuator: 'set', property: 'alarm', resource: 'alarm', deadline: '5s', idempotent: true },
      // Not idempotent: `retries` must not be used.
      ring: { actuator: 'bell', deadline: '6s', retries: 3 },
    },
  },
  farm: {
    properties: {
      load: { gauge: { kind: 'mean', of: 'busy', window: '8s' }, deadZone: { low: 0.4, high: 0.8 } },
      samples: { gauge: { kind: 'count', of: 'busy', window: '5s' } },
      servers: {},
      throttle: {},
      spend: { gauge: { kind: 'expression', expression: 'servers * 1.5 - throttle' } },
      minServers: { stale: 'never' },
      maxServers: { stale: 'never' },
    },
    commands: {
      scale: {
        actuator: 'fleet',
        property: 'servers',
        resource: 'servers',
        min: { fact: 'minServers' },
        max: { fact: 'maxServers' },
        effects: { load: 'falls' },
        deadline: '10s',
        idempotent: true,
        retries: 2,
        backoff: '300ms',
      },
      throttle: {
        actuator: 'dial',
        property: 'throttle',
        resource: 'throttle',
        min: 0,
        max: 3,
        effects: { load: 'falls' },
        opposes: ['open'],
        deadline: '6s',
        idempotent: true,
        retries: 3,
        backoff: '200ms',
      },
      open: { actuator: 'dial', resource: 'door', deadline: '6s', idempotent: true },
      clear: { actuator: 'bell', resource: 'cache', deadline: '6s', retries: 5 },
    },
  },
  server: {
    properties: { silence: { gauge: { kind: 'heartbeat', of: 'beat', deadline: '3s' } }, temp: {}, fan: {} },
    commands: {
      restart: { actuator: 'keeper', resource: 'process', deadline: '9s', retries: 2 },
      kick: { actuator: 'bell', resource: 'process', deadline: '4s' },
      cool: { actuator: 'dial', property: 'fan', resource: 'fan', min: 0, max: 5, deadline: '5s', idempotent: true, retries: 2 },
    },
  },
  queue: {
    properties: {
      depth: { stale: '4s' },
      growth: { gauge: { kind: 'derivative', of: 'depth', window: '5s' } },
      workers: {},
      // They remember: a surge that is half seen, and a state with its time, must come through every crash.
      surges: {
        gauge: {
          kind: 'pattern',
          of: 'depth',
          sequence: [
            { as: 'before', where: { fact: 'event', operator: 'greaterThan', value: 5 } },
            { where: { expression: 'event > 1.2 * before' } },
            { where: { expression: 'event > 1.4 * before' } },
          ],
          within: '8s',
          throttle: { pass: 'last', within: '4s' },
        },
      },
      flow: {
        gauge: {
          kind: 'machine',
          initial: 'flowing',
          states: {
            flowing: [{ to: 'piling', when: 'depth > 30' }],
            piling: [
              { to: 'flowing', when: 'depth <= 30' },
              { to: 'stuck', after: '4s' },
            ],
            stuck: [{ to: 'flowing', when: 'depth < 20', after: '2s' }],
          },
        },
      },
    },
    commands: {
      staff: { actuator: 'dial', property: 'workers', resource: 'workers', min: 1, max: 8, deadline: '6s', idempotent: true, retries: 2 },
    },
  },
  lab: labType,
};

const BUDGETS: readonly BudgetDocument[] = [
  { name: 'scaling', scope: { command: 'scale' }, commands: 4, per: '60s' },
  { name: 'calm-farms', scope: { type: 'farm' }, commands: 3, per: '8s' },
  { name: 'repairs', scope: { type: 'server', concern: 'repair' }, share: 0.34 },
];

export const farmElement = (maxServers: number): ElementDocument => ({
  type: 'farm',
  properties: { minServers: 1, maxServers },
  serviceClass: 'gold',
});

/** Edits of the file that a person may make. The first is none. */
export const EDITS: readonly ((policy: PolicyDocument) => PolicyDocument | undefined)[] = [
  (policy) => policy,
  (policy) => (policy.name === 'grow' ? { ...policy, why: 'edited', for: '1s', cooldown: '5s' } : policy),
  (policy) => (policy.name === 'clear-cache' || policy.name === 'calm' ? undefined : policy),
  (policy) => (policy.name === 'restart-silent' ? { ...policy, cooldown: '25s' } : { ...policy, why: 'told anew' }),
  (policy) => policy,
];
/** With this edit, which changes nothing itself, a file that would have the farms grow sooner is tried on some of them. */
const TRYING = EDITS.length - 1;

const FILE = 'simulation.json';
const TRIED = 'tried.json';
const CANARY: CanaryDocument = {
  share: 0.5,
  for: '6s',
  withdraw: { scope: { type: 'farm' }, conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 0.9 }] }, for: '2s' },
};

/** All policies with the version of their file; where one is tried, twice. */
export function filesOf(documents: readonly PolicyDocument[], isTried: boolean): Pick<Setup, 'policies' | 'sets'> {
  const policies = documents.map((document, i) => sourceOf(document, i));
  if (!isTried) return { policies };
  const sooner = documents.map((document, i) => ({
    ...sourceOf(document.name === 'grow' ? { ...document, why: 'tried', for: '1s' } : document, i),
    file: TRIED,
  }));
  const set = (file: string, of: readonly PolicySource[]) => ({ file, called: file, version: versionOfSet(of) });
  return {
    policies: [...policies, ...sooner],
    sets: [set(FILE, policies), { ...set(TRIED, sooner), successor: { of: FILE, canary: CANARY } }],
  };
}

/** The configuration as text. `edit`: which edit of the policies; `third`: whether there is a third farm; `version`: makes every policy a new version. */
export function setupText(swarm: Swarm, edit: number, third: boolean, version: number): string {
  const policies = [...POLICIES, ...LAB_POLICIES].flatMap((policy) => {
    const edited = EDITS[edit]!(policy);
    return edited === undefined ? [] : [version === 0 ? edited : { ...edited, why: `version ${version}` }];
  });
  const setup: Setup = {
    domain: DOMAIN,
    mode: 'act',
    types: TYPES,
    elements: {
      shop: { type: 'site' },
      'shop/a': farmElement(6),
      'shop/b': farmElement(edit === 1 ? 5 : 6),
      'shop/q': { type: 'queue' },
      [LAB]: { type: 'lab' },
      [ANNEX]: { type: 'lab', relations: { dependsOn: [LAB] } },
      ...(third ? { 'shop/c': farmElement(6) } : {}),
    },
    ...filesOf(policies, edit === TRYING),
    budgets: BUDGETS,
    pools: LAB_POOLS,
    ...(swarm.oscillation === undefined ? {} : { oscillation: swarm.oscillation }),
    limits: {
      batch: swarm.batch,
      queue: swarm.queue,
      signals: 10_000,
      elements: 100,
      policies: 100,
      windowSamples: 500,
      messageBytes: 100_000,
      journalEntries: 100_000,
      inputBytes: 100_000_000,
      deadLetters: 5,
    },
  };
  return JSON.stringify(setup);
}

export function sourceOf(document: PolicyDocument, index: number): PolicySource {
  const version = createHash('sha256').update(JSON.stringify(document)).digest('hex').slice(0, 7);
  return { name: document.name!, file: FILE, pointer: `/policies/${index}`, version, document, named: NAMED };
}
