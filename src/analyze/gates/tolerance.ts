import { lookupFor } from '../../knowledge/tunings.ts';
import type { Gate } from './gate.ts';
import { inUnit, percent } from './show.ts';

/** Near enough to its target nothing is done: |x − target| ≤ share · |target|, or ≤ within (the tolerance of the Kubernetes autoscaler). */
export const tolerance: Gate = {
  name: 'tolerance',
  holdsOtherwise: false,
  applies: ({ raising }) => raising.tolerance !== undefined,
  hold: ({ policy, symptom: { element } }, turn) => {
    const { fact, target: aim, share, within } = policy.raising.tolerance!;
    const x = turn.fact(element, fact);
    const target = typeof aim === 'number' ? aim : lookupFor(turn, policy, element)(aim.fact);
    if (typeof x !== 'number') return { reason: `${fact} is unknown, and so is whether it is near its target` };
    if (typeof target !== 'number') return { reason: `the target ${(aim as { fact: string }).fact} is unknown` };
    const allowed = within ?? share! * Math.abs(target);
    const away = Math.abs(x - target);
    if (away > allowed) return undefined;
    const show = (value: number): string => inUnit(turn, element, fact, value);
    const limit = share === undefined ? show(allowed) : `${percent(share)} (${show(allowed)})`;
    return { reason: `${fact} ${show(x)} is within ${limit} of its target ${show(target)} (${show(away)} away)` };
  },
};
