/**
 * One kind of thing that the state holds: rows by key, with the list of what changed since it was last taken, and a timer for
 * each row that wants one. Rows are plain JSON of a fixed shape (null for what is absent), so that a row read back from its text
 * is the row, to the byte.
 */
import TinyQueue from 'tinyqueue';
import { type Digest, digestOf, type Mixer } from './fingerprint.ts';

export interface Row {
  readonly key: string;
}

/** The place of a row in its table, with what the table remembers of it: never stored. Who works with a row often keeps its place, and need not look it up. */
export interface Kept<R extends Row> extends Digest {
  readonly key: string;
  /** Table and key, as it is stored. */
  readonly name: string;
  /** Null: it is gone. */
  row: R | null;
  changed: boolean;
  /** When its timer rings; null: it has none. */
  armedAt: number | null;
}

interface Timer<R extends Row> {
  readonly at: number;
  readonly of: Kept<R>;
}

/** The order of keys: by UTF-16 code units, which for the ASCII that ids are made of is the order of bytes. */
export const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The two parts of a key. */
export function partsOf(key: string): [first: string, second: string] {
  const tab = key.indexOf('\t');
  return [key.slice(0, tab), key.slice(tab + 1)];
}

/** Where a key stands, or would stand, in an ordered list: by halving. */
export function placeOf(list: readonly string[], key: string): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Table<R extends Row> {
  readonly name: string;
  /** What of a row is hashed; undefined: its text. */
  readonly say: ((row: R, mixer: Mixer) => void) | undefined;
  readonly #dueOf: (row: R) => number | null;
  readonly #rows = new Map<string, Kept<R>>();
  #changed: Kept<R>[] = [];
  /** Those among the changed that are gone. */
  readonly #gone = new Map<string, Kept<R>>();
  readonly #timers = new TinyQueue<Timer<R>>([], (a, b) => a.at - b.at || byKey(a.of.key, b.of.key));
  #ordered: readonly string[] | undefined;

  /** `dueOf`: when a row wants a step although nothing happens; null: never. */
  constructor(name: string, dueOf: (row: R) => number | null = () => null, say?: (row: R, mixer: Mixer) => void) {
    this.name = name;
    this.say = say;
    this.#dueOf = dueOf;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): R | undefined {
    return this.#rows.get(key)?.row ?? undefined;
  }

  /** Where the row of a key is. */
  place(key: string): Kept<R> | undefined {
    return this.#rows.get(key);
  }

  /** All places, in no order. */
  places(): IterableIterator<Kept<R>> {
    return this.#rows.values();
  }

  /** Adds or replaces a row. */
  put(row: R): R {
    this.mark(this.#keep(row));
    return row;
  }

  /** Says that a row of this table was changed in place. */
  touch(row: R): void {
    const kept = this.#rows.get(row.key);
    if (kept !== undefined) this.mark(kept);
  }

  /** The same of the row at a place. */
  mark(kept: Kept<R>): void {
    if (kept.changed) return;
    kept.changed = true;
    this.#changed.push(kept);
  }

  delete(key: string): void {
    const kept = this.#rows.get(key);
    if (kept === undefined) return;
    this.#rows.delete(key);
    this.#ordered = undefined;
    kept.row = null;
    kept.armedAt = null;
    this.#gone.set(key, kept);
    this.mark(kept);
  }

  /** Puts back a row as it was stored: no change. `name`: as it is stored, where that is in hand. */
  load(row: R, name?: string): Kept<R> {
    const kept = this.#keep(row, name);
    this.#arm(kept);
    return kept;
  }

  #keep(row: R, known?: string): Kept<R> {
    const { key } = row;
    let kept = this.#rows.get(key);
    if (kept === undefined) {
      kept = this.#gone.get(key);
      if (kept === undefined) {
        const name = known ?? `${this.name}\t${key}`;
        const { keyA, keyB, a, b } = digestOf(name);
        kept = { key, name, row, changed: false, armedAt: null, keyA, keyB, a, b };
      }
      if (this.#gone.size > 0) this.#gone.delete(key);
      this.#rows.set(key, kept);
      this.#ordered = undefined;
    }
    kept.row = row;
    return kept;
  }

  /** All keys in order. Valid until a row is added or deleted. */
  keys(): readonly string[] {
    this.#ordered ??= [...this.#rows.keys()].sort(byKey);
    return this.#ordered;
  }

  /** All rows in the order of their keys. */
  *rows(): IterableIterator<R> {
    for (const key of this.keys()) {
      const row = this.get(key);
      if (row !== undefined) yield row;
    }
  }

  /** All rows in no order: for what is derived of them only, and comes out the same in any. */
  *unordered(): IterableIterator<R> {
    for (const { row } of this.#rows.values()) if (row !== null) yield row;
  }

  /** What changed, each row once, in the order in which it was first said; sets their timers and forgets them. */
  takeChanges(): readonly Kept<R>[] {
    const changed = this.#changed;
    if (changed.length === 0) return changed;
    this.#changed = [];
    this.#gone.clear();
    for (const kept of changed) {
      kept.changed = false;
      this.#arm(kept);
    }
    return changed;
  }

  /** Rows whose time has come, in the order of their time, then key. Each is handed out once, until it is changed. */
  takeDue(now: number): R[] {
    const due: { readonly at: number; readonly row: R }[] = [];
    for (let next = this.#timers.peek(); next !== undefined && next.at <= now; next = this.#timers.peek()) {
      this.#timers.pop();
      const { at: armedAt, of: kept } = next;
      if (kept.armedAt !== armedAt || kept.row === null) continue;
      kept.armedAt = null;
      const at = this.#dueOf(kept.row);
      if (at === null) continue;
      if (at <= now) due.push({ at, row: kept.row });
      else this.#arm(kept);
    }
    // One that was put off rang at the time from which it was: after a restart nobody knows of that.
    if (due.length > 1) due.sort((a, b) => a.at - b.at || byKey(a.row.key, b.row.key));
    return due.map(({ row }) => row);
  }

  /** When the next row may be due: never later than it is, but perhaps earlier, since a put-off timer is seen only when it rings. */
  nextDue(): number | null {
    for (let next = this.#timers.peek(); next !== undefined; next = this.#timers.peek()) {
      const { at: armedAt, of: kept } = next;
      if (kept.armedAt === armedAt && kept.row !== null) {
        if (this.#dueOf(kept.row) === armedAt) return armedAt;
        kept.armedAt = null;
        this.#timers.pop();
        this.#arm(kept);
      } else this.#timers.pop();
    }
    return null;
  }

  /** A timer that moves away stays where it is and is put off when it rings; one that moves nearer is set anew. */
  #arm(kept: Kept<R>): void {
    const at = kept.row === null ? null : this.#dueOf(kept.row);
    if (at === null || (kept.armedAt !== null && kept.armedAt <= at)) return;
    kept.armedAt = at;
    this.#timers.push({ at, of: kept });
  }
}
