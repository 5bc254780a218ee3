/** Budgets: caps on what may be done. What is in flight and what was accepted before in this step counts. */
import { isNamed } from '../analyze/families.ts';
import type { BudgetDocument } from '../documents/manager.ts';
import { durationMs, formatMs } from '../duration.ts';
import type { Turn } from '../knowledge/turn.ts';
import { directionOf } from './direction.ts';
import type { Proposal } from './propose.ts';
import type { Accepted, Loss } from './verdict.ts';

/** The budgets that a proposal draws on. */
export const budgetsOf = (turn: Turn, proposal: Proposal): readonly BudgetDocument[] => {
  const { candidate } = proposal;
  return turn.blueprint.budgets.filter(({ scope = {}, version }) => {
    const { type, labels } = turn.state.elements.get(candidate.target)?.document ?? {};
    return (
      (scope.type === undefined || scope.type === type) &&
      (scope.direction === undefined || scope.direction === directionOf(proposal, turn)) &&
      Object.entries(scope.labels ?? {}).every(([name, value]) => labels?.[name] === value) &&
      (scope.command === undefined || scope.command === candidate.command.name) &&
      (scope.policy === undefined || isNamed(candidate.policy, scope.policy)) &&
      (version === undefined || version === candidate.policy.source.version) &&
      (scope.concern === undefined || scope.concern === candidate.policy.concern)
    );
  });
};

/** What draws on budgets in this step. */
export type Drawing = Pick<Accepted, 'proposal' | 'budgets'>;

/** The first budget that has no room for a proposal. `paid`: on which the command that it would merge into draws already. */
export function overBudget(turn: Turn, proposal: Proposal, accepted: readonly Drawing[], paid: readonly string[] = []): Loss | undefined {
  for (const budget of budgetsOf(turn, proposal)) {
    if (paid.includes(budget.name)) continue;
    const lost = (reason: string, until?: number): Loss => ({
      proposal,
      rule: 'budget',
      winner: budget.name,
      reason,
      ...(until === undefined ? {} : { until }),
    });
    const now = accepted.filter((a) => a.budgets.includes(budget.name));
    if (budget.commands !== undefined) {
      const perMs = budget.per === undefined ? null : durationMs(budget.per);
      const spent = (turn.state.budgets.get(budget.name)?.spent ?? []).filter((time) => perMs === null || time > turn.now - perMs);
      if (spent.length + now.length >= budget.commands) {
        const per = perMs === null ? '' : ` in ${formatMs(perMs)}`;
        const until = perMs === null || spent[0] === undefined ? undefined : spent[0] + perMs;
        return lost(`${budget.name}: ${spent.length + now.length} of ${budget.commands} commands${per} are spent`, until);
      }
    }
    if (budget.share === undefined) continue;
    const hold = overShare(turn, budget, budget.share, proposal, now);
    if (hold !== undefined) return lost(hold);
  }
  return undefined;
}

/** The share of a type's elements that may be acted on at once: rounded down, at least one (exact rule 10). */
function overShare(
  turn: Turn,
  budget: BudgetDocument,
  share: number,
  { candidate }: Proposal,
  accepted: readonly Drawing[],
): string | undefined {
  const type = budget.scope?.type ?? turn.state.elements.get(candidate.target)?.document.type;
  let all = 0;
  for (const element of turn.state.elements.rows()) if (element.document.type === type) all++;
  const allowed = Math.max(1, Math.floor(share * all));
  const busy = new Set(accepted.map((a) => a.proposal.candidate.target));
  for (const row of turn.state.commands.rows()) if (row.budgets.includes(budget.name)) busy.add(row.element);
  return !busy.has(candidate.target) && busy.size >= allowed
    ? `${budget.name}: ${busy.size} of ${allowed} elements at once are being acted on`
    : undefined;
}
