/** What may not be together, said anew and plainly: the oracle knows nothing of how the pass is made. */
import type { CommandRow } from '../../src/knowledge/state.ts';
import type { Turn } from '../../src/knowledge/turn.ts';
import type { Proposal } from '../../src/plan/propose.ts';
import type { Accepted } from '../../src/plan/verdict.ts';

export const policyOf = (p: Proposal) => p.candidate.policy.name;
export const targetOf = (p: Proposal) => p.candidate.target;
export const nameOf = (p: Proposal) => `${policyOf(p)} ${targetOf(p)} ${p.candidate.action.index}`;

const key = (p: Proposal) => {
  const { policy, symptom, action, priority } = p.candidate;
  return [-priority, -p.serviceWeight, symptom.trueSince!, policy.name, symptom.element, action.index] as const;
};
/** The total order, part by part. */
export function precedes(a: Proposal, b: Proposal): boolean {
  const [x, y] = [key(a), key(b)];
  const differing = x.findIndex((part, i) => part !== y[i]);
  return differing >= 0 && x[differing]! < y[differing]!;
}

const apart = (a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) =>
  Object.keys(a).some((property) => a[property]! * (b[property] ?? 0) < 0);

/** By which rules two proposals of one step exclude each other. */
export function between(a: Proposal, b: Proposal): string[] {
  if (targetOf(a) !== targetOf(b)) return [];
  const [x, y] = [a.candidate.command, b.candidate.command];
  return [
    ...(x.resource === y.resource ? ['resource'] : []),
    ...(apart(a.pulls, b.pulls) ? ['opposite'] : []),
    ...(x.opposes?.includes(y.name) || y.opposes?.includes(x.name) ? ['opposed'] : []),
  ];
}

/** By which rules a command in flight excludes a proposal. */
export function against(p: Proposal, row: CommandRow): string[] {
  if (row.element !== targetOf(p)) return [];
  const awaited = row.phase === 'settling';
  if (awaited && p.candidate.priority > row.priority) return [];
  const { resource, opposes, name } = p.candidate.command;
  return [
    ...(row.resource === resource && !awaited ? ['lease'] : []),
    ...(apart(p.pulls, row.pulls) ? ['opposite'] : []),
    ...(row.opposes.includes(name) || opposes?.includes(row.command) ? ['opposed'] : []),
  ];
}

/** Whether an element depends on another, over any number of others. */
export function depends(turn: Turn, on: string, below: string): boolean {
  const direct = turn.state.elements.get(on)?.document.relations?.dependsOn ?? [];
  return direct.includes(below) || direct.some((next) => depends(turn, next, below));
}

export const budgetsOf = (turn: Turn, p: Proposal) =>
  turn.blueprint.budgets.filter(
    ({ scope }) =>
      (scope?.command === undefined || scope.command === p.candidate.command.name) &&
      (scope?.policy === undefined || scope.policy === policyOf(p)),
  );

/** All reasons why a proposal cannot be added to what is accepted: `rule winner`. */
export function obstacles(
  turn: Turn,
  p: Proposal,
  accepted: readonly Pick<Accepted, 'proposal' | 'serves'>[],
  whole: readonly Proposal[] = [],
): string[] {
  const found: string[] = [];
  for (const row of turn.state.commands.rows()) {
    found.push(...against(p, row).map((rule) => `${rule} ${row.key}`));
    if (row.phase === 'sent' && depends(turn, targetOf(p), row.element)) found.push(`order ${row.key}`);
  }
  for (const { proposal, serves } of accepted) {
    found.push(...between(p, proposal).map((rule) => `${rule} ${policyOf(proposal)}`));
    const related = depends(turn, targetOf(p), targetOf(proposal)) || depends(turn, targetOf(proposal), targetOf(p));
    if (related && !whole.some((other) => serves.includes(other))) found.push(`order ${policyOf(proposal)}`);
  }
  for (const { name, commands } of budgetsOf(turn, p)) {
    const drawn = accepted.filter(({ serves }) => serves.some((other) => budgetsOf(turn, other).some((budget) => budget.name === name)));
    if (drawn.length >= commands!) found.push(`budget ${name}`);
  }
  return found;
}
