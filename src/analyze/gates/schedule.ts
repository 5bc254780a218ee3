import { formatMs } from '../../duration.ts';
import type { Gate } from './gate.ts';

/** The policy may act at certain times only. */
export const schedule: Gate = {
  name: 'schedule',
  holdsOtherwise: true,
  applies: ({ pace }) => pace.schedule !== undefined,
  hold: ({ policy }, { now }) => {
    const own = policy.pace.schedule;
    if (own === undefined) return undefined;
    const { open, next, sure } = own.at(now);
    if (open) return undefined;
    if (next === null) return { reason: `${own.text} is closed, and will not open again` };
    return {
      reason: `${own.text} is closed, and ${sure ? 'opens in' : 'does not open for'} ${formatMs(next - now)}`,
      until: next,
    };
  },
};
