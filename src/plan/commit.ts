/** What a plan takes when it is committed: the command's lease, the cooldown, the budgets. */
import { missingData, missingText } from '../analyze/absences.ts';
import type { Candidate } from '../analyze/gates/gate.ts';
import { latchText } from '../analyze/latches.ts';
import { noteMoves } from '../analyze/oscillation.ts';
import { begin } from '../analyze/remedies.ts';
import { factsNow } from '../analyze/symptoms.ts';
import type { CommandRow, Contributor, Spending } from '../knowledge/state.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Command } from '../messages.ts';
import { takeApproval } from './advice.ts';
import { movedBy } from './moved.ts';
import { noteMove } from './pacing.ts';
import type { Proposal } from './propose.ts';
import type { Accepted } from './verdict.ts';

export class Commit {
  readonly commands: Command[] = [];
  readonly #turn: Turn;
  readonly #ids = new Map<Proposal, string>();

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  idOf(proposal: Proposal): string {
    return this.#ids.get(proposal)!;
  }

  /** Makes an accepted proposal a command; with this step it counts as attempted. */
  act({ proposal, budgets, serves, merged, grant }: Accepted): void {
    const turn = this.#turn;
    const { candidate, params, pulls } = proposal;
    const { policy, symptom, action, target, command, priority, repeats } = candidate;
    const otherwise = candidate.otherwise && !repeats;
    const id = `${turn.blueprint.setup.domain}.${turn.step}.${this.commands.length}`;
    for (const served of serves) this.#ids.set(served, id);
    const row: CommandRow = {
      key: id,
      term: turn.state.position.term,
      policy: policy.name,
      origin: symptom.element,
      element: target,
      command: command.name,
      resource: command.resource,
      actuator: command.actuator,
      operation: command.operation,
      params: { ...params },
      priority,
      issuedAt: turn.now,
      deadlineAt: turn.now + command.deadlineMs,
      phase: 'sent',
      succeededAt: null,
      effectBy: null,
      pulls: { ...pulls },
      opposes: [...(command.opposes ?? [])],
      action: action.index,
      budgets: [...budgets],
      otherwise,
      while: action.while,
      before: (command.property === undefined ? undefined : turn.fact(target, command.property)) ?? null,
      ...(merged.length === 0 ? {} : { merged: merged.map(contributor) }),
    };
    const approval = takeApproval(turn, serves.find((p) => p.candidate === candidate) ?? proposal);
    if (approval !== undefined) row.approvedBy = approval.approvedBy;
    turn.state.commands.put(row);
    turn.derived.inFlight.add(row);
    this.commands.push(commandOf(row));
    for (const name of budgets) this.#draw(name);
    for (const served of serves) {
      spendFor(turn, served);
      tryFor(turn, served, id);
    }
    noteMove(turn, proposal, serves, 'acted', id);
    turn.state.symptoms.touch(symptom);
    turn.note(
      'command',
      `${command.name} ${describe(params)} on ${target}, for ${policy.name}${missingText(turn, policy, symptom.element)}${others(proposal, merged)}`,
      { policy: policy.name, element: target, command: id },
      {
        origin: symptom.element,
        command: command.name,
        params,
        actuator: command.actuator,
        deadlineAt: row.deadlineAt,
        priority,
        version: policy.source.version,
        facts: factsNow(turn, policy, symptom.element),
        ...missingData(turn, policy, symptom.element),
        budgets,
        otherwise,
        ...approval,
        ...latched(turn, candidate),
        ...(repeats ? { again: true } : {}),
        ...(merged.length === 0 ? {} : { merged: merged.map((p) => ({ ...told(p), ...takeApproval(turn, p) })) }),
        ...(grant && { grant }),
      },
    );
    noteMoves(turn, target, movedBy(proposal, turn), policy.name, id);
  }

  /** Says what would have been done. It spends only what observing keeps for itself. */
  observe({ proposal, serves, merged, grant }: Accepted): void {
    const turn = this.#turn;
    for (const served of serves) spendFor(turn, served);
    noteMove(turn, proposal, serves, 'observed', null);
    // Merged into what acts it would be issued for another policy; it is told for the first that observes.
    const { candidate } = serves.find((p) => p.candidate === proposal.candidate) ?? serves[0]!;
    const { policy, symptom, target, command } = candidate;
    turn.note(
      'would',
      `would ${command.name} ${describe(proposal.params)} on ${target}, for ${policy.name}${missingText(turn, policy, symptom.element)}${others({ ...proposal, candidate }, merged)}`,
      { policy: policy.name, element: target },
      {
        origin: symptom.element,
        command: command.name,
        params: proposal.params,
        priority: policy.priority,
        version: policy.source.version,
        facts: factsNow(turn, policy, symptom.element),
        ...missingData(turn, policy, symptom.element),
        ...latched(turn, candidate),
        ...(merged.length === 0 ? {} : { merged: merged.map(told) }),
        ...(grant && { grant }),
      },
    );
  }

  #draw(budget: string): void {
    const { state, now, blueprint } = this.#turn;
    const row = state.budgets.get(budget) ?? state.budgets.put({ key: budget, spent: [] });
    row.spent.push(now);
    // Only as many moments can matter as the budget has commands.
    const keep = Math.max(1, ...blueprint.budgets.map(({ name, commands = 0 }) => (name === budget ? commands : 0)));
    while (row.spent.length > keep) row.spent.shift();
    state.budgets.touch(row);
  }
}

/** That it was not the conditions that asked for it, but the latch that keeps their symptom raised. */
function latched(turn: Turn, { policy, symptom, otherwise }: Candidate): { readonly latched?: string } {
  const text = otherwise ? undefined : latchText(turn.state, policy, symptom, turn.now);
  return text === undefined ? {} : { latched: text };
}

function spendFor(turn: Turn, { candidate }: Proposal): void {
  const { policy, symptom, action, spending, otherwise, repeats } = candidate;
  if (!otherwise || repeats) spend(turn, spending, action.index, policy.cooldownMs);
  turn.state.symptoms.touch(symptom);
}

/** What a command tries for a policy with remedies. */
function tryFor(turn: Turn, { candidate }: Proposal, id: string): void {
  const { policy, symptom, action, otherwise, repeats } = candidate;
  if (!otherwise || repeats) begin(turn, policy, symptom, action.index, id);
}

const contributor = ({ candidate }: Proposal): Contributor => ({
  policy: candidate.policy.name,
  origin: candidate.symptom.element,
  action: candidate.action.index,
  otherwise: candidate.otherwise && !candidate.repeats,
});

/** What a policy wanted of a command that serves several. */
const told = (proposal: Proposal): Readonly<Record<string, unknown>> => ({ ...contributor(proposal), wanted: proposal.params });

/** The policies beside its own that a command serves. */
function others({ candidate }: Proposal, merged: readonly Proposal[]): string {
  const names = [...new Set(merged.map((p) => p.candidate.policy.name))].filter((name) => name !== candidate.policy.name);
  return names.length === 0 ? '' : `, merged with ${names.join(', ')}`;
}

/** A cooldown starts at the commit, whatever the outcome (exact rule 3). */
function spend(turn: Turn, spending: Spending, action: number, cooldownMs: number | null): void {
  if (!spending.committed.includes(action)) spending.committed.push(action);
  if (cooldownMs !== null) spending.cooldownUntil = turn.now + cooldownMs;
}

export const commandOf = (row: CommandRow): Command => ({
  id: row.key,
  term: row.term,
  policy: row.policy,
  element: row.element,
  command: row.command,
  resource: row.resource,
  params: { ...row.params },
  actuator: row.actuator,
  issuedAt: row.issuedAt,
  deadlineAt: row.deadlineAt,
});

const describe = (params: Readonly<Record<string, unknown>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
