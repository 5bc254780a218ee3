import { formatMs } from '../../duration.ts';
import type { Gate } from './gate.ts';

/**
 * After a command a policy rests on that element. Without a cooldown a raise commits each action once, and then waits
 * until the conditions have been false (exact rule 3).
 */
export const cooldown: Gate = {
  name: 'cooldown',
  holdsOtherwise: false,
  hold: ({ policy, symptom, action, spending }, { now }) => {
    // A remedy that did not help has had its time: the next one need not wait.
    if (symptom.trying?.atOnce === true) return undefined;
    if (policy.cooldownMs === null) {
      return spending.committed.includes(action.index)
        ? { reason: 'done once since it was raised; it has no cooldown to repeat it' }
        : undefined;
    }
    const until = spending.cooldownUntil;
    return until !== null && now < until ? { reason: `${formatMs(until - now)} of ${formatMs(policy.cooldownMs)} left`, until } : undefined;
  },
};
