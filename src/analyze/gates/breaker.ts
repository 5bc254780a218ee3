import { formatMs } from '../../duration.ts';
import type { Gate } from './gate.ts';

/** Commands without the expected effect have stopped the policy here, until a person resumes it or, if it says so, one command helps again. */
export const breaker: Gate = {
  name: 'breaker',
  holdsOtherwise: false,
  hold: ({ policy, symptom }, { state, now }) => {
    if (!symptom.broken) return undefined;
    const open = `open after ${symptom.misses} commands without the expected effect`;
    const row = state.breakers.get(symptom.key);
    const { probeAfterMs } = policy.pace;
    if (row === undefined || probeAfterMs === null) return { reason: `${open}; resume it when the cause is gone` };
    if (row.trial !== null && state.commands.get(row.trial) !== undefined)
      return { reason: `half open: whether ${row.trial} helps is awaited` };
    const until = row.openedAt + probeAfterMs;
    return now < until ? { reason: `${open}; one command is let through in ${formatMs(until - now)}`, until } : undefined;
  },
};
