import type { Gate } from './gate.ts';

/** `advise` waits for a person. What only observes passes here, and is arbitrated apart, after all that acts. */
export const mode: Gate = {
  name: 'mode',
  holdsOtherwise: true,
  hold: ({ policy }) => (policy.mode === 'advise' ? { reason: 'advise: a person decides' } : undefined),
};
