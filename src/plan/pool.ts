/**
 * Pools: what several elements share is granted unit by unit to whom one more unit is worth most, until it is spent. A utility that falls as an
 * element gets more makes that the best division there is. Divided before the pass, among those that nothing in flight stops; what the pass then
 * refuses is free again in the next step.
 */
import type { Pool } from '../knowledge/blueprint.ts';
import { lookupFor } from '../knowledge/tunings.ts';
import type { Turn } from '../knowledge/turn.ts';
import { overBudget } from './budgets.ts';
import { Heap } from './heap.ts';
import { issued, numberOf } from './merge.ts';
import { resolve } from './params.ts';
import type { Bid } from './pass.ts';
import { heldOf, totalOf } from './pool-level.ts';
import type { Proposal } from './propose.ts';
import { conflict, type Rivals } from './rivals.ts';
import { inOrder } from './total-order.ts';
import type { Accepted, Loss } from './verdict.ts';

/** Units that one step grants at most, of all pools: it bounds the work of a step. The rest are asked for afresh in the next. */
export const GRANTS_PER_STEP = 10_000;
/** Of a fraction this small, sums of fractions are full. */
const ROUNDING = 1e-9;

/** One element that wants more of a pool, for all the proposals that ask it to have more. */
interface Bidder {
  readonly wants: readonly Proposal[];
  readonly current: number;
  /** What it would have by what was granted. */
  level: number;
  units: number;
  /** The next unit: up to where, for whom it is worth most, and how much; undefined: nobody wants it. */
  next: { readonly level: number; readonly proposal: Proposal; readonly utility: number } | undefined;
  /** What the last unit granted was worth. */
  worth: number;
  /** Why it wants no more of what it was not granted. */
  why: string | undefined;
}

export function dividePools(
  turn: Turn,
  proposals: readonly Proposal[],
  before: readonly Accepted[],
  rivals: Rivals,
): { readonly bids: readonly Bid[]; readonly losses: readonly Loss[] } {
  const bids: Bid[] = [];
  const losses: Loss[] = [];
  const byPool = new Map<string, Proposal[]>();
  for (const proposal of proposals) {
    const pool = drawsOn(turn, proposal);
    if (pool === undefined) {
      bids.push({ proposal, serves: [proposal] });
      continue;
    }
    // What cannot act now is granted nothing: it would keep units from those who can.
    const loss = conflict(proposal, rivals.of(proposal.candidate.target)) ?? overBudget(turn, proposal, before);
    if (loss !== undefined) losses.push(loss);
    else group(byPool, pool, proposal);
  }
  let left = GRANTS_PER_STEP;
  for (const name of [...byPool.keys()].sort()) {
    const pool = turn.blueprint.pools.get(name)!;
    left -= divide(turn, pool, byPool.get(name)!, before, left, bids, losses);
  }
  if (byPool.size > 0) bids.sort((a, b) => inOrder(a.serves[0]!, b.serves[0]!));
  return { bids, losses };
}

/** The pool of which a proposal wants more. To give some back needs no grant. */
function drawsOn(turn: Turn, { candidate, params }: Proposal): string | undefined {
  const { pool, property } = candidate.command;
  if (pool === undefined || property === undefined || !turn.blueprint.pools.has(pool)) return undefined;
  const current = turn.fact(candidate.target, property);
  return typeof current === 'number' && typeof params.to === 'number' && params.to > current ? pool : undefined;
}

/** Divides one pool, and returns how many units that took. */
function divide(
  turn: Turn,
  pool: Pool,
  proposals: readonly Proposal[],
  before: readonly Accepted[],
  most: number,
  bids: Bid[],
  losses: Loss[],
): number {
  const bidders = biddersOf(turn, proposals);
  for (const bidder of bidders) look(turn, pool, bidder);
  const [total, held] = [totalOf(turn, pool), heldOf(turn, pool, before)];
  const unknown = typeof total === 'string' ? total : typeof held === 'string' ? held : undefined;
  const division = unknown === undefined ? grant(turn, pool, bidders, total as number, held as number, most) : { units: 0, why: unknown };
  for (const bidder of bidders) {
    const bid = bidOf(turn, pool, bidder);
    if (bid !== undefined) bids.push(bid);
    for (const proposal of bidder.wants) if (numberOf(proposal) > bidder.level) losses.push(lossOf(pool, bidder, proposal, division));
  }
  return division.units;
}

interface Division {
  readonly units: number;
  /** Why there was no more for anybody. */
  readonly why: string;
  /** Who got the last unit. */
  readonly last?: { readonly bidder: Bidder; readonly proposal: Proposal; readonly utility: number };
}

/** Grants unit by unit. */
function grant(turn: Turn, pool: Pool, bidders: readonly Bidder[], total: number, held: number, most: number): Division {
  const heap = new Heap<Bidder>((a, b) => ahead(a.next!, b.next!));
  for (const bidder of bidders) if (bidder.next !== undefined) heap.push(bidder);
  const slack = ROUNDING * Math.max(1, Math.abs(total));
  let free = total - held;
  let units = 0;
  let last: Division['last'];
  for (let bidder = heap.pop(); bidder !== undefined && units < most; bidder = heap.pop()) {
    const { level, proposal, utility } = bidder.next!;
    const size = level - bidder.level;
    // A smaller one may still fit.
    if (size > free + slack) continue;
    free -= size;
    units++;
    bidder.units++;
    bidder.level = level;
    bidder.worth = utility;
    last = { bidder, proposal, utility };
    look(turn, pool, bidder);
    if (bidder.next !== undefined) heap.push(bidder);
  }
  const why =
    units >= most
      ? `${GRANTS_PER_STEP} units are granted in one step at most`
      : `${round(total - Math.max(free, 0))} of ${round(total)} are held`;
  return { units, why, ...(last && { last }) };
}

/** Why a proposal got nothing, or not all. Its winner is who got the last unit in its stead. */
function lossOf(pool: Pool, bidder: Bidder, proposal: Proposal, { why, last }: Division): Loss {
  const { next, level, current } = bidder;
  const other = next !== undefined && last !== undefined && last.bidder !== bidder ? last : undefined;
  const { policy, target } = other?.proposal.candidate ?? {};
  const reason = [
    level === current ? '' : `${round(level - current)} of ${round(numberOf(proposal) - current)} granted; `,
    next === undefined ? `${bidder.why}; ` : `one more unit is worth ${round(next.utility)} here; `,
    other === undefined ? why : `the last unit went to ${policy!.name} on ${target} at ${round(other.utility)}`,
  ];
  return {
    proposal,
    rule: 'pool',
    winner: policy?.name ?? pool.name,
    reason: `pool ${pool.name}: ${reason.join('')}`,
    ...(level === current ? {} : { partly: true as const }),
  };
}

/** The proposals by what they would set, in the total order of the first of each. */
function biddersOf(turn: Turn, proposals: readonly Proposal[]): Bidder[] {
  const byTarget = new Map<string, Proposal[]>();
  for (const proposal of proposals) {
    const { target, command } = proposal.candidate;
    const key = `${target}\t${command.resource}`;
    group(byTarget, key, proposal);
  }
  return [...byTarget.values()].map((wants) => {
    const { target, command } = wants[0]!.candidate;
    const current = turn.fact(target, command.property!) as number;
    return { wants, current, level: current, units: 0, next: undefined, worth: 0, why: undefined };
  });
}

/** Finds whom the next unit of an element is worth most. A unit that is worth nothing, or nobody knows what, is not wanted. */
function look(turn: Turn, { unit }: Pool, bidder: Bidder): void {
  bidder.next = undefined;
  bidder.why = undefined;
  for (const proposal of bidder.wants) {
    if (numberOf(proposal) <= bidder.level) continue;
    const level = Math.min(bidder.current + (bidder.units + 1) * unit, numberOf(proposal));
    const utility = utilityOf(turn, proposal, level);
    if (typeof utility === 'string') bidder.why ??= utility;
    else if (utility <= 0) bidder.why ??= `one more unit is worth ${round(utility)} here`;
    else if (bidder.next === undefined || utility > bidder.next.utility) bidder.next = { level, proposal, utility };
  }
}

/** What a unit is worth that makes the element have so many, or why that is unknown. */
function utilityOf(turn: Turn, { candidate }: Proposal, units: number): number | string {
  const { utility } = candidate.policy.arbitration;
  if (utility === undefined) return `${candidate.policy.name} states no utility`;
  const lookup = lookupFor(turn, candidate.policy, candidate.symptom.element);
  const value = resolve(utility, (fact) => (fact === 'units' ? units : lookup(fact)));
  if (typeof value === 'object') return `its utility is unknown: ${value.why}`;
  return typeof value === 'number' ? value : `its utility is ${JSON.stringify(value)}, which is no number`;
}

const ahead = (a: NonNullable<Bidder['next']>, b: NonNullable<Bidder['next']>): boolean =>
  a.utility !== b.utility ? a.utility > b.utility : inOrder(a.proposal, b.proposal) < 0;

/** The command of an element that was granted something: for the first that wanted all of that. */
function bidOf(turn: Turn, pool: Pool, { wants, current, level, worth }: Bidder): Bid | undefined {
  if (level === current) return undefined;
  const proposal = issued(turn, wants.find((p) => numberOf(p) >= level)!, level, current);
  if (proposal === undefined) return undefined;
  const wanted = Math.max(...wants.map(numberOf)) - current;
  return { proposal, serves: wants, grant: { pool: pool.name, wanted, granted: level - current, utility: worth } };
}

function group<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const list = groups.get(key);
  if (list === undefined) groups.set(key, [item]);
  else list.push(item);
}

const round = (x: number): number => Number(x.toPrecision(6));
