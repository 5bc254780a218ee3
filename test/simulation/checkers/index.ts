/** All checkers, in the order in which they look at a run. */
import type { Checker, Trace, Violation } from '../trace.ts';
import { advised } from './advised.ts';
import { budgets } from './budgets.ts';
import { confirmed } from './confirmed.ts';
import { cooldowns } from './cooldowns.ts';
import { derived } from './derived.ts';
import { durable } from './durable.ts';
import { knowing } from './knowing.ts';
import { leases } from './leases.ts';
import { once } from './once.ts';
import { onwards } from './onwards.ts';
import { recovered } from './recovered.ts';
import { settled } from './settled.ts';

export const CHECKERS: readonly Checker[] = [
  recovered,
  once,
  durable,
  knowing,
  confirmed,
  leases,
  cooldowns,
  budgets,
  advised,
  onwards,
  derived,
  settled,
];

/** What the checkers find in a run, all of it. */
export function violations(trace: Trace): Violation[] {
  return CHECKERS.flatMap(({ name, check }) => {
    const found = check(trace);
    return found === undefined ? [] : [{ checker: name, ...found }];
  });
}
