import { formatMs } from '../../duration.ts';
import type { Gate } from './gate.ts';

/** The conditions must have been true for a time without a break; passes at ≥ (exact rule 4). */
export const forGate: Gate = {
  name: 'for',
  holdsOtherwise: false,
  hold: ({ policy, symptom }, { now }) => {
    const since = symptom.trueSince ?? now;
    const left = since + policy.forMs - now;
    return left > 0 ? { reason: `true for ${formatMs(now - since)} of ${formatMs(policy.forMs)}`, until: since + policy.forMs } : undefined;
  },
};
