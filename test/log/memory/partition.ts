/** One partition: numbered records, of which readers see those that are committed and lie before the first that is still open. */
import type { LogRecord, ReadRecord } from '../../../src/log/log.ts';

/** Who wrote a record: a client, and in which transaction, if in one. Readers are not told. */
export interface Origin {
  readonly client: string;
  readonly transaction?: { readonly id: string; readonly epoch: number; readonly number: number };
}

/** A record as a checker sees it. */
export interface Witnessed extends ReadRecord {
  readonly origin: Origin;
  /** When it was decided that it is committed, and when readers could see it first, by the broker's clock. */
  readonly decidedAt: number;
  readonly seenAt: number;
}

/** The part of one transaction in one partition. */
export interface Piece {
  state: 'open' | 'committed' | 'aborted';
  /** What will be marked; it is decided then, and only not seen yet. */
  verdict: 'committed' | 'aborted' | undefined;
  decidedAt: number;
  settledAt: number;
  readonly first: number;
  last: number;
}

interface Entry extends ReadRecord {
  /** Null: a marker of the broker's own, at the end of a transaction. It takes an offset and is seen by nobody. */
  readonly kind: 'data' | 'marker';
  readonly piece?: Piece;
  readonly origin?: Origin;
  /** When the cleaner first saw that it is the newest of its key, and a tombstone. */
  cleanedAt?: number;
}

export interface Fetched {
  readonly records: readonly ReadRecord[];
  readonly next: number;
  readonly end: number;
}

export class Partition {
  #entries: Entry[] = [];
  /** All data that was ever written, whatever has become of it since. */
  readonly #all: Entry[] = [];
  #start = 0;
  #end = 0;
  readonly #open = new Set<Piece>();
  #waiting: { readonly from: number; readonly then: () => void }[] = [];

  /** The oldest offset that is kept. */
  get start(): number {
    return this.#start;
  }

  /** The offset that the next record gets. */
  get end(): number {
    return this.#end;
  }

  /** Everything before it is decided: committed, or aborted. */
  get stable(): number {
    let stable = this.#end;
    for (const piece of this.#open) stable = Math.min(stable, piece.first);
    return stable;
  }

  /** Returns the offset of the last one. */
  append(records: readonly LogRecord[], time: number, origin: Origin, piece?: Piece): number {
    for (const { key, value } of records) {
      const entry: Entry = { kind: 'data', key, value, time, offset: this.#end++, origin, ...(piece && { piece }) };
      this.#entries.push(entry);
      this.#all.push(entry);
    }
    if (piece === undefined) this.#moved();
    else piece.last = this.#end - 1;
    return this.#end - 1;
  }

  begin(): Piece {
    const piece: Piece = {
      state: 'open',
      verdict: undefined,
      decidedAt: 0,
      settledAt: Number.POSITIVE_INFINITY,
      first: this.#end,
      last: this.#end,
    };
    this.#open.add(piece);
    return piece;
  }

  settle(piece: Piece, verdict: 'committed' | 'aborted', time: number): void {
    piece.state = verdict;
    piece.settledAt = time;
    this.#open.delete(piece);
    this.#entries.push({ kind: 'marker', key: null, value: null, time, offset: this.#end++, piece });
    this.#moved();
  }

  /** What a reader of committed records is given. Offsets that are gone count as the oldest kept. */
  fetch(from: number, most: number): Fetched {
    const end = this.stable;
    const records: ReadRecord[] = [];
    let next = Math.max(from, this.#start);
    for (let i = this.#indexOf(next); i < this.#entries.length; i++) {
      const entry = this.#entries[i]!;
      // Over what nobody sees, such as the mark at the end of a transaction, reading goes on.
      if (entry.offset >= end || (records.length >= most && isSeen(entry))) break;
      next = entry.offset + 1;
      if (isSeen(entry)) records.push(plain(entry));
    }
    if (records.length < most) next = Math.max(next, end);
    return { records, next, end };
  }

  /** Calls back, once, as soon as there is something decided at or after the offset. Returns how to take that back. */
  when(from: number, then: () => void): () => void {
    if (this.stable > from) {
      then();
      return () => {};
    }
    const waiting = { from, then };
    this.#waiting.push(waiting);
    return () => {
      this.#waiting = this.#waiting.filter((one) => one !== waiting);
    };
  }

  /** Compaction: of what is decided only the newest of each key is kept, and a tombstone goes when it has been seen for long enough. */
  compact(now: number, tombstonesMs: number): void {
    const end = this.stable;
    const newest = new Map<string, number>();
    for (const entry of this.#entries) if (entry.offset < end && isSeen(entry) && entry.key !== null) newest.set(entry.key, entry.offset);
    this.#entries = this.#entries.filter((entry) => {
      if (entry.offset >= end) return true;
      if (!isSeen(entry) || entry.key === null || newest.get(entry.key) !== entry.offset) return false;
      if (entry.value !== null) return true;
      entry.cleanedAt ??= now;
      return now - entry.cleanedAt < tombstonesMs;
    });
  }

  /** Retention: what was written before this instant is gone, if it lies before the offset. */
  forget(before: number, upTo: number): void {
    const end = Math.min(this.stable, upTo);
    if (end <= this.#start) return;
    const kept = this.#entries.findIndex((entry) => entry.offset >= end || entry.time >= before);
    this.#start = kept < 0 ? this.#end : this.#entries[kept]!.offset;
    this.#entries = kept < 0 ? [] : this.#entries.slice(kept);
  }

  /** All that a reader of committed records could see. */
  visible(): ReadRecord[] {
    return [...this.fetch(0, Number.POSITIVE_INFINITY).records];
  }

  /** All that was ever committed, also what is compacted or forgotten by now. */
  *history(): IterableIterator<Witnessed> {
    for (const { piece, origin, time, ...entry } of this.#all) {
      if (piece !== undefined && piece.verdict !== 'committed') continue;
      const { key, value, offset } = entry;
      yield { key, value, offset, time, origin: origin!, decidedAt: piece?.decidedAt ?? time, seenAt: piece?.settledAt ?? time };
    }
  }

  #moved(): void {
    if (this.#waiting.length === 0) return;
    const stable = this.stable;
    const due = this.#waiting.filter(({ from }) => from < stable);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ from }) => from >= stable);
    for (const { then } of due) then();
  }

  /** The first entry at or after an offset. */
  #indexOf(offset: number): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#entries[middle]!.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const isSeen = ({ kind, piece }: Entry): boolean => kind === 'data' && (piece === undefined || piece.state === 'committed');

const plain = ({ key, value, offset, time }: Entry): ReadRecord => ({ key, value, offset, time });
