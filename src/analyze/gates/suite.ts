import { formatMs } from '../../duration.ts';
import type { Gate } from './gate.ts';

/** A policy has switched the suite off that this one belongs to. */
export const suite: Gate = {
  name: 'suite',
  holdsOtherwise: true,
  applies: ({ means }) => means.suite !== undefined,
  hold: ({ policy }, { state, now }) => {
    const set = state.tunings.get(`suite\t${policy.means.suite}`)?.layers.at(-1);
    if (set === undefined || set.value !== false) return undefined;
    return { reason: `the suite ${policy.means.suite} is off, since ${formatMs(now - set.since)} by ${set.policy} on ${set.element}` };
  },
};
