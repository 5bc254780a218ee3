/**
 * The samples of a series that its gauges still need, ordered by time, then by arrival. They are kept in runs of a few dozen, each a row
 * of its own, so that a new sample makes one short row to store, however long the window.
 */

import type { SeriesPlan } from '../knowledge/blueprint.ts';
import type { ChunkRow, SeriesRow, State } from '../knowledge/state.ts';
import type { WindowSample, WindowView } from './gauges/gauge.ts';

/** Samples of one run. A late sample may make a run longer. */
const CHUNK = 32;

const chunkOf = (state: State, series: SeriesRow, no: number): ChunkRow => state.chunks.get(`${series.key}\t${no}`)!;

/** Adds a sample; returns how many samples had to leave early because of `limit`. */
export function append(state: State, series: SeriesRow, sample: WindowSample, source: number, limit: number): number {
  let no = series.tail - 1;
  while (no > series.head && chunkOf(state, series, no).time[0]! > sample.time) no--;
  let chunk = no < series.head ? undefined : chunkOf(state, series, no);
  if (chunk === undefined || (no === series.tail - 1 && chunk.time.length >= CHUNK && chunk.time.at(-1)! <= sample.time)) {
    chunk = state.chunks.put({ key: `${series.key}\t${series.tail}`, time: [], value: [], flags: [], source: [] });
    series.tail++;
  }
  let i = chunk.time.length;
  while (i > 0 && chunk.time[i - 1]! > sample.time) i--;
  chunk.time.splice(i, 0, sample.time);
  chunk.value.splice(i, 0, sample.value);
  chunk.flags.splice(i, 0, sample.coalesced * 2 + (sample.late ? 1 : 0));
  chunk.source.splice(i, 0, source);
  series.size++;
  state.chunks.touch(chunk);
  let left = 0;
  while (series.size > limit && series.tail - series.head > 1) left += dropHead(state, series);
  return left;
}

/** Whether the window holds a sample of this source and time already (exact rule 9). */
export function holds(state: State, series: SeriesRow, time: number, source: number): boolean {
  for (let no = series.tail - 1; no >= series.head; no--) {
    const chunk = chunkOf(state, series, no);
    for (let i = chunk.time.length - 1; i >= 0; i--) {
      if (chunk.time[i] === time && chunk.source[i] === source) return true;
    }
    if (chunk.time[0]! < time) return false;
  }
  return false;
}

/** Drops the runs that no gauge needs any more. */
export function prune(state: State, series: SeriesRow, plan: SeriesPlan, now: number): void {
  while (series.tail > series.head) {
    const head = chunkOf(state, series, series.head);
    if (head.time.at(-1)! > now - plan.windowMs || series.size - head.time.length < plan.windowCount) return;
    dropHead(state, series);
  }
}

function dropHead(state: State, series: SeriesRow): number {
  const head = chunkOf(state, series, series.head);
  state.chunks.delete(head.key);
  series.head++;
  series.size -= head.time.length;
  return head.time.length;
}

/** Drops all of it, when the element goes. */
export function clear(state: State, series: SeriesRow): void {
  while (series.tail > series.head) dropHead(state, series);
}

export interface TimedView extends WindowView {
  /** When the view changes although nothing is observed: a sample leaves it, or one that is ahead of time enters. */
  readonly changesAt: number | null;
}

const EMPTY: TimedView = { size: 0, coalesced: 0, changesAt: null, *samples() {} };

/** What a gauge with this window sees now. */
export function viewOf(
  state: State,
  series: SeriesRow | undefined,
  window: { readonly ms: number } | { readonly count: number } | undefined,
  now: number,
): TimedView {
  if (series === undefined || window === undefined || series.size === 0) return EMPTY;
  const past = 'ms' in window ? now - window.ms : Number.NEGATIVE_INFINITY;
  let [size, oldest, ahead] = [0, null as number | null, null as number | null];
  for (let no = series.head; no < series.tail; no++) {
    const chunk = chunkOf(state, series, no);
    if (chunk.time.at(-1)! <= past) continue;
    for (let i = 0; i < chunk.time.length; i++) {
      const time = chunk.time[i]!;
      if (time <= past) continue;
      if (time > now) {
        ahead ??= time;
        break;
      }
      size++;
      oldest ??= time;
    }
  }
  const skip = 'count' in window ? Math.max(0, size - window.count) : 0;
  let coalesced = 0;
  for (const sample of iterate(state, series, past, now, skip)) coalesced += sample.coalesced;
  const leaves = 'ms' in window && oldest !== null ? oldest + window.ms : null;
  return {
    size: size - skip,
    coalesced,
    changesAt: leaves === null ? ahead : ahead === null ? leaves : Math.min(leaves, ahead),
    samples: () => iterate(state, series, past, now, skip),
  };
}

function* iterate(state: State, series: SeriesRow, past: number, now: number, skip: number): IterableIterator<WindowSample> {
  for (let no = series.head; no < series.tail; no++) {
    const chunk = chunkOf(state, series, no);
    for (let i = 0; i < chunk.time.length; i++) {
      const time = chunk.time[i]!;
      if (time <= past) continue;
      if (time > now) return;
      if (skip > 0) {
        skip--;
        continue;
      }
      yield { time, value: chunk.value[i]!, coalesced: chunk.flags[i]! >> 1, late: (chunk.flags[i]! & 1) === 1 };
    }
  }
}
