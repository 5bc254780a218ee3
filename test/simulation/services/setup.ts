/** The configuration of the simulated services: in each domain a site, a farm and a queue, and of the policies those whose faults differ between one process and many. */
import type { BudgetDocument } from '../../../src/documents/manager.ts';
import type { PolicyDocument } from '../../../src/documents/policy.ts';
import type { Setup } from '../../../src/knowledge/blueprint.ts';
import type { ElementDocument } from '../../../src/messages.ts';
import { POLICIES } from '../policies.ts';
import { farmElement, filesOf, TYPES } from '../setup.ts';
import type { Swarm } from '../swarm.ts';
import { DOMAINS } from './plants.ts';

const CHOSEN: ReadonlySet<string> = new Set([
  'grow',
  'shrink',
  'throttle-hot',
  'relax',
  'clear-cache',
  'tidy-up',
  'ask-a-person',
  'restart-silent',
  'kick-hot',
  'cool-hot',
  'calm',
  'staff-up',
  'staff-down',
  'alarm-on',
  'alarm-off',
]);

const PLACES = ['default', 'annex'] as const;
/** What lies at the second place, where there are two: one that may be told the same twice, and one that may not and cannot be asked. */
const ANNEXED: ReadonlySet<string> = new Set(['dial', 'bell']);

export const placesOf = (places: number): readonly string[] => PLACES.slice(0, places);
export const placeOf = (places: number, actuator: string): string => (places > 1 && ANNEXED.has(actuator) ? PLACES[1] : PLACES[0]);

const BUDGETS: readonly BudgetDocument[] = [
  { name: 'scaling', scope: { command: 'scale' }, commands: 3, per: '30s' },
  { name: 'repairs', scope: { type: 'server', concern: 'repair' }, share: 0.34 },
];

const EDITS: readonly ((policy: PolicyDocument) => PolicyDocument)[] = [
  (policy) => policy,
  (policy) => (policy.name === 'grow' ? { ...policy, why: 'edited', cooldown: '6s' } : policy),
  (policy) => policy,
];
/** With this edit a file is tried, as in the embedded system. */
export const TRYING = EDITS.length - 1;

/** `edit`: which edit of the policies; `version`: makes every policy a new version. */
export function servicesSetup(swarm: Pick<Swarm, 'batch' | 'queue' | 'oscillation'>, edit: number, version: number): Setup {
  const elements: Record<string, ElementDocument> = {};
  for (const domain of DOMAINS) {
    elements[domain] = { type: 'site' };
    elements[`${domain}/a`] = farmElement(6);
    elements[`${domain}/q`] = { type: 'queue' };
  }
  const policies = POLICIES.filter((policy) => CHOSEN.has(policy.name!)).map((policy) => {
    const edited = EDITS[edit % EDITS.length]!(policy);
    return version === 0 ? edited : { ...edited, why: `version ${version}` };
  });
  const { site, farm, server, queue } = TYPES as Required<typeof TYPES>;
  return {
    domain: 'cluster',
    mode: 'act',
    types: { site: site!, farm: farm!, server: server!, queue: queue! },
    elements,
    ...filesOf(policies, edit % EDITS.length === TRYING),
    budgets: BUDGETS,
    ...(swarm.oscillation === undefined ? {} : { oscillation: swarm.oscillation }),
    limits: {
      batch: swarm.batch,
      queue: swarm.queue,
      signals: 500,
      elements: 100,
      policies: 100,
      windowSamples: 500,
      messageBytes: 100_000,
      journalEntries: 100_000,
      inputBytes: 100_000_000,
      deadLetters: 5,
    },
  };
}
