/**
 * What was done lately, and by how much: to a target (an element and a resource, whichever policy asked for it), and by a policy for an element.
 * Cooldowns and rates are judged by it. A move counts from its commit, whatever comes of it (exact rule 3); one that is withheld is taken back.
 */
import type { State } from './state.ts';
import type { Row } from './table.ts';

/** What acts is judged by what was done; what only observes also by what it would have done. */
export type Lane = 'acted' | 'observed';

export interface MoveRow extends Row {
  /** Oldest first: when, and by how much it changed the value; 0 if there is no number. */
  moves: [time: number, delta: number][];
  /** From when on nobody asks for any of it. */
  until: number;
}

/** Moves that one row keeps: over it the oldest two become one, at the later time. */
const MOST = 500;

export const ofPolicy = (lane: Lane, policy: string, element: string): string => `policy\t${lane}\t${policy}\t${element}`;
export const ofTarget = (lane: Lane, element: string, resource: string): string => `target\t${lane}\t${element}\t${resource}`;

export function recordMove(state: State, key: string, now: number, delta: number, keepMs: number): void {
  if (keepMs <= 0) return;
  const row = state.moves.get(key) ?? state.moves.put({ key, moves: [], until: 0 });
  while (row.moves.length > 0 && row.moves[0]![0] <= now - keepMs) row.moves.shift();
  row.moves.push([now, delta]);
  if (row.moves.length > MOST) row.moves.splice(0, 2, [row.moves[1]![0], row.moves[0]![1] + row.moves[1]![1]]);
  row.until = Math.max(row.until, now + keepMs);
  state.moves.touch(row);
}

/** A command that was never sent has moved nothing. */
export function undoMove(state: State, key: string, time: number): void {
  const row = state.moves.get(key);
  const at = row?.moves.findLastIndex(([when]) => when === time) ?? -1;
  if (row === undefined || at < 0) return;
  row.moves.splice(at, 1);
  if (row.moves.length === 0) state.moves.delete(key);
  else state.moves.touch(row);
}

/** When it was moved last; null: not as far as anyone remembers. */
export function lastMove(state: State, ...keys: readonly string[]): number | null {
  let last: number | null = null;
  for (const key of keys) {
    const time = state.moves.get(key)?.moves.at(-1)?.[0];
    if (time !== undefined && (last === null || time > last)) last = time;
  }
  return last;
}

/** The moves within (now − span, now], oldest first. */
export const movesIn = (state: State, keys: readonly string[], now: number, spanMs: number): [time: number, delta: number][] =>
  keys.flatMap((key) => (state.moves.get(key)?.moves ?? []).filter(([time]) => time > now - spanMs)).sort((a, b) => a[0] - b[0]);
