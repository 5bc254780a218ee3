import { formatMs } from '../../duration.ts';
import { isLatched } from '../../knowledge/raising.ts';
import type { Gate } from './gate.ts';

/** A higher level of the same policy is raised, its own `for` included: what the lower one would do is not enough. */
export const level: Gate = {
  name: 'level',
  holdsOtherwise: false,
  applies: ({ raising }) => raising.family !== undefined && raising.family.above.length > 0,
  hold: ({ policy, symptom: { element } }, turn) => {
    for (const name of policy.raising.family!.above) {
      const higher = turn.policy(name, element);
      const symptom = turn.symptom(name, element);
      if (higher === undefined || symptom === undefined || symptom.trueSince === null) continue;
      const raised = symptom.truth === true ? turn.now >= symptom.trueSince + higher.forMs : isLatched(turn.state, symptom.key);
      if (raised) return { reason: `${name} has been raised for ${formatMs(turn.now - symptom.trueSince)}` };
    }
    return undefined;
  },
};
