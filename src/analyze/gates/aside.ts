import { asideOf } from '../../knowledge/trials.ts';
import type { Gate } from './gate.ts';

/** The second evaluator did not confirm this policy: it is set aside until its text changes. */
export const aside: Gate = {
  name: 'set-aside',
  holdsOtherwise: true,
  hold: ({ policy }, { state }) => {
    const row = asideOf(state, policy);
    return row && { reason: row.reason };
  },
};
