/**
 * Merges: numeric proposals of one step for the same thing do not exclude each other where their command type says how they become one.
 * The command is issued for the first, in the total order, of those that brought its number about.
 */
import type { Merge } from '../documents/arbitration.ts';
import type { Turn } from '../knowledge/turn.ts';
import { type Proposal, pullsOf, withinBounds } from './propose.ts';
import { inOrder } from './total-order.ts';

type Numeric = Exclude<Merge, 'utility'>;

/**
 * What a proposal merges with has the same key; undefined: it merges with nothing. A plan that is all or nothing, and a command that
 * is repeated or rolled back, means its number to the letter.
 */
export function mergeKey(turn: Turn, { candidate, params }: Proposal): string | undefined {
  const { command, target, policy, otherwise, given } = candidate;
  if (command.merge === undefined || command.merge === 'utility' || command.property === undefined) return undefined;
  if ((policy.arbitration.together && !otherwise) || given !== undefined) return undefined;
  if (typeof params.to !== 'number' || typeof turn.fact(target, command.property) !== 'number') return undefined;
  return `${target}\t${command.resource}`;
}

const NUMBERS: { readonly [K in Numeric]: (to: readonly number[], current: number) => number } = {
  max: (to) => Math.max(...to),
  min: (to) => Math.min(...to),
  sum: (to, current) => to.reduce((sum, x) => sum + (x - current), current),
  mean: (to) => {
    const mean = to.reduce((sum, x) => sum + x, 0) / to.length;
    // Of whole servers comes no half one.
    return to.every(Number.isInteger) ? Math.round(mean) : mean;
  },
};

/** Whether `content`, which asks for the number that is there, outdoes a proposal: the largest, or smallest, of what is asked is what is there already. */
export const outdoes = (content: Proposal, proposal: Proposal): boolean => {
  const { merge: how } = content.candidate.command;
  return (how === 'max' && numberOf(proposal) < numberOf(content)) || (how === 'min' && numberOf(proposal) > numberOf(content));
};

/** One proposal of several with the same key; undefined: together they change nothing. */
export function merge(turn: Turn, proposals: readonly Proposal[]): Proposal | undefined {
  const members = [...proposals].sort(inOrder);
  const { command, target } = members[0]!.candidate;
  const how = command.merge as Numeric;
  const current = turn.fact(target, command.property!) as number;
  const number = NUMBERS[how](members.map(numberOf), current);
  const broughtAbout = (p: Proposal) =>
    how === 'max' || how === 'min' ? numberOf(p) === number : Math.sign(numberOf(p) - current) === Math.sign(number - current);
  const issuer = members.find(broughtAbout);
  return issuer && issued(turn, issuer, number, current);
}

/** A proposal with another number, which its bounds hold; undefined: that changes nothing. */
export function issued(turn: Turn, issuer: Proposal, number: number, current: number): Proposal | undefined {
  const { command, target } = issuer.candidate;
  const to = withinBounds(number, command, target, turn);
  if (typeof to !== 'number' || to === current) return undefined;
  return { ...issuer, params: { ...issuer.params, to }, pulls: pullsOf(command, to < current ? -1 : 1) };
}

export const numberOf = (proposal: Proposal): number => proposal.params.to as number;
