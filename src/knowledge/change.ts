/** What a step changed: rows as they are stored, and how the commonest of them are mixed into the hash of the state. */
import type { Mixer } from './fingerprint.ts';
import type { ReadingRow, SeriesRow } from './state.ts';
import type { Row } from './table.ts';

export interface Change {
  /** Table and key, such as `readings shop\tload`. */
  readonly key: string;
  /** The row as JSON; null: it is gone. */
  readonly text: string | null;
}

/** A change whose text is made when it is first asked for: before the next step, or it would be that of a later one. */
export class Written implements Change {
  readonly key: string;
  readonly #row: Row;
  #text: string | undefined;

  constructor(key: string, row: Row) {
    this.key = key;
    this.#row = row;
  }

  get text(): string {
    this.#text ??= JSON.stringify(this.#row);
    return this.#text;
  }
}

export function sayReading({ value, why, time, changedAt, staleAt, confidence, nextAt, memo }: ReadingRow, mixer: Mixer): void {
  mixer.json(value);
  mixer.text(why);
  mixer.number(time);
  mixer.number(changedAt);
  mixer.number(staleAt);
  mixer.number(confidence);
  mixer.number(nextAt);
  mixer.json(memo);
}

export function saySeries({ last, everyMs, sources, lastOf, head, tail, size }: SeriesRow, mixer: Mixer): void {
  mixer.number(last);
  mixer.number(everyMs);
  mixer.number(sources.length);
  for (const source of sources) mixer.text(source);
  mixer.numbers(lastOf);
  mixer.number(head);
  mixer.number(tail);
  mixer.number(size);
}
