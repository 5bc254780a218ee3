import { formatMs } from '../../duration.ts';
import { lastMove, ofPolicy } from '../../knowledge/moves.ts';
import { modeOf } from '../../knowledge/tunings.ts';
import type { Gate } from './gate.ts';

/**
 * After a command a policy rests on that element. Without a cooldown a raise commits each action once, and then waits
 * until the conditions have been false (exact rule 3). One by direction or target is asked when the values are settled: see plan/limits.
 */
export const cooldown: Gate = {
  name: 'cooldown',
  holdsOtherwise: false,
  hold: ({ policy, symptom, action, spending }, turn) => {
    const { state, now } = turn;
    const { cooldownMs, pace } = policy;
    // A remedy that did not help has had its time: the next one need not wait.
    if (symptom.trying?.atOnce === true) return undefined;
    if (cooldownMs === null && pace.cooldown === undefined) {
      return spending.committed.includes(action.index)
        ? { reason: 'done once since it was raised; it has no cooldown to repeat it' }
        : undefined;
    }
    // An edit may have made one kind of the other: what has begun to run runs on (exact rule 10).
    const last =
      cooldownMs === null
        ? null
        : lastMove(state, ofPolicy(modeOf(turn, policy) === 'observe' ? 'observed' : 'acted', policy.name, symptom.element));
    const until = Math.max(spending.cooldownUntil ?? 0, last === null ? 0 : last + cooldownMs!);
    const of = cooldownMs === null ? '' : ` of ${formatMs(cooldownMs)}`;
    return now < until ? { reason: `${formatMs(until - now)}${of} left`, until } : undefined;
  },
};
