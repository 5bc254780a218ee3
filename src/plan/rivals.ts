/** What may stand in a proposal's way: commands in flight, and proposals that were accepted before it in this step. */
import { EVERYWHERE } from '../compile/index.ts';
import type { CommandRow } from '../knowledge/state.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Proposal } from './propose.ts';
import type { Accepted, Loss } from './verdict.ts';

/** Proposals that are decided as a whole. */
type Unit = object;

export interface Rival {
  readonly label: string;
  readonly element: string;
  readonly resource: string;
  readonly command: string;
  readonly pulls: Readonly<Record<string, 1 | -1>>;
  readonly opposes: readonly string[];
  readonly lease: boolean;
  readonly until: number | null;
  /** A command whose effect is awaited gives way to a higher priority than this. */
  readonly yieldsAbove: number | null;
  /** A word to people changes nothing of the element: nobody waits for it. */
  readonly word: boolean;
  readonly unit?: Unit;
}

/** Rivals by the element they act on: commands in flight first, then what was accepted in this step. */
export class Rivals {
  readonly #turn: Turn;
  readonly #byElement = new Map<string, Rival[]>();

  constructor(turn: Turn, before: readonly Accepted[]) {
    this.#turn = turn;
    for (const { proposal } of before) this.add(rivalOf(proposal));
  }

  of(element: string): readonly Rival[] {
    return this.#of(element);
  }

  add(rival: Rival): void {
    this.#of(rival.element).push(rival);
  }

  remove(rival: Rival): void {
    const rivals = this.#of(rival.element);
    rivals.splice(rivals.indexOf(rival), 1);
  }

  replace(before: Rival, after: Rival): void {
    const rivals = this.#of(before.element);
    rivals[rivals.indexOf(before)] = after;
  }

  #of(element: string): Rival[] {
    let rivals = this.#byElement.get(element);
    if (rivals === undefined) {
      rivals = this.#turn.derived.inFlight.on(element).map(inFlight);
      this.#byElement.set(element, rivals);
    }
    return rivals;
  }
}

function inFlight(row: CommandRow): Rival {
  const sent = row.phase === 'sent';
  return {
    label: row.key,
    element: row.element,
    resource: row.resource,
    command: row.command,
    pulls: row.pulls,
    opposes: row.opposes,
    lease: true,
    until: sent ? row.deadlineAt : row.effectBy,
    yieldsAbove: sent ? null : row.priority,
    word: EVERYWHERE.has(row.command),
  };
}

export const rivalOf = ({ candidate, pulls }: Proposal, unit?: Unit): Rival => ({
  label: candidate.policy.name,
  element: candidate.target,
  resource: candidate.command.resource,
  command: candidate.command.name,
  pulls,
  opposes: candidate.command.opposes ?? [],
  lease: false,
  until: null,
  yieldsAbove: null,
  word: EVERYWHERE.has(candidate.command.name),
  ...(unit === undefined ? {} : { unit }),
});

/** The first rival that a proposal conflicts with, and by which rule. `except`: what it would merge with. */
export function conflict(proposal: Proposal, rivals: readonly Rival[], except?: Rival): Loss | undefined {
  const { target, command, priority, otherwise } = proposal.candidate;
  for (const rival of rivals) {
    const awaited = rival.yieldsAbove !== null;
    if (rival === except || (awaited && (priority > rival.yieldsAbove || otherwise))) continue;
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
