/** What a gauge `pattern` remembers: plain JSON, bounded, with null for what is absent. */
import type { Value } from '../../messages.ts';
import type { Json, Memo } from '../gauges/gauge.ts';

/** The parts of an event that the pattern reads, by their paths; what is missing is not there. */
export type Values = { [path: string]: Json };

/** Events by the names that the pattern gives them; `event` is the one in hand. */
export type Bound = { [name: string]: Values };

/** An event as it comes: when it was, the group it belongs to, and what is read of it. */
export interface Happening {
  readonly at: number;
  readonly key: string;
  readonly values: Values;
}

/** A match: when it was complete, its group, and its events. */
export interface Match {
  readonly at: number;
  readonly key: string;
  readonly bound: Bound;
}

/** Part of a match that may still come. */
export type Attempt = {
  key: string;
  /** When its first event was. */
  at: number;
  /** When its newest event was. */
  last: number;
  /** When it is a match if nothing ends it before; null: time alone makes none of it. */
  due: number | null;
  /** The steps that are done, by number, in the order in which they were. */
  done: number[];
  /** The numbers of its events: one event is part of one match only. */
  events: number[];
  bound: Bound;
};

/** A window of a throttle, which the first match of a group opens. */
export type Window = { key: string; from: number; matches: number; gave: Value | null };

export type PatternMemo = Memo & {
  /** Matches that the throttle let pass, since the beginning. */
  matches: number;
  /** When the newest of them was. */
  at: number | null;
  /** What `gives` takes from it; null: it has no such part. */
  gave: Value | null;
  /** In the order in which they began. */
  attempts: Attempt[];
  windows: Window[];
  /** Events so far that were part of an attempt: their numbers. */
  events: number;
  /** Attempts and windows that had to go for want of room. */
  pushedOut: number;
  /** Values that came, and that were dropped on the way, since losses began; when the newest loss was. */
  seen: number;
  lost: number;
  lostAt: number | null;
};

export const startMemo = (): PatternMemo => ({
  matches: 0,
  at: null,
  gave: null,
  attempts: [],
  windows: [],
  events: 0,
  pushedOut: 0,
  seen: 0,
  lost: 0,
  lostAt: null,
});

/** Adds to a list that holds at most `limit`; the oldest goes first. */
export function put<T>(memo: PatternMemo, list: T[], one: T, limit: number): void {
  list.push(one);
  while (list.length > limit) {
    list.shift();
    memo.pushedOut++;
  }
}
