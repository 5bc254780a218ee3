/** The coordinator of transactions: per id an epoch, which fences all owners before the newest, and at most one transaction that is open. */
import type { Cancel, Clock } from '../../../src/clock.ts';
import { Fenced, type LogRecord } from '../../../src/log/log.ts';
import { NotYet } from './link.ts';
import type { Partition, Piece } from './partition.ts';

interface Owned {
  epoch: number;
  /** `ending`: it is decided, and the marks of that are still being written. */
  status: 'empty' | 'open' | 'ending';
  /** The owner's number of its transaction, so that a request that is said again is done once. */
  number: number;
  ended: number;
  pieces: Map<Partition, Piece>;
  expiry: Cancel;
}

export interface TransactionOptions {
  readonly clock: Clock;
  /** A transaction that is open for longer is aborted by the broker, and its owner fenced, ms. */
  readonly transactionMs: number;
  /** How long it takes until a decision is marked in a partition, ms. */
  readonly markMs: () => number;
}

export class Transactions {
  readonly #options: TransactionOptions;
  readonly #owned = new Map<string, Owned>();

  constructor(options: TransactionOptions) {
    this.#options = options;
  }

  /** Makes the caller the owner of the id. @throws NotYet while what was left open is being settled; from then on the earlier owner is fenced */
  init(id: string): number {
    const owned = this.#of(id);
    if (owned.status === 'ending') throw new NotYet();
    owned.epoch++;
    if (owned.status === 'open') this.#settle(owned, 'aborted');
    // Settled since, or by the next time that it is asked for.
    if (this.#isEnding(owned)) throw new NotYet();
    owned.ended = 0;
    return owned.epoch;
  }

  /** Returns the offset of the last record. */
  produce(client: string, id: string, epoch: number, number: number, partition: Partition, records: readonly LogRecord[]): number {
    const owned = this.#current(id, epoch);
    if (owned.status === 'ending') throw new NotYet();
    if (owned.status === 'empty') {
      owned.status = 'open';
      owned.number = number;
      owned.expiry = this.#options.clock.after(this.#options.transactionMs, () => this.#expire(owned));
    }
    const before = owned.pieces.get(partition);
    if (before !== undefined) return before.last;
    const piece = partition.begin();
    owned.pieces.set(partition, piece);
    return partition.append(records, this.#options.clock.now(), { client, transaction: { id, epoch, number } }, piece);
  }

  /** Commits. Said again, it is done once. */
  end(id: string, epoch: number, number: number): void {
    const owned = this.#current(id, epoch);
    if (owned.ended === number) return;
    if (owned.status !== 'open' || owned.number !== number) throw new Error(`there is no transaction ${number} of ${id} to end`);
    owned.ended = number;
    this.#settle(owned, 'committed');
  }

  #of(id: string): Owned {
    const owned = this.#owned.get(id) ?? { epoch: 0, status: 'empty', number: 0, ended: 0, pieces: new Map(), expiry: () => {} };
    this.#owned.set(id, owned);
    return owned;
  }

  #current(id: string, epoch: number): Owned {
    const owned = this.#of(id);
    if (owned.epoch !== epoch) throw new Fenced(id);
    return owned;
  }

  #isEnding = (owned: Owned): boolean => owned.status === 'ending';

  #expire(owned: Owned): void {
    if (owned.status !== 'open') return;
    owned.epoch++;
    this.#settle(owned, 'aborted');
  }

  /** What is decided here is decided; its partitions hear of it one after the other. */
  #settle(owned: Owned, verdict: 'committed' | 'aborted'): void {
    const { clock, markMs } = this.#options;
    const { pieces } = owned;
    owned.expiry();
    owned.pieces = new Map();
    owned.status = 'ending';
    let left = pieces.size;
    for (const [partition, piece] of pieces) {
      piece.verdict = verdict;
      piece.decidedAt = clock.now();
      const mark = (): void => {
        partition.settle(piece, verdict, clock.now());
        if (--left === 0) owned.status = 'empty';
      };
      const ms = markMs();
      if (ms === 0) mark();
      else clock.after(ms, mark);
    }
  }
}
