/** What is remembered of commands so that it can be seen that they undo each other: the moves of each thing of an element, and what was found in them. */
import type { Value } from '../messages.ts';
import type { Row } from './table.ts';

/** The setting, as the step reads it. */
export interface Oscillation {
  readonly withinMs: number;
  readonly reversals: number;
  /** How long the policies are held; null: it is only told. */
  readonly freezeMs: number | null;
}

/** What one command does to one thing. */
export interface Moved {
  /** A property of the element, a part of Homeostat, or two commands that contradict each other. */
  readonly what: string;
  /** 1 up, -1 down; 0: no number moves, and only the values say what was turned back. */
  readonly way: 1 | -1 | 0;
  /** The value before, and the one that is set. null: not known, or it sets none but pulls. */
  readonly from: Value | null;
  readonly to: Value | null;
}

/** The same, as it is remembered. */
export interface Move extends Omit<Moved, 'what'> {
  readonly time: number;
  readonly policy: string;
  readonly command: string;
}

/** That a thing is moved to and fro. */
export interface Swinging {
  since: number;
  /** The two policies that turn back each other's moves most often, in order of their names; one, if it turns back its own. */
  policies: string[];
  /** How many reversals there were when it was found, or its policies were frozen again, and the command by which that was. */
  reversals: number;
  by: string;
  /** Until when its policies are held; null: they are not. */
  frozenUntil: number | null;
}

/** One thing of an element, with the commands that moved it lately. */
export interface Watched {
  what: string;
  /** Oldest first. */
  moves: Move[];
  swinging: Swinging | null;
}

/** All that is remembered of an element. Its key is that of the element, or `homeostat` for Homeostat's own parts. */
export interface OscillationRow extends Row {
  watched: Watched[];
  /** When something of it is over. */
  dueAt: number | null;
}

/** Moves of one thing that are kept beyond those that the reversals take: over it the oldest are forgotten. */
const SPARE = 4;

/** Whether a move turns back the one before: the other way or, where no number moves, to the value that the one before replaced. */
export function turnsBack(before: Move, move: Move): boolean {
  if (before.way !== 0 && move.way !== 0) return before.way !== move.way;
  return move.to !== null && move.to === before.from && move.to !== before.to;
}

/** The reversals among moves: the places of those that turn back the one before. */
export const reversalsOf = (moves: readonly Move[]): number[] =>
  moves.flatMap((move, i) => (i > 0 && turnsBack(moves[i - 1]!, move) ? [i] : []));

/** The moves that were turned back or turn one back, without those the same way between them. */
export function turningOf(moves: readonly Move[]): Move[] {
  const reversals = new Set(reversalsOf(moves));
  return moves.filter((_, i) => reversals.has(i) || reversals.has(i + 1));
}

/** Those that count: within (now − within, now], without what lies inside a run the same way, the newest so many. */
export function lately(moves: readonly Move[], now: number, { withinMs, reversals }: Oscillation): Move[] {
  const recent = moves.filter(({ time }) => time > now - withinMs);
  // Of a run its first may turn something back, and its last be turned back; the last but one is its last if the newest is not sent.
  const counts = ({ way }: Move, i: number) =>
    way === 0 || i >= recent.length - 2 || way !== recent[i + 1]!.way || (i > 0 && way !== recent[i - 1]!.way);
  return recent.filter(counts).slice(-(reversals + SPARE));
}

/** The two policies of a reversal, in order of their names; one, if they are the same. */
export const pairAt = (moves: readonly Move[], i: number): string[] => [...new Set([moves[i - 1]!.policy, moves[i]!.policy])].sort();

export const isFrozen = ({ swinging }: Watched, now: number): boolean =>
  swinging !== null && swinging.frozenUntil !== null && now < swinging.frozenUntil;
