import { formatMs } from '../../duration.ts';
import { type Past, pastIn, proposedKey } from '../../knowledge/proposed.ts';
import { moveOf } from '../direction.ts';
import { type Limit, number, withTo } from './limit.ts';

/**
 * The most cautious of the recent proposals, by direction: one that would raise the value goes no further than the smallest of them, one that would
 * lower it no further than the largest, and neither past the value as it is.
 * Source: the Kubernetes horizontal autoscaler, `behavior.*.stabilizationWindowSeconds` (KEP-853).
 */
export const stabilise: Limit = {
  name: 'stabilise',
  holdsOtherwise: false,
  uses: ({ pace }) => pace.stabilise !== undefined,
  limit: (proposal, turn) => {
    const { policy, symptom, action } = proposal.candidate;
    const move = moveOf(proposal, turn);
    if (move === undefined || move.to === move.from) return proposal;
    const direction = move.to > move.from ? 'up' : 'down';
    const window = policy.pace.stabilise?.[direction];
    if (window === undefined) return proposal;
    const past = pastIn(turn.state.proposed.get(proposedKey(policy.name, symptom.element, action.index)), turn.now, window.overMs);
    const chosen = window.take === 'min' ? Math.min(move.to, ...past.map((p) => p.low)) : Math.max(move.to, ...past.map((p) => p.high));
    const to = direction === 'up' ? Math.max(chosen, move.from) : Math.min(chosen, move.from);
    if (to !== move.from) return withTo(proposal, to);
    const holds = (p: Past) => (direction === 'up' ? p.low <= move.from : p.high >= move.from);
    const until = Math.max(...past.filter(holds).map(({ end }) => (end ?? turn.now) + window.overMs));
    const extreme = window.take === 'min' ? 'smallest' : 'largest';
    return {
      reason: `${number(move.to)} is proposed, and the ${extreme} proposal of the last ${formatMs(window.overMs)} is ${number(chosen)}; it is ${number(move.from)} now`,
      until,
    };
  },
};
