/**
 * Arbitration: one greedy pass over the proposals of a step, in a total and stated order. Each is tested against those accepted before it
 * and the commands in flight, which are never pre-empted, then against the budgets. Losers are recorded with their winner.
 */
import type { Turn } from '../knowledge/turn.ts';
import { budgetsOf, overBudget } from './budgets.ts';
import type { Proposal } from './propose.ts';
import { conflict, Rivals } from './rivals.ts';
import { inOrder } from './total-order.ts';
import type { Accepted, Loss, Verdict } from './verdict.ts';

/** `before`: accepted in an earlier pass of the same step, so that what only observes is judged against what acts. */
export function arbitrate(turn: Turn, proposals: readonly Proposal[], before: readonly Accepted[] = []): Verdict {
  const accepted: Accepted[] = [];
  const losses: Loss[] = [];
  const rivals = new Rivals(turn, before);
  for (const proposal of [...proposals].sort(inOrder)) {
    const loss = conflict(proposal, rivals.of(proposal.candidate.target)) ?? overBudget(turn, proposal, [...before, ...accepted]);
    if (loss !== undefined) {
      losses.push(loss);
      continue;
    }
    accepted.push({ proposal, budgets: budgetsOf(turn, proposal).map((budget) => budget.name) });
    rivals.add(proposal);
  }
  return { accepted, losses };
}
