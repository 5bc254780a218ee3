import type { Gate } from './gate.ts';

/** Commands without the expected effect have stopped the policy here, until a person resumes it. */
export const breaker: Gate = {
  name: 'breaker',
  holdsOtherwise: false,
  hold: ({ symptom }) =>
    symptom.broken
      ? { reason: `open after ${symptom.misses} commands without the expected effect; resume it when the cause is gone` }
      : undefined,
};
