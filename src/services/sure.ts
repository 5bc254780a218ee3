/**
 * Transactions of which we know whether they were committed. When the answer to a commit is lost, the transactor is renewed, which settles what was
 * left open, and the log is read for the transaction's mark: there, it was committed; not there, it is written again; another's
 * in its place, somebody has taken over.
 */
import type { Logger } from 'pino';
import { type Clock, sleep } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { Fenced, type Log, type LogRecord, type ReadRecord, type Transactor } from '../log/log.ts';

/** The pause before a transaction is tried again, ms; it doubles up to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

export interface SurePorts {
  readonly log: Log;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether the group still counts us as the owner. Who is not may not renew: that would fence the rightful one. */
  readonly alive: () => boolean;
}

/** Where a transaction leaves its mark: each writes one record there, which tells it from those before. */
export interface MarkPlace {
  readonly topic: string;
  readonly partition: number;
  /** The mark that a record there is; null: it is none. */
  readonly markOf: (record: ReadRecord) => string | null;
}

export class Sure {
  readonly #ports: SurePorts;
  readonly #transactor: Transactor;
  readonly #place: MarkPlace;
  /** The mark of the last transaction that is known to be committed, and an offset at or before it. */
  #last: string | null = null;
  #from = 0;
  #closing = new AbortController();
  #failure: string | null = null;
  /** Another was seen to write in our place, or nobody could look whether it has before the place was lost: although we may have fenced it, nothing of ours may be written any more. */
  #over: Fenced | undefined;

  private constructor(ports: SurePorts, transactor: Transactor, place: MarkPlace) {
    this.#ports = ports;
    this.#transactor = transactor;
    this.#place = place;
  }

  /** Fences whoever wrote under this id before. What was committed up to now can be read when this resolves. */
  static async open(ports: SurePorts, id: string, place: MarkPlace): Promise<Sure> {
    return new Sure(ports, await ports.log.transactor(id), place);
  }

  /** Why nothing can be committed now; null: it can, as far as is known. */
  get failure(): string | null {
    return this.#failure;
  }

  /** The last mark as it was read before the first transaction, and its offset. */
  begin(mark: string | null, offset: number): void {
    this.#last = mark;
    this.#from = offset;
  }

  /**
   * Writes a transaction once, whatever it takes; `mark` is that of one of its records. Resolves to the offsets of the last
   * records, or undefined if they are not known. @throws Fenced if another has taken over, or we have lost our place in the group
   */
  async commit(records: readonly LogRecord[], mark: string): Promise<ReadonlyMap<string, number> | undefined> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        if (this.#over !== undefined) throw this.#over;
        const offsets = await this.#transactor.commit(records);
        this.#done(mark, offsets.get(`${this.#place.topic}/${this.#place.partition}`));
        return offsets;
      } catch (thrown) {
        await this.#settle(thrown, pauseMs);
      }
      if (await this.#isThere(mark)) {
        this.#done(mark, undefined);
        return undefined;
      }
    }
  }

  /** Writes records that may be written twice, and have no mark. False: they may not be there. @throws Fenced */
  async attempt(records: readonly LogRecord[]): Promise<boolean> {
    try {
      if (this.#over !== undefined) throw this.#over;
      await this.#transactor.commit(records);
      return true;
    } catch (thrown) {
      await this.#settle(thrown, FIRST_PAUSE_MS);
      // Renewing may have fenced a successor, and what we have to write is older than what that has written.
      await this.#isThere(this.#last);
      return false;
    }
  }

  #done(mark: string, offset: number | undefined): void {
    if (this.#failure !== null) this.#ports.logger.info('transactions are committed again');
    this.#failure = null;
    this.#last = mark;
    if (offset !== undefined) this.#from = offset;
  }

  /** After a failure: pauses, and renews until that succeeds. @throws Fenced, from now on, if we have lost our place in the group */
  async #settle(thrown: unknown, firstPauseMs: number): Promise<void> {
    const { clock, logger, alive } = this.#ports;
    let reason = thrown;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      if (reason instanceof Fenced) throw reason;
      if (this.#closing.signal.aborted) throw reason;
      if (this.#failure === null) logger.warn({ err: reason }, 'a transaction failed and is settled');
      this.#failure = messageOf(reason);
      await sleep(clock, pauseMs, this.#closing.signal);
      if (!alive()) {
        // Renewing may have fenced a successor, and nobody has looked whether it has: what comes after this would be written over what that has written.
        this.#over = new Fenced(this.#transactor.id, { cause: reason });
        throw this.#over;
      }
      try {
        await this.#transactor.renew();
        return;
      } catch (again) {
        reason = again;
      }
    }
  }

  /** Whether a transaction, or that before it, is the last there. @throws Fenced, from now on, if another's is */
  async #isThere(mark: string | null): Promise<boolean> {
    const { topic, partition, markOf } = this.#place;
    let newest: string | null = null;
    for (;;) {
      try {
        await this.#ports.log.read(topic, partition, this.#from, (records) => {
          for (const record of records) newest = markOf(record) ?? newest;
        });
        break;
      } catch (thrown) {
        await this.#settle(thrown, FIRST_PAUSE_MS);
      }
    }
    const found = newest ?? this.#last;
    if (found !== mark && found !== this.#last) {
      this.#over = new Fenced(this.#transactor.id);
      throw this.#over;
    }
    return found === mark;
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('it is being closed'));
    await this.#transactor.close();
  }
}
