/** A throttle lets some matches of each group pass: the first of a window, the last of it, or each n-th within it. */
import type { Value } from '../../messages.ts';
import { type PatternMemo, put } from './memo.ts';

export interface Throttle {
  readonly pass: 'first' | 'last' | number;
  readonly withinMs: number;
  /** Most windows that are open. */
  readonly keep: number;
}

/** A match passed, at that time. */
export function pass(memo: PatternMemo, at: number, gave: Value | null): void {
  memo.matches++;
  memo.at = Math.max(memo.at ?? at, at);
  memo.gave = gave;
}

/** A match comes to the throttle. A window is open from its first match, for `within`. */
export function throttled(memo: PatternMemo, throttle: Throttle | undefined, at: number, key: string, gave: Value | null): void {
  if (throttle === undefined) return pass(memo, at, gave);
  // Those that pass the last one go by themselves, when their time has come.
  if (throttle.pass !== 'last') memo.windows = memo.windows.filter(({ from }) => at - from < throttle.withinMs);
  let window = memo.windows.find((one) => one.key === key);
  if (window === undefined) {
    window = { key, from: at, matches: 0, gave: null };
    put(memo, memo.windows, window, throttle.keep);
  }
  window.matches++;
  window.gave = gave;
  if (throttle.pass === 'first' && window.matches === 1) pass(memo, at, gave);
  if (window.matches !== throttle.pass) return;
  memo.windows = memo.windows.filter((one) => one !== window);
  pass(memo, at, gave);
}

/** When the window ends that lets its last match pass next; undefined: none is open. */
export const endsNext = (memo: PatternMemo, throttle: Throttle | undefined): number | undefined =>
  throttle?.pass !== 'last' || memo.windows.length === 0
    ? undefined
    : Math.min(...memo.windows.map(({ from }) => from)) + throttle.withinMs;

/** Closes the windows that end then. */
export function close(memo: PatternMemo, { withinMs }: Throttle, at: number): void {
  const ended = memo.windows.filter(({ from }) => from + withinMs <= at);
  memo.windows = memo.windows.filter((one) => !ended.includes(one));
  for (const { gave } of ended) pass(memo, at, gave);
}
