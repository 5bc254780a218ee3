/** All checkers of the services, in the order in which they look at a run. Those of the embedded system that know only steps look at each partition. */
import { advised } from '../../checkers/advised.ts';
import { budgets } from '../../checkers/budgets.ts';
import { confirmed } from '../../checkers/confirmed.ts';
import { cooldowns } from '../../checkers/cooldowns.ts';
import { derived } from '../../checkers/derived.ts';
import { knowing } from '../../checkers/knowing.ts';
import { leases } from '../../checkers/leases.ts';
import { once } from '../../checkers/once.ts';
import type { Checker, Violation } from '../../trace.ts';
import { asEmbedded, type ServicesChecker, type ServicesTrace } from '../trace.ts';
import { begun } from './begun.ts';
import { carried } from './carried.ts';
import { committed } from './committed.ts';
import { inputs } from './inputs.ts';
import { owners } from './owners.ts';
import { placed } from './placed.ts';
import { recovered } from './recovered.ts';
import { replaced } from './replaced.ts';
import { rested } from './rested.ts';
import { routed } from './routed.ts';
import { rows } from './rows.ts';
import { told } from './told.ts';
import { whole } from './whole.ts';

const ofEachPartition = ({ name, check }: Checker): ServicesChecker => ({
  name,
  check: (trace) => {
    for (const partition of trace.partitions) {
      const found = check(asEmbedded(trace, partition));
      if (found !== undefined) return { ...found, message: `partition ${partition.partition}: ${found.message}` };
    }
    return undefined;
  },
});

const ofTheWorld = ({ name, check }: Checker): ServicesChecker => ({
  name,
  check: ({ seed, entries, hash }) =>
    check({
      seed,
      entries,
      steps: [],
      rest: { now: 0, lastStepAt: 0, storeFailure: null, overdue: [], stillRunning: 0, unwell: [], unhandled: [] },
      hash,
    }),
});

export const SERVICES_CHECKERS: readonly ServicesChecker[] = [
  owners,
  whole,
  rows,
  inputs,
  ...[derived, knowing, cooldowns, budgets, leases, confirmed, advised].map(ofEachPartition),
  ofTheWorld(once),
  committed,
  begun,
  placed,
  replaced,
  carried,
  told,
  routed,
  recovered,
  rested,
];

/** What the checkers find in a run, all of it. */
export function servicesViolations(trace: ServicesTrace, checkers = SERVICES_CHECKERS): Violation[] {
  return checkers.flatMap(({ name, check }) => {
    const found = tried(() => check(trace));
    return found === undefined ? [] : [{ checker: name, ...found }];
  });
}

/** A run may be so broken that a checker cannot look at it. */
function tried(check: () => ReturnType<ServicesChecker['check']>): ReturnType<ServicesChecker['check']> {
  try {
    return check();
  } catch (thrown) {
    return { step: 0, message: `it could not look: ${thrown}` };
  }
}
