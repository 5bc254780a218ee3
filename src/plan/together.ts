/** All-or-nothing plans: where a policy says `together`, all of its actions for one symptom are carried out, or none. */
import type { Hold } from '../analyze/gates/gate.ts';
import type { Action, Policy } from '../knowledge/blueprint.ts';
import type { Proposal } from './propose.ts';

/** Why an action that nothing else holds back must wait for the others of its policy; undefined: all may go on. What is there already holds nobody. */
export function heldTogether(policy: Policy, actions: readonly Action[], outcomes: readonly (Proposal | Hold)[]): Hold | undefined {
  if (!policy.arbitration.together) return undefined;
  for (const [i, outcome] of outcomes.entries()) {
    if (!('gate' in outcome) || outcome.gate === 'unchanged') continue;
    return {
      gate: 'together',
      reason: `all or none, and its ${actions[i]?.command} is held back by ${outcome.gate}: ${outcome.reason}`,
    };
  }
  return undefined;
}

/** What is decided as a whole: the proposals of one symptom whose policy says so, in the place of the first; every other by itself. */
export function unitsOf<B extends { readonly proposal: Proposal }>(bids: readonly B[]): B[][] {
  const units: B[][] = [];
  const bySymptom = new Map<string, B[]>();
  for (const bid of bids) {
    const { policy, symptom, otherwise } = bid.proposal.candidate;
    const whole = policy.arbitration.together && !otherwise;
    const unit = whole ? bySymptom.get(symptom.key) : undefined;
    if (unit !== undefined) {
      unit.push(bid);
      continue;
    }
    const first = [bid];
    units.push(first);
    if (whole) bySymptom.set(symptom.key, first);
  }
  return units;
}
