/**
 * Down-sampling on our side, as readings pass: least, greatest, last and the mean over time of each number in each span. Not by continuous queries of the
 * server, because 2.x and 3.x have none, they want an administrator, and what arrives after a spool was drained they never see.
 * A reading counts for as long as it was the value, so that a value that changes often does not weigh more than one that stays.
 */
import type { Value } from '../messages.ts';
import type { HistorySpan } from './history.ts';

interface Running {
  readonly element: string;
  readonly type: string;
  readonly property: string;
  /** Null: unknown now. */
  value: number | null;
  /** Since when `value` is not summed up yet, ms. */
  since: number;
  min: number;
  max: number;
  last: number;
  seconds: number;
  integral: number;
}

export class Spans {
  readonly everyMs: number;
  readonly #running = new Map<string, Running>();

  constructor(everyMs: number) {
    this.everyMs = everyMs;
  }

  /** A reading has a value from now on; anything but a number is nothing here. */
  set(key: string, element: string, type: string, property: string, value: Value | null, now: number): void {
    const number = typeof value === 'number' && Number.isFinite(value) ? value : null;
    const row = this.#running.get(key);
    if (row === undefined) {
      if (number === null) return;
      this.#running.set(key, {
        element,
        type,
        property,
        value: number,
        since: now,
        min: number,
        max: number,
        last: number,
        seconds: 0,
        integral: 0,
      });
      return;
    }
    add(row, now);
    row.value = number;
    if (number === null) return;
    row.last = number;
    if (number < row.min) row.min = number;
    if (number > row.max) row.max = number;
  }

  /** All that was known in the span that ends now. `exists`: what is gone is forgotten. */
  cut(now: number, exists: (key: string) => boolean): HistorySpan[] {
    const spans: HistorySpan[] = [];
    for (const [key, row] of this.#running) {
      add(row, now);
      // The last moment that belongs to the span, so that it falls into it when it is grouped by time.
      if (row.seconds > 0) spans.push(spanOf(row, now - 1));
      if (row.value === null || !exists(key)) this.#running.delete(key);
      else Object.assign(row, { min: row.value, max: row.value, last: row.value, seconds: 0, integral: 0 });
    }
    return spans;
  }
}

function add(row: Running, now: number): void {
  const seconds = Math.max(0, now - row.since) / 1_000;
  if (row.value !== null) {
    row.seconds += seconds;
    row.integral += row.value * seconds;
  }
  row.since = now;
}

const spanOf = ({ element, type, property, min, max, last, seconds, integral }: Running, time: number): HistorySpan => ({
  element,
  type,
  property,
  time,
  min,
  max,
  last,
  seconds,
  integral,
});
