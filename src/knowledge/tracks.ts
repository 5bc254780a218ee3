/** Observed series with the runs of their windows, found without making up their keys. Derived, never stored: each is made when it is first asked for. */
import type { Member } from './members.ts';
import type { ChunkRow, SeriesRow, State } from './state.ts';
import type { Kept } from './table.ts';

export interface Track {
  readonly row: SeriesRow;
  readonly kept: Kept<SeriesRow>;
  /** Its runs from `head` up to, without, `tail`. */
  readonly runs: ChunkRow[];
}

export const runKey = (row: SeriesRow, no: number): string => `${row.key}\t${no}`;

/** What is known of an observed series; undefined: it has not been observed. */
export function trackOf(state: State, member: Member, property: string): Track | undefined {
  const met = member.tracks.get(property);
  if (met !== undefined) return met;
  const kept = state.series.place(`${member.id}\t${property}`);
  return kept && meet(state, member, property, kept);
}

/** The series begins with its first observation. */
export function beginTrack(state: State, member: Member, property: string): Track {
  const key = `${member.id}\t${property}`;
  state.series.put({ key, last: -1, everyMs: null, sources: [], lastOf: [], head: 0, tail: 0, size: 0 });
  return meet(state, member, property, state.series.place(key)!);
}

export function dropTrack(state: State, member: Member, property: string): void {
  const track = trackOf(state, member, property);
  if (track === undefined) return;
  for (const run of track.runs) state.chunks.delete(run.key);
  state.series.delete(track.row.key);
  member.tracks.delete(property);
}

function meet(state: State, member: Member, property: string, kept: Kept<SeriesRow>): Track {
  const row = kept.row!;
  const runs: ChunkRow[] = [];
  for (let no = row.head; no < row.tail; no++) runs.push(state.chunks.get(runKey(row, no))!);
  const track = { row, kept, runs };
  member.tracks.set(property, track);
  return track;
}
