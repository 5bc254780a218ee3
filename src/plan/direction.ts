/** Which way a proposal moves the property of its command, and by how much. */
import type { Direction } from '../knowledge/pace.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Proposal } from './propose.ts';

/** From which value to which; undefined: the command sets no property, or there is no number to compare. */
export function moveOf({ candidate, params }: Proposal, turn: Turn): { readonly from: number; readonly to: number } | undefined {
  const { command, target } = candidate;
  const from = command.property === undefined ? undefined : turn.fact(target, command.property);
  return typeof from === 'number' && typeof params.to === 'number' ? { from, to: params.to } : undefined;
}

/** What moves no number is `up`: it does something. */
export function directionOf(proposal: Proposal, turn: Turn): Direction {
  const move = moveOf(proposal, turn);
  return move !== undefined && move.to < move.from ? 'down' : 'up';
}
