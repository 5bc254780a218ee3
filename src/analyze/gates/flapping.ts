import { changesOf } from '../flapping.ts';
import type { Gate } from './gate.ts';
import { percent } from './show.ts';

/** The symptom comes and goes too often for acting on it to help. */
export const flapping: Gate = {
  name: 'flapping',
  holdsOtherwise: false,
  applies: ({ raising }) => raising.flapping !== undefined,
  hold: ({ policy, symptom }, { state }) => {
    const row = state.flaps.get(symptom.key);
    if (row?.flapping !== true) return undefined;
    const { history, low, high } = policy.raising.flapping!;
    const share = percent(changesOf(row.states) / (history - 1));
    return {
      reason: `it changed in ${share} of its last ${history} judgements: over ${percent(high)} it flaps, until it is under ${percent(low)}`,
    };
  },
};
