/**
 * Commands that undo each other. A reversal is a command that moves something back which the one before it moved: down what went up, or to the value
 * that was replaced. Of several reversals within the window a symptom is made that belongs to no policy: it names the two that fight, and may
 * freeze them. Looked at when a command is committed, and when time has passed; never when something is observed.
 */
import { formatMs } from '../duration.ts';
import type { Blueprint } from '../knowledge/blueprint.ts';
import {
  isFrozen,
  lately,
  type Move,
  type Moved,
  type OscillationRow,
  pairAt,
  reversalsOf,
  turningOf,
  type Watched,
} from '../knowledge/oscillation.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { JournalEntry } from '../messages.ts';
import { inUnit } from './gates/show.ts';
import type { PolicyBefore } from './renew.ts';

/** Turning moves that a sentence tells of: the newest. */
const TOLD = 8;

/** What became of it. `frozen`: also when it is frozen again; `thawed`: its policies may act, and it is not over. */
type Word = 'raised' | 'frozen' | 'thawed' | 'cleared';

/** A command is committed that moves these things of an element. */
export function noteMoves(turn: Turn, element: string, moved: readonly Moved[], policy: string, command: string): void {
  const setting = turn.blueprint.oscillation;
  if (setting === undefined || moved.length === 0) return;
  const { state, now } = turn;
  const row: OscillationRow = state.oscillations.get(element) ?? state.oscillations.put({ key: element, watched: [], dueAt: null });
  for (const { what, way, from, to } of moved) {
    let watched = row.watched.find((one) => one.what === what);
    if (watched === undefined) {
      watched = { what, moves: [], swinging: null };
      row.watched.push(watched);
    }
    const move: Move = { time: now, policy, command, way, from: from ?? watched.moves.at(-1)?.to ?? null, to };
    watched.moves = lately([...watched.moves, move], now, setting);
    look(turn, row, watched);
  }
  rest(turn, row);
}

/** Whether the newest move of a thing makes it swing, or its policies be frozen again. */
function look(turn: Turn, row: OscillationRow, watched: Watched): void {
  const { withinMs, reversals: most, freezeMs } = turn.blueprint.oscillation!;
  const { now } = turn;
  const { moves, swinging } = watched;
  const reversals = reversalsOf(moves);
  if (reversals.length < most || reversals.at(-1) !== moves.length - 1 || isFrozen(watched, now)) return;
  if (swinging !== null && freezeMs === null) return;
  const policies = pairOf(moves, reversals);
  // One command may turn back several things at once: that is one fight.
  const told = row.watched.some((other) => other !== watched && other.swinging?.policies.join() === policies.join());
  if (told) return;
  const frozenUntil = freezeMs === null ? null : now + freezeMs;
  watched.swinging = { since: swinging?.since ?? now, policies, reversals: reversals.length, by: moves.at(-1)!.command, frozenUntil };
  if (swinging === null) turn.state.count('oscillations.raised');
  if (frozenUntil !== null) turn.state.count('oscillations.frozen');
  const trail = `${watched.what} was turned back ${times(reversals.length)} within ${formatMs(withinMs)} (${trailOf(turn, row.key, watched)})`;
  const then = freezeMs === null ? '' : `; ${policies.length === 1 ? 'it is' : 'both are'} held there for ${formatMs(freezeMs)}`;
  note(turn, row, watched, frozenUntil === null ? 'raised' : 'frozen', `${fightOf(policies)} on ${row.key}: ${trail}${then}`);
}

/** The two that turn back each other's moves most often; of several the last to do so. */
function pairOf(moves: readonly Move[], reversals: readonly number[]): string[] {
  const pairs = reversals.map((i) => pairAt(moves, i));
  const count = (pair: readonly string[]) => pairs.filter((other) => other.join() === pair.join()).length;
  const most = Math.max(...pairs.map(count));
  return pairs.findLast((pair) => count(pair) === most)!;
}

/** What time alone ends: that policies are frozen, that something swings, and at last that anything is remembered. */
export function settleOscillations(turn: Turn): void {
  const setting = turn.blueprint.oscillation;
  if (setting === undefined) return;
  for (const row of turn.state.oscillations.takeDue(turn.now)) {
    for (const watched of row.watched) {
      watched.moves = lately(watched.moves, turn.now, setting);
      if (watched.swinging === null || isFrozen(watched, turn.now)) continue;
      if (reversalsOf(watched.moves).length === 0)
        end(turn, row, watched, `nothing of the last ${formatMs(setting.withinMs)} was turned back`);
      else if (watched.swinging.frozenUntil !== null) thaw(turn, row, watched);
    }
    rest(turn, row);
  }
}

function thaw(turn: Turn, row: OscillationRow, watched: Watched): void {
  const { policies } = watched.swinging!;
  watched.swinging!.frozenUntil = null;
  const may = policies.length === 1 ? `${policies[0]} may` : `${policies.join(' and ')} may`;
  note(turn, row, watched, 'thawed', `${may} act on ${row.key} again: the time they were held for undoing each other is over`);
}

/** It is over; why is told, if there was anything. */
function end(turn: Turn, row: OscillationRow, watched: Watched, why: string): void {
  if (watched.swinging === null) return;
  const { policies } = watched.swinging;
  const then = watched.swinging.frozenUntil === null ? '' : `; ${policies.length === 1 ? 'it may' : 'both may'} act again`;
  note(turn, row, watched, 'cleared', `${watched.what} on ${row.key} no longer swings between ${policies.join(' and ')}: ${why}${then}`);
  watched.swinging = null;
}

/** A command that was never sent has moved nothing. */
export function takeBackMoves(turn: Turn, element: string, command: string): void {
  const row = turn.state.oscillations.get(element);
  if (row === undefined) return;
  for (const watched of row.watched) {
    if (watched.swinging?.by === command) end(turn, row, watched, `${command} was not sent`);
    watched.moves = watched.moves.filter((move) => move.command !== command);
  }
  rest(turn, row);
}

/** A person ends the freezes that are in a scope; it is counted anew. Returns what was ended. */
export function resumeOscillations(turn: Turn, isIn: (element: string, policy: string) => boolean): string[] {
  const ended: string[] = [];
  for (const row of [...turn.state.oscillations.rows()]) {
    const frozen = row.watched.filter((one) => isFrozen(one, turn.now) && one.swinging!.policies.some((policy) => isIn(row.key, policy)));
    for (const watched of frozen) {
      ended.push(`${watched.swinging!.policies.join(' and ')} on ${row.key}`);
      watched.swinging = null;
      watched.moves = [];
    }
    if (frozen.length > 0) rest(turn, row);
  }
  return ended;
}

/** A reload: `was` says which policy decided before. With another setting it is counted anew, and so is what policies did that were edited or are gone. */
export function renewOscillations(turn: Turn, before: Blueprint, was: PolicyBefore): void {
  const { oscillation } = turn.blueprint;
  const reset = JSON.stringify(oscillation) !== JSON.stringify(before.oscillation);
  for (const row of [...turn.state.oscillations.rows()]) {
    const isOver = (name: string): boolean => reset || turn.policy(name, row.key)?.source.version !== was(name, row.key)?.source.version;
    const policiesOf = ({ moves, swinging }: Watched) => [...moves.map(({ policy }) => policy), ...(swinging?.policies ?? [])];
    if (!row.watched.flatMap(policiesOf).some(isOver)) continue;
    for (const watched of row.watched) {
      const over = watched.swinging?.policies.find(isOver);
      if (over !== undefined)
        end(
          turn,
          row,
          watched,
          reset ? 'the setting was edited' : `${over} ${turn.policy(over, row.key) === undefined ? 'is gone' : 'was edited'}`,
        );
      watched.moves = watched.moves.filter(({ policy }) => !isOver(policy));
    }
    rest(turn, row);
  }
}

/** Leaves out what says nothing any more, and says when the next of it is over. */
function rest(turn: Turn, row: OscillationRow): void {
  const withinMs = turn.blueprint.oscillation?.withinMs ?? 0;
  row.watched = row.watched.filter(({ moves, swinging }) => moves.length > 0 || swinging !== null);
  if (row.watched.length === 0) {
    turn.state.oscillations.delete(row.key);
    return;
  }
  row.dueAt = Math.min(...row.watched.map((watched) => dueOf(watched, turn.now, withinMs)));
  turn.state.oscillations.touch(row);
}

/** A reversal counts for as long as the move that it turned back does. */
function dueOf(watched: Watched, now: number, withinMs: number): number {
  const { moves, swinging } = watched;
  if (isFrozen(watched, now)) return swinging!.frozenUntil!;
  const last = swinging === null ? moves.at(-1) : moves[(reversalsOf(moves).at(-1) ?? 1) - 1];
  return (last?.time ?? now) + withinMs;
}

function note(turn: Turn, row: OscillationRow, { what, moves, swinging }: Watched, is: Word, text: string): void {
  const { policies, reversals, frozenUntil, since } = swinging!;
  const policy = moves.at(-1)?.policy ?? policies[0]!;
  const data: JournalEntry['data'] = { is, what, policies, reversals, since, until: frozenUntil, moves: turningOf(moves) };
  turn.note('oscillation', text, { policy, element: row.key }, data);
}

export const fightOf = (policies: readonly string[]): string =>
  policies.length === 1 ? `${policies[0]} undoes what it did itself` : `${policies.join(' and ')} undo each other`;

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** Who moved it whereto, or which way at which value. */
function trailOf(turn: Turn, element: string, { what, moves }: Watched): string {
  const show = (value: Move['to']): string => (typeof value === 'number' ? inUnit(turn, element, what, value) : String(value));
  const turning = turningOf(moves);
  const told = turning.slice(-TOLD).map(({ policy, way, from, to }) => {
    if (to !== null) return `${show(to)} by ${policy}`;
    return `${way > 0 ? 'up' : 'down'} by ${policy}${from === null ? '' : ` at ${show(from)}`}`;
  });
  return `${turning.length > TOLD ? '… ' : ''}${told.join(', ')}`;
}
