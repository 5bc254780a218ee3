/** Writes outside of transactions. What comes while a request is under way leaves with the next, together. */
import { HomeostatError, messageOf } from '../../errors.ts';
import type { LogRecord, Writer } from '../log.ts';
import { recordBytes } from './batches.ts';
import { Connection, type Patience, type Surroundings } from './connection.ts';
import { Refused } from './failures.ts';
import { checkSizes, rounds, Sequences } from './produce.ts';
import { initProducerRequest } from './requests.ts';

/** How long a write is tried before its writer hears that it failed. */
const PATIENCE: Patience = { totalMs: 30_000, firstMs: 20, mostMs: 1_000 };
/** Bytes that wait to be written; over it, writers are refused. */
const MAX_WAITING_BYTES = 64 << 20;

interface Waiting {
  readonly records: readonly LogRecord[];
  readonly bytes: number;
  resolve(): void;
  reject(reason: unknown): void;
}

export class KafkaWriter implements Writer {
  readonly #connection: Connection;
  #sequences: Sequences | undefined;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;

  constructor(surroundings: Surroundings) {
    this.#connection = new Connection(surroundings);
  }

  async write(records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return;
    if (this.#connection.closed) throw new HomeostatError('H312', 'the writer is closed');
    checkSizes(records);
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
    if (this.#bytes + bytes > MAX_WAITING_BYTES && this.#waiting.length > 0)
      throw new HomeostatError(
        'H202',
        `${this.#bytes} bytes wait to be written to Kafka, which does not keep up; more than ${MAX_WAITING_BYTES} may not`,
      );
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ records, bytes, resolve, reject });
      this.#bytes += bytes;
      this.#running ??= this.#run().finally(() => {
        this.#running = undefined;
      });
    });
  }

  async #run(): Promise<void> {
    // What is written in the same turn leaves together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const taken = this.#waiting;
      this.#waiting = [];
      try {
        this.#sequences ??= await this.#begin();
        for (const round of rounds(taken.flatMap(({ records }) => records)))
          await this.#sequences.write(this.#connection, round, null, PATIENCE);
        for (const { resolve } of taken) resolve();
      } catch (thrown) {
        // Whether it was written is not known: whoever comes next is a new producer, whose numbers begin anew.
        this.#sequences = undefined;
        const failed =
          thrown instanceof HomeostatError
            ? thrown
            : new HomeostatError('H312', `not written to Kafka: ${messageOf(thrown)}`, { cause: thrown });
        for (const { reject } of taken) reject(failed);
      }
      for (const { bytes } of taken) this.#bytes -= bytes;
    }
  }

  #begin(): Promise<Sequences> {
    return this.#connection.persist(PATIENCE, async () => {
      const broker = await this.#connection.any();
      const request = initProducerRequest({ transactionalId: null, transactionTimeoutMs: 60_000, id: -1n, epoch: -1 });
      const { errorCode, id, epoch } = await this.#connection.send(broker, request);
      if (errorCode !== 0) throw new Refused(errorCode, 'beginning to write');
      return new Sequences({ id, epoch });
    });
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#running;
    await this.#connection.close();
  }
}
