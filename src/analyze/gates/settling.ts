import { formatMs } from '../../duration.ts';
import type { Gate } from './gate.ts';

/** The effect of an earlier command on the same thing is still awaited; only a higher priority may act before (exact rule 8). */
export const settling: Gate = {
  name: 'settling',
  holdsOtherwise: false,
  hold: ({ priority, target, command }, { derived, now }) => {
    for (const earlier of derived.inFlight.on(target)) {
      if (earlier.phase !== 'settling' || earlier.resource !== command.resource) continue;
      if (priority > earlier.priority) continue;
      const left = earlier.effectBy === null ? '' : `; ${formatMs(earlier.effectBy - now)} left`;
      return {
        reason: `the effect of ${earlier.key} (${earlier.policy}) is awaited${left}`,
        ...(earlier.effectBy === null ? {} : { until: earlier.effectBy }),
      };
    }
    return undefined;
  },
};
