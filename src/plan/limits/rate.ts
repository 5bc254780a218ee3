import { formatMs } from '../../duration.ts';
import { movesIn } from '../../knowledge/moves.ts';
import type { Allowance, Direction } from '../../knowledge/pace.ts';
import { modeOf } from '../../knowledge/tunings.ts';
import type { Turn } from '../../knowledge/turn.ts';
import { moveOf } from '../direction.ts';
import type { Proposal } from '../propose.ts';
import { targetKeys } from './cooldown.ts';
import { type Limit, number, withTo } from './limit.ts';

/**
 * How far the value may be from what it was at the beginning of a period: by a number, or in percent of that value. What was done to the target in
 * the period counts, whichever policy asked for it.
 * Source: the Kubernetes horizontal autoscaler, `behavior.*.policies` and `selectPolicy` (KEP-853).
 */
export const rate: Limit = {
  name: 'rate',
  holdsOtherwise: true,
  uses: ({ pace }) => pace.rate !== undefined,
  limit: (proposal, turn) => {
    const { policy, target, command } = proposal.candidate;
    const own = policy.pace.rate;
    const move = moveOf(proposal, turn);
    if (own === undefined || move === undefined || move.to === move.from) return proposal;
    const direction = move.to > move.from ? 'up' : 'down';
    const allowances = own[direction];
    if (allowances === undefined) return proposal;
    const whole = Number.isInteger(move.from) && Number.isInteger(move.to);
    const keys = targetKeys(modeOf(turn, policy) !== 'observe', target, command.resource);
    const bounds = allowances.map((allowance) =>
      boundOf(allowance, direction, move.from, whole, movesIn(turn.state, keys, turn.now, allowance.perMs)),
    );
    // Upwards the highest bound allows most, downwards the lowest.
    const pick = (own.select === 'max') === (direction === 'up') ? Math.max : Math.min;
    const bound = pick(...bounds);
    if (direction === 'up' ? bound >= move.to : bound <= move.to) return proposal;
    if (direction === 'up' ? bound > move.from : bound < move.from) return withTo(proposal, bound);
    return held(proposal, turn, allowances[bounds.indexOf(bound)]!, allowances, keys, move.from, direction);
  },
};

/** How far it may go. Shares of whole numbers are rounded outwards, or one of few could never move. */
function boundOf(
  { by, percent }: Allowance,
  direction: Direction,
  from: number,
  whole: boolean,
  moves: readonly (readonly [number, number])[],
): number {
  const start = exact(from - moves.reduce((sum, [, delta]) => sum + delta, 0));
  const most = by ?? exact((Math.abs(start) * percent!) / 100);
  const bound = exact(direction === 'up' ? start + most : start - most);
  if (by !== null || !whole) return bound;
  return direction === 'up' ? Math.ceil(bound) : Math.floor(bound);
}

function held(
  { candidate }: Proposal,
  turn: Turn,
  { by, percent, perMs }: Allowance,
  allowances: readonly Allowance[],
  keys: readonly string[],
  from: number,
  direction: Direction,
) {
  const moved = movesIn(turn.state, keys, turn.now, perMs).reduce((sum, [, delta]) => sum + delta, 0);
  // Each move that leaves its period may make room.
  const leaves = allowances.flatMap((a) => movesIn(turn.state, keys, turn.now, a.perMs).map(([time]) => time + a.perMs));
  const allowed = by === null ? `${percent} %` : `${by}`;
  return {
    reason: `${candidate.target} ${candidate.command.resource} is ${number(from)}, moved by ${number(moved)} in the last ${formatMs(perMs)}, and ${allowed} ${direction} is allowed`,
    ...(leaves.length === 0 ? {} : { until: Math.min(...leaves) }),
  };
}

/** Without the dust of binary fractions, which would let a spent rate pass by a billionth. */
const exact = (x: number): number => Number(x.toPrecision(12));
