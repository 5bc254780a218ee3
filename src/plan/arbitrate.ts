/**
 * Arbitration: one greedy pass over the proposals of a step, in a total and stated order. Each is tested against those accepted before it
 * and the commands in flight, which are never pre-empted, then against the budgets. Losers are recorded with their winner.
 *
 *   pools are divided → all-or-nothing plans are put together → what others depend on comes before them → the pass
 */
import type { Turn } from '../knowledge/turn.ts';
import { Order } from './order.ts';
import { Pass } from './pass.ts';
import { dividePools } from './pool.ts';
import type { Proposal } from './propose.ts';
import { Rivals } from './rivals.ts';
import { unitsOf } from './together.ts';
import { inOrder } from './total-order.ts';
import type { Accepted, Verdict } from './verdict.ts';

/**
 * `before`: accepted in an earlier pass of the same step, so that what only observes is judged against what acts. `content`: what asks that a number
 * stays as it is, which counts where numbers are merged.
 */
export function arbitrate(
  turn: Turn,
  proposals: readonly Proposal[],
  before: readonly Accepted[] = [],
  content: readonly Proposal[] = [],
): Verdict {
  // In most steps nobody proposes anything.
  if (proposals.length === 0) return { accepted: [], losses: [] };
  const rivals = new Rivals(turn, before);
  const order = new Order(turn);
  const { bids, losses } = dividePools(turn, [...proposals].sort(inOrder), before, rivals);
  const pass = new Pass(turn, rivals, order, before, content);
  for (const unit of order.sequence(unitsOf(bids))) pass.decide(unit);
  const verdict = pass.verdict();
  // Who lost in the pass got no part either.
  const lost = new Set(verdict.losses.map((loss) => loss.proposal));
  const ofPools = losses.filter((loss) => loss.partly === undefined || !lost.has(loss.proposal));
  return { accepted: verdict.accepted, losses: [...ofPools, ...verdict.losses] };
}
