/**
 * Rows that have changed, and lie in the log of changes, but not yet where rows are kept. A step writes its changes to the log in one piece, which
 * costs a few pages however many rows it changed; and with each step some of the oldest of these rows are put in their places. A row that
 * changes again while it waits is written once.
 */
import type { Change } from './change.ts';
import type { Row } from './table.ts';

/** Rows put in their places with a step that has much to write itself, and with one that has little, where nothing else is wanted. */
const BUSY = 16;
const CALM = 512;
/** Of those that wait, at least this share, so that the log stays short whatever comes. */
const SHARE = 1 / 1024;

export class Pending {
  /** By key, in the order in which they first changed. */
  readonly #rows = new Map<string, { text: string | null; readonly step: number }>();
  readonly #calm: number;

  /** `calm`: rows put in their places with a step that has little to write itself. */
  constructor(calm = CALM) {
    this.#calm = calm;
  }

  get size(): number {
    return this.#rows.size;
  }

  add(step: number, changes: readonly Change[]): void {
    for (const { key, text } of changes) {
      const waiting = this.#rows.get(key);
      if (waiting === undefined) this.#rows.set(key, { text, step });
      else waiting.text = text;
    }
  }

  /** The rows whose turn it is in a step with so many changes of its own, and the last step of whose changes none will wait any more. `now`: the step before. */
  turn(now: number, changes: number): { readonly rows: readonly Change[]; readonly settled: number } {
    return this.#oldest(Math.max(changes > BUSY ? BUSY : this.#calm, Math.ceil(this.#rows.size * SHARE)), now);
  }

  /** All rows, when there is time. */
  all(now: number): { readonly rows: readonly Change[]; readonly settled: number } {
    return this.#oldest(this.#rows.size, now);
  }

  #oldest(count: number, now: number): { readonly rows: readonly Change[]; readonly settled: number } {
    const rows: Change[] = [];
    for (const [key, { text, step }] of this.#rows) {
      if (rows.length === count) return { rows, settled: step - 1 };
      rows.push({ key, text });
    }
    return { rows, settled: now };
  }

  /** They are in their places. */
  done(rows: readonly Change[]): void {
    for (const { key } of rows) this.#rows.delete(key);
  }

  clear(): void {
    this.#rows.clear();
  }

  /** All that waits, as it is newest. */
  entries(): ReadonlyMap<string, { readonly text: string | null }> {
    return this.#rows;
  }
}

/**
 * The changes of a step as one text, a line each: of a row that is there the name of its table and the row, which says its key; of one that is gone
 * table and key as a JSON text. Rows are JSON, so none holds a line break.
 */
export function encodeChanges(changes: readonly Change[]): string {
  const lines: string[] = [];
  for (const { key, text } of changes) lines.push(text === null ? JSON.stringify(key) : key.slice(0, key.indexOf('\t')) + text);
  return lines.join('\n');
}

const KEY_FIRST = /^\{"key":("(?:[^"\\]|\\.)*")/;

/** A row is written with its key first: it need not be read whole for that. */
const keyOf = (row: string): string => {
  const key = KEY_FIRST.exec(row)?.[1];
  return key === undefined ? (JSON.parse(row) as Row).key : (JSON.parse(key) as string);
};

export function decodeChanges(text: string): Change[] {
  if (text === '') return [];
  return text.split('\n').map((line) => {
    if (line.startsWith('"')) return { key: JSON.parse(line) as string, text: null };
    const at = line.indexOf('{');
    const row = line.slice(at);
    return { key: `${line.slice(0, at)}\t${keyOf(row)}`, text: row };
  });
}
