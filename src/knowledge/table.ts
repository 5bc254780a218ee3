/**
 * One kind of thing that the state holds: rows by key, with the list of what changed since it was last taken, and a timer for
 * each row that wants one. Rows are plain JSON of a fixed shape (null for what is absent), so that a row read back from its text
 * is the row, to the byte.
 */
import TinyQueue from 'tinyqueue';

export interface Row {
  readonly key: string;
}

interface Armed {
  readonly at: number;
  readonly key: string;
}

/** The order of keys: by UTF-16 code units, which for the ASCII that ids are made of is the order of bytes. */
export const byKey = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

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
  readonly #dueOf: (row: R) => number | null;
  readonly #rows = new Map<string, R>();
  readonly #changed = new Set<string>();
  readonly #armed = new Map<string, number>();
  readonly #timers = new TinyQueue<Armed>([], (a, b) => a.at - b.at || byKey(a.key, b.key));
  #ordered: readonly string[] | undefined;

  /** `dueOf`: when a row wants a step although nothing happens; null: never. */
  constructor(name: string, dueOf: (row: R) => number | null = () => null) {
    this.name = name;
    this.#dueOf = dueOf;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): R | undefined {
    return this.#rows.get(key);
  }

  /** Adds or replaces a row. */
  put(row: R): R {
    if (!this.#rows.has(row.key)) this.#ordered = undefined;
    this.#rows.set(row.key, row);
    this.#changed.add(row.key);
    return row;
  }

  /** Says that a row of this table was changed in place. */
  touch(row: R): void {
    this.#changed.add(row.key);
  }

  delete(key: string): void {
    if (!this.#rows.delete(key)) return;
    this.#ordered = undefined;
    this.#armed.delete(key);
    this.#changed.add(key);
  }

  /** Puts back a row as it was stored: no change. */
  load(row: R): void {
    this.#rows.set(row.key, row);
    this.#ordered = undefined;
    this.#arm(row);
  }

  /** All keys in order. Valid until a row is added or deleted. */
  keys(): readonly string[] {
    this.#ordered ??= [...this.#rows.keys()].sort(byKey);
    return this.#ordered;
  }

  /** All rows in the order of their keys. */
  *rows(): IterableIterator<R> {
    for (const key of this.keys()) {
      const row = this.#rows.get(key);
      if (row !== undefined) yield row;
    }
  }

  /** The changed keys in order, each once, with its row, or null where it was deleted; sets their timers and forgets them. */
  takeChanges(): (readonly [key: string, row: R | null])[] {
    const changes: (readonly [string, R | null])[] = [];
    for (const key of [...this.#changed].sort(byKey)) {
      const row = this.#rows.get(key) ?? null;
      if (row !== null) this.#arm(row);
      changes.push([key, row]);
    }
    this.#changed.clear();
    return changes;
  }

  /** Rows whose time has come, in the order of their time, then key. Each is handed out once, until it is changed. */
  takeDue(now: number): R[] {
    const due: R[] = [];
    for (let next = this.#timers.peek(); next !== undefined && next.at <= now; next = this.#timers.peek()) {
      this.#timers.pop();
      if (this.#armed.get(next.key) !== next.at) continue;
      this.#armed.delete(next.key);
      const row = this.#rows.get(next.key);
      if (row === undefined) continue;
      const at = this.#dueOf(row);
      if (at === null) continue;
      if (at <= now) due.push(row);
      else this.#arm(row);
    }
    return due;
  }

  /** When the next row may be due: never later than it is, but perhaps earlier, since a put-off timer is seen only when it rings. */
  nextDue(): number | null {
    for (let next = this.#timers.peek(); next !== undefined; next = this.#timers.peek()) {
      if (this.#armed.get(next.key) !== next.at) {
        this.#timers.pop();
        continue;
      }
      const row = this.#rows.get(next.key);
      const at = row === undefined ? null : this.#dueOf(row);
      if (at === next.at) return at;
      this.#timers.pop();
      this.#armed.delete(next.key);
      if (row !== undefined) this.#arm(row);
    }
    return null;
  }

  /** A timer that moves away stays where it is and is put off when it rings; one that moves nearer is set anew. */
  #arm(row: R): void {
    const at = this.#dueOf(row);
    if (at === null) return;
    const armed = this.#armed.get(row.key);
    if (armed !== undefined && armed <= at) return;
    this.#armed.set(row.key, at);
    this.#timers.push({ at, key: row.key });
  }
}
