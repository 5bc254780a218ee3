import { factsFor } from '../absences.ts';
import { whatIsMissing } from '../latches.ts';
import type { Gate } from './gate.ts';

/** A latch keeps a symptom raised while its conditions are unknown; it does nothing until they are known. */
export const unknown: Gate = {
  name: 'unknown',
  holdsOtherwise: false,
  applies: ({ raising }) => raising.latch !== undefined,
  hold: ({ policy, symptom }, turn) => {
    const missing = whatIsMissing(policy, symptom, factsFor(turn, policy, symptom.element));
    return missing === undefined ? undefined : { reason: `it is not known ${missing}` };
  },
};
