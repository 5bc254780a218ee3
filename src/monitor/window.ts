/**
 * The samples of a series that its gauges still need, ordered by time, then by arrival. They are kept in runs of a few dozen, each a row
 * of its own, so that a new sample makes one short row to store, however long the window.
 */

import type { SeriesPlan } from '../knowledge/blueprint.ts';
import type { ChunkRow, State } from '../knowledge/state.ts';
import { runKey, type Track } from '../knowledge/tracks.ts';
import type { WindowSample, WindowView } from './gauges/gauge.ts';

/** Samples of one run. A late sample may make a run longer. */
const CHUNK = 32;

/**
 * A run keeps how long after its start each sample was made, in few digits. Where two instants lie within a factor of two of each other, as all of
 * this century do, their difference is exact, and so is the instant made of it again (Sterbenz, "Floating-Point Computation", 1974).
 */
const timeOf = (run: ChunkRow, i: number): number => run.start + run.after[i]!;
const lastTimeOf = (run: ChunkRow): number => timeOf(run, run.after.length - 1);

/** Nearly every sample is the newest. */
function insert<T>(column: T[], i: number, entry: T): void {
  if (i === column.length) column.push(entry);
  else column.splice(i, 0, entry);
}

/** Puts an entry into a column that is empty while all of its entries are 0. */
function insertRare(column: number[], i: number, entry: number, length: number): void {
  if (entry === 0 && column.length === 0) return;
  while (column.length < length) column.push(0);
  insert(column, i, entry);
}

/** Adds a sample; returns how many samples had to leave early because of `limit`. */
export function append(state: State, track: Track, sample: WindowSample, source: number, limit: number): number {
  const { row, runs } = track;
  let no = runs.length - 1;
  while (no > 0 && timeOf(runs[no]!, 0) > sample.time) no--;
  let run = runs[no];
  if (run === undefined || (no === runs.length - 1 && run.after.length >= CHUNK && lastTimeOf(run) <= sample.time)) {
    run = state.chunks.put({ key: runKey(row, row.tail), start: sample.time, after: [], value: [], flags: [], source: [] });
    runs.push(run);
    row.tail++;
  }
  const length = run.after.length;
  let i = length;
  while (i > 0 && timeOf(run, i - 1) > sample.time) i--;
  insert(run.after, i, sample.time - run.start);
  insert(run.value, i, sample.value);
  insertRare(run.flags, i, sample.coalesced * 2 + (sample.late ? 1 : 0), length);
  insertRare(run.source, i, source, length);
  row.size++;
  state.chunks.touch(run);
  let left = 0;
  while (row.size > limit && runs.length > 1) left += dropHead(state, track);
  return left;
}

/** Whether the window holds a sample of this source and time already (exact rule 9). */
export function holds({ runs }: Track, time: number, source: number): boolean {
  for (let no = runs.length - 1; no >= 0; no--) {
    const run = runs[no]!;
    for (let i = run.after.length - 1; i >= 0; i--) {
      if (timeOf(run, i) === time && (run.source[i] ?? 0) === source) return true;
    }
    if (timeOf(run, 0) < time) return false;
  }
  return false;
}

/** Drops the runs that no gauge needs any more. */
export function prune(state: State, track: Track, plan: SeriesPlan, now: number): void {
  for (let head = track.runs[0]; head !== undefined; head = track.runs[0]) {
    if (lastTimeOf(head) > now - plan.windowMs || track.row.size - head.after.length < plan.windowCount) return;
    dropHead(state, track);
  }
}

function dropHead(state: State, { row, runs }: Track): number {
  const head = runs.shift()!;
  state.chunks.delete(head.key);
  row.head++;
  row.size -= head.after.length;
  return head.after.length;
}

export interface TimedView extends WindowView {
  /** When the view changes although nothing is observed: a sample leaves it, or one that is ahead of time enters. */
  readonly changesAt: number | null;
}

const EMPTY: TimedView = { size: 0, coalesced: 0, changesAt: null, samples: [] };

/** What a gauge with this window sees now. */
export function viewOf(
  track: Track | undefined,
  window: { readonly ms: number } | { readonly count: number } | undefined,
  now: number,
): TimedView {
  if (track === undefined || window === undefined || track.row.size === 0) return EMPTY;
  const past = 'ms' in window ? now - window.ms : Number.NEGATIVE_INFINITY;
  const within: WindowSample[] = [];
  let ahead: number | null = null;
  for (const run of track.runs) {
    if (lastTimeOf(run) <= past) continue;
    for (let i = 0; i < run.after.length; i++) {
      const time = timeOf(run, i);
      if (time <= past) continue;
      if (time > now) {
        ahead ??= time;
        break;
      }
      const flags = run.flags[i] ?? 0;
      within.push({ time, value: run.value[i]!, coalesced: flags >> 1, late: (flags & 1) === 1 });
    }
  }
  const samples = 'count' in window && within.length > window.count ? within.slice(-window.count) : within;
  let coalesced = 0;
  for (const sample of samples) coalesced += sample.coalesced;
  const leaves = 'ms' in window && within.length > 0 ? within[0]!.time + window.ms : null;
  return {
    size: samples.length,
    coalesced,
    samples,
    changesAt: leaves === null ? ahead : ahead === null ? leaves : Math.min(leaves, ahead),
  };
}
