/**
 * Arbitration: one greedy pass over the proposals of a step, in a total and stated order. Each is tested against those accepted before it
 * and the commands in flight, which are never pre-empted, then against the budgets. Losers are recorded with their winner.
 */
import type { BudgetDocument } from '../documents/manager.ts';
import { durationMs, formatMs } from '../duration.ts';
import type { CommandRow } from '../knowledge/state.ts';
import { byKey } from '../knowledge/table.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Proposal } from './propose.ts';

/** A proposal that lost: to whom, and by which rule. */
export interface Loss {
  readonly proposal: Proposal;
  readonly rule: 'lease' | 'resource' | 'opposite' | 'opposed' | 'budget';
  /** The command id, policy or budget that won. */
  readonly winner: string;
  readonly reason: string;
  readonly until?: number;
}

export interface Accepted {
  readonly proposal: Proposal;
  /** Budgets that it draws on. */
  readonly budgets: readonly string[];
}

export interface Verdict {
  readonly accepted: readonly Accepted[];
  readonly losses: readonly Loss[];
}

/** Priority, service class, age of the symptom, policy, element, index of the action: no two proposals are equal in all. */
export function inOrder(a: Proposal, b: Proposal): number {
  const [x, y] = [a.candidate, b.candidate];
  return (
    y.policy.priority - x.policy.priority ||
    b.serviceWeight - a.serviceWeight ||
    (x.symptom.trueSince ?? Number.MAX_SAFE_INTEGER) - (y.symptom.trueSince ?? Number.MAX_SAFE_INTEGER) ||
    byKey(x.policy.name, y.policy.name) ||
    byKey(x.symptom.element, y.symptom.element) ||
    x.action.index - y.action.index
  );
}

/** What may stand in a proposal's way. */
interface Rival {
  readonly label: string;
  readonly resource: string;
  readonly command: string;
  readonly pulls: Readonly<Record<string, 1 | -1>>;
  readonly opposes: readonly string[];
  readonly lease: boolean;
  readonly until: number | null;
  /** A command whose effect is awaited gives way to a higher priority than this. */
  readonly yieldsAbove: number | null;
}

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

/** Rivals by the element they act on: commands in flight first, then what was accepted in this step. */
class Rivals {
  readonly #turn: Turn;
  readonly #byElement = new Map<string, Rival[]>();

  constructor(turn: Turn, before: readonly Accepted[]) {
    this.#turn = turn;
    for (const { proposal } of before) this.add(proposal);
  }

  of(element: string): readonly Rival[] {
    let rivals = this.#byElement.get(element);
    if (rivals === undefined) {
      rivals = this.#turn.derived.inFlight.on(element).map(inFlight);
      this.#byElement.set(element, rivals);
    }
    return rivals;
  }

  add(proposal: Proposal): void {
    (this.of(proposal.candidate.target) as Rival[]).push(rivalOf(proposal));
  }
}

function inFlight(row: CommandRow): Rival {
  const sent = row.phase === 'sent';
  return {
    label: row.key,
    resource: row.resource,
    command: row.command,
    pulls: row.pulls,
    opposes: row.opposes,
    lease: true,
    until: sent ? row.deadlineAt : row.effectBy,
    yieldsAbove: sent ? null : row.priority,
  };
}

const rivalOf = ({ candidate, pulls }: Proposal): Rival => ({
  label: candidate.policy.name,
  resource: candidate.command.resource,
  command: candidate.command.name,
  pulls,
  opposes: candidate.command.opposes ?? [],
  lease: false,
  until: null,
  yieldsAbove: null,
});

function conflict(proposal: Proposal, rivals: readonly Rival[]): Loss | undefined {
  const { target, command, policy, otherwise } = proposal.candidate;
  for (const rival of rivals) {
    const awaited = rival.yieldsAbove !== null;
    if (awaited && (policy.priority > rival.yieldsAbove! || otherwise)) continue;
    const lost = (rule: Loss['rule'], reason: string): Loss => ({
      proposal,
      rule,
      winner: rival.label,
      reason,
      ...(rival.until === null ? {} : { until: rival.until }),
    });
    if (rival.resource === command.resource && !awaited) {
      return rival.lease
        ? lost('lease', `${target} ${command.resource} is held by ${rival.label}`)
        : lost('resource', `${rival.label} sets ${target} ${command.resource} too, and comes first`);
    }
    const pulled = Object.keys(proposal.pulls).find((p) => rival.pulls[p] !== undefined && rival.pulls[p] !== proposal.pulls[p]);
    if (pulled !== undefined) return lost('opposite', `${rival.label} pulls ${pulled} the other way`);
    if (rival.opposes.includes(command.name) || command.opposes?.includes(rival.command))
      return lost('opposed', `${rival.command} of ${rival.label} is declared opposed to ${command.name}`);
  }
  return undefined;
}

const budgetsOf = (turn: Turn, { candidate }: Proposal): readonly BudgetDocument[] =>
  turn.blueprint.setup.budgets.filter(({ scope = {} }) => {
    const type = turn.state.elements.get(candidate.target)?.document.type;
    return (
      (scope.type === undefined || scope.type === type) &&
      (scope.command === undefined || scope.command === candidate.command.name) &&
      (scope.policy === undefined || scope.policy === candidate.policy.name) &&
      (scope.concern === undefined || scope.concern === candidate.policy.concern)
    );
  });

function overBudget(turn: Turn, proposal: Proposal, accepted: readonly Accepted[]): Loss | undefined {
  for (const budget of budgetsOf(turn, proposal)) {
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
  accepted: readonly Accepted[],
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
