/** Observed series with the runs of their windows, found without making up their keys. Derived, never stored: each is made when it is first asked for. */
import { Pairs } from './pairs.ts';
import type { ChunkRow, SeriesRow, State } from './state.ts';

export interface Track {
  readonly row: SeriesRow;
  /** Its runs from `head` up to, without, `tail`. */
  readonly runs: ChunkRow[];
}

export const runKey = (row: SeriesRow, no: number): string => `${row.key}\t${no}`;

export class Tracks {
  readonly #state: State;
  readonly #met = new Pairs<Track>();

  constructor(state: State) {
    this.#state = state;
  }

  /** What is known of an observed series; undefined: it has not been observed. */
  get(element: string, property: string): Track | undefined {
    const met = this.#met.get(element, property);
    if (met !== undefined) return met;
    const row = this.#state.series.get(`${element}\t${property}`);
    return row && this.#meet(element, property, row);
  }

  /** The series begins with its first observation. */
  begin(element: string, property: string): Track {
    const key = `${element}\t${property}`;
    const row = this.#state.series.put({ key, last: -1, everyMs: null, sources: [], lastOf: [], head: 0, tail: 0, size: 0 });
    return this.#meet(element, property, row);
  }

  drop(element: string, property: string): void {
    const track = this.get(element, property);
    if (track === undefined) return;
    for (const run of track.runs) this.#state.chunks.delete(run.key);
    this.#state.series.delete(track.row.key);
    this.#met.delete(element, property);
  }

  #meet(element: string, property: string, row: SeriesRow): Track {
    const runs: ChunkRow[] = [];
    for (let no = row.head; no < row.tail; no++) runs.push(this.#state.chunks.get(runKey(row, no))!);
    const track = { row, runs };
    this.#met.put(element, property, track);
    return track;
  }
}
