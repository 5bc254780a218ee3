import { known } from '../../knowledge/turn.ts';
import type { Gate } from './gate.ts';
import { percent } from './show.ts';

/** The readings that the conditions rest on must be sure enough: telemetry that was coalesced on the way makes them less so. */
export const confidence: Gate = {
  name: 'confidence',
  holdsOtherwise: false,
  applies: ({ raising }) => raising.confidence !== undefined,
  hold: ({ policy, symptom: { element } }, turn) => {
    const least = policy.raising.confidence!;
    for (const fact of policy.facts) {
      const reading = turn.reading(element, fact);
      if (reading === undefined || known(reading) === undefined || reading.confidence >= least) continue;
      return { reason: `${fact} is ${percent(reading.confidence)} sure, and ${percent(least)} is asked for` };
    }
    return undefined;
  },
};
