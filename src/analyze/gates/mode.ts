import { formatMs } from '../../duration.ts';
import { adviceKey } from '../../knowledge/advice.ts';
import { modeOf } from '../../knowledge/tunings.ts';
import type { Gate } from './gate.ts';

/**
 * Of an advising policy: a person has said no, or nobody has said anything, and it is not asked again yet. What is still to be asked passes
 * here, and waits after arbitration. What only observes passes too, and is arbitrated apart, after all that acts.
 */
export const mode: Gate = {
  name: 'mode',
  holdsOtherwise: true,
  hold: ({ policy, symptom, action, otherwise, approvedBy }, turn) => {
    const { state, now } = turn;
    if (modeOf(turn, policy) !== 'advise') return undefined;
    // What a person approved is what the policy does, with all that follows when it does not help.
    if (otherwise) return approvedBy === undefined ? { reason: 'advise: nobody approved the command that this follows' } : undefined;
    const row = state.advice.get(adviceKey(policy.name, symptom.element, action.index));
    if (row?.phase === 'rejected') return { reason: `advise: rejected by ${row.author}, until it is raised anew: ${row.reason}` };
    if (row?.phase !== 'expired') return undefined;
    const again = row.until === null ? 'when it is raised anew' : `in ${formatMs(row.until - now)}`;
    return { reason: `advise: ${row.id} was not answered or not let through in its time; it is asked again ${again}` };
  },
};
