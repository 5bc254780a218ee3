/** The greedy pass: unit by unit, each accepted whole or lost whole, and what merges joins what it merges with. */
import type { Turn } from '../knowledge/turn.ts';
import { budgetsOf, type Drawing, overBudget } from './budgets.ts';
import { merge, mergeKey, outdoes } from './merge.ts';
import type { Order } from './order.ts';
import type { Proposal } from './propose.ts';
import { conflict, type Rival, type Rivals, rivalOf } from './rivals.ts';
import { inOrder } from './total-order.ts';
import type { Accepted, Grant, Loss, Verdict } from './verdict.ts';

/** What asks for one command: a proposal or, where a pool was divided, all that the grant serves. */
export interface Bid {
  readonly proposal: Proposal;
  readonly serves: readonly Proposal[];
  readonly grant?: Grant;
}

/** A command on its way: accepted, and still open to what merges with it. */
interface Entry {
  /** The proposal that opened it. */
  readonly proposal: Proposal;
  /** What would be sent; undefined: what was merged changes nothing, which holds its place all the same. */
  sent: Proposal | undefined;
  rival: Rival;
  /** Budgets that it draws on; `paid`: those on which its earlier part draws already. */
  budgets: readonly string[];
  readonly paid: readonly string[];
  serves: readonly Proposal[];
  merged: readonly Proposal[];
  readonly grant: Grant | undefined;
}

export class Pass {
  readonly #turn: Turn;
  readonly #rivals: Rivals;
  readonly #order: Order;
  readonly #entries: Entry[] = [];
  readonly #losses: Loss[] = [];
  /** By the key of a merge. Those of an earlier pass are joined too, and only what joined them here is told. */
  readonly #merging = new Map<string, Entry>();
  /** By the key of a merge: the first that asks for what is there already. */
  readonly #content = new Map<string, Proposal>();
  /** Accepted as parts of a whole. */
  readonly #among: Rival[] = [];
  /** All that draws on budgets: what was accepted before, then the entries. */
  readonly #drawing: Drawing[];

  /** `content`: proposals to leave a number as it is. */
  constructor(turn: Turn, rivals: Rivals, order: Order, before: readonly Accepted[], content: readonly Proposal[]) {
    this.#turn = turn;
    this.#rivals = rivals;
    this.#order = order;
    this.#drawing = [...before];
    for (const proposal of [...content].sort(inOrder)) {
      const key = mergeKey(turn, proposal);
      if (key !== undefined && !this.#content.has(key)) this.#content.set(key, proposal);
    }
    for (const { proposal, budgets, merged } of before) {
      const key = mergeKey(turn, proposal);
      const rival = key && rivals.of(proposal.candidate.target).find((r) => !r.lease && r.resource === proposal.candidate.command.resource);
      if (!rival) continue;
      const members = merged.length === 0 ? [proposal] : merged;
      this.#merging.set(key, {
        proposal,
        sent: proposal,
        rival,
        budgets: [],
        paid: budgets,
        serves: [],
        merged: members,
        grant: undefined,
      });
    }
  }

  /** Accepts a unit, or records who lost and to whom. */
  decide(unit: readonly Bid[]): void {
    const size = this.#entries.length;
    const inTurn = this.#order.sequence(unit.map((bid) => [bid])).flat();
    for (const bid of inTurn) {
      const loss = this.#take(bid, unit);
      if (loss === undefined) continue;
      if (unit.length > 1) this.#takeBack(size);
      for (const proposal of bid.serves) this.#losses.push({ ...loss, proposal });
      const { command, target } = bid.proposal.candidate;
      const reason = `all or none, and its ${command.name} on ${target} lost by ${loss.rule} to ${loss.winner}: ${loss.reason}`;
      for (const other of unit) if (other !== bid) this.#losses.push({ ...loss, proposal: other.proposal, rule: 'together', reason });
      return;
    }
  }

  verdict(): Verdict {
    const accepted: Accepted[] = [];
    const losses = [...this.#losses];
    for (const { sent, budgets, serves, merged, grant } of this.#entries) {
      if (sent === undefined) losses.push(...serves.map((proposal) => this.#void(proposal, merged)));
      else accepted.push({ proposal: sent, budgets, serves, merged: merged.length > 1 ? merged : [], ...(grant && { grant }) });
    }
    return { accepted, losses };
  }

  #take(bid: Bid, unit: readonly Bid[]): Loss | undefined {
    const { proposal, serves, grant } = bid;
    const key = grant === undefined ? mergeKey(this.#turn, proposal) : undefined;
    const into = key === undefined ? undefined : this.#merging.get(key);
    const members = into === undefined ? serves : [...into.merged, proposal].sort(inOrder);
    const asked = into === undefined ? proposal : merge(this.#turn, members);
    const content = key === undefined ? undefined : this.#content.get(key);
    const sent = asked && content && outdoes(content, asked) ? undefined : asked;
    const loss =
      (sent && conflict(sent, this.#rivals.of(proposal.candidate.target), into?.rival)) ??
      this.#order.waits(proposal, this.#rivals, unit, this.#among);
    if (loss !== undefined) return loss;
    const paid = into?.paid ?? [];
    const budgets = [...(into?.budgets ?? [])];
    for (const served of serves) {
      const over = overBudget(this.#turn, served, this.#drawing, [...paid, ...budgets]);
      if (over !== undefined) return over;
      for (const { name } of budgetsOf(this.#turn, served)) if (!paid.includes(name) && !budgets.includes(name)) budgets.push(name);
    }
    if (into !== undefined) this.#join(into, proposal, { sent, budgets, members });
    else {
      const rival = sent === undefined ? { ...rivalOf(proposal, unit), pulls: {} } : rivalOf(proposal, unit);
      const entry: Entry = { proposal, sent, rival, budgets, paid, serves, merged: members, grant };
      this.#open(entry);
      this.#rivals.add(rival);
      if (unit.length > 1) this.#among.push(rival);
      if (key !== undefined) this.#merging.set(key, entry);
    }
    return undefined;
  }

  #join(entry: Entry, proposal: Proposal, now: { sent: Proposal | undefined; budgets: string[]; members: readonly Proposal[] }): void {
    if (entry.serves.length === 0) this.#open(entry);
    // What changes nothing pulls nothing either.
    const rival = now.sent === undefined ? { ...entry.rival, pulls: {} } : rivalOf(now.sent);
    this.#rivals.replace(entry.rival, rival);
    Object.assign(entry, {
      sent: now.sent,
      rival,
      budgets: now.budgets,
      serves: [...entry.serves, proposal].sort(inOrder),
      merged: now.members,
    });
  }

  #open(entry: Entry): void {
    this.#entries.push(entry);
    this.#drawing.push(entry);
  }

  /** A part of a whole was refused: those before it are given up. A whole never merges, so each stands by itself. */
  #takeBack(size: number): void {
    const givenUp = this.#entries.splice(size);
    this.#drawing.splice(this.#drawing.length - givenUp.length);
    for (const { rival } of givenUp) {
      this.#rivals.remove(rival);
      this.#among.splice(this.#among.indexOf(rival), 1);
    }
  }

  /** The numbers of a merge cancel each other out. */
  #void(proposal: Proposal, merged: readonly Proposal[]): Loss {
    const { command, target } = proposal.candidate;
    const current = this.#turn.fact(target, command.property!) as number;
    const way = (p: Proposal) => Math.sign((p.params.to as number) - current);
    const content = this.#content.get(mergeKey(this.#turn, proposal) ?? '');
    const other =
      (content && outdoes(content, proposal) ? content : undefined) ??
      merged.find((p) => way(p) !== way(proposal)) ??
      merged.find((p) => p !== proposal) ??
      proposal;
    const winner = other.candidate.policy.name;
    return { proposal, rule: 'merge', winner, reason: `the ${command.merge} of what they ask leaves ${command.property} at ${current}` };
  }
}
