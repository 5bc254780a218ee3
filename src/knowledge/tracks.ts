/** An observed series with the runs of its window. Derived, never stored. */
import { Pairs, partsOf } from './pairs.ts';
import type { ChunkRow, SeriesRow, State } from './state.ts';

export interface Track {
  readonly row: SeriesRow;
  /** Its runs from `head` up to, without, `tail`. */
  readonly runs: ChunkRow[];
}

export const runKey = (row: SeriesRow, no: number): string => `${row.key}\t${no}`;

/** By element and observed property. */
export function tracksOf(state: State): Pairs<Track> {
  const tracks = new Pairs<Track>();
  for (const row of state.series.unordered()) {
    const runs: ChunkRow[] = [];
    for (let no = row.head; no < row.tail; no++) runs.push(state.chunks.get(runKey(row, no))!);
    tracks.put(...partsOf(row.key), { row, runs });
  }
  return tracks;
}
