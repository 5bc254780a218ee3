/** Transactions under an id. Three requests each: to the coordinator who takes part, to the leaders the records, to the coordinator the end. */
import { HomeostatError, messageOf } from '../../errors.ts';
import { Fenced, type LogRecord, type Transactor } from '../log.ts';
import { Connection, type Patience, type Surroundings } from './connection.ts';
import { isFencing, isPassing, Refused, typeOf } from './failures.ts';
import { checkSizes, placeOf, rounds, Sequences } from './produce.ts';
import { addPartitionsRequest, endTransactionRequest, initProducerRequest, type TransactionOf } from './requests.ts';

/** The coordinator aborts a transaction that was left open for so long; longer than we try to end one. */
const TRANSACTION_MS = 30_000;
/**
 * The markers of the last transaction are still being written when the next begins: the broker says so within a millisecond and is done in a few.
 * (With kafkajs' pause of 300 ms a step took 360 ms where it now takes 10.)
 */
const PATIENCE: Patience = { totalMs: 15_000, firstMs: 2, mostMs: 200 };
/** Longer: what an owner before us left open may have to be ended first. */
const BEGIN: Patience = { totalMs: 60_000, firstMs: 4, mostMs: 500 };

export class KafkaTransactor implements Transactor {
  readonly id: string;
  readonly #connection: Connection;
  #sequences: Sequences;
  #fenced: Fenced | undefined;
  #broken = false;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(id: string, connection: Connection, sequences: Sequences) {
    this.id = id;
    this.#connection = connection;
    this.#sequences = sequences;
  }

  /** Fences whoever wrote under the id before, and ends what that one left open. */
  static async begin(id: string, surroundings: Surroundings): Promise<KafkaTransactor> {
    const connection = new Connection(surroundings);
    try {
      const sequences = await init(connection, { transactionalId: id, id: -1n, epoch: -1 });
      return new KafkaTransactor(id, connection, sequences);
    } catch (thrown) {
      await connection.close();
      throw explained(`beginning transactions as ${id}`, thrown);
    }
  }

  commit(records: readonly LogRecord[]): Promise<ReadonlyMap<string, number>> {
    return this.#inTurn(async () => {
      if (this.#broken) throw new HomeostatError('H312', `the last transaction of ${this.id} failed: it is to be renewed first`);
      checkSizes(records);
      if (records.length === 0) return new Map();
      try {
        return await this.#commit(records);
      } catch (thrown) {
        this.#broken = true;
        throw thrown;
      }
    }, `a transaction of ${this.id}`);
  }

  async #commit(records: readonly LogRecord[]): Promise<ReadonlyMap<string, number>> {
    const parts = new Map(records.map((record) => [placeOf(record), { topic: record.topic, partition: record.partition }]));
    await this.#ask(async (coordinator) => {
      const codes = await this.#connection.send(coordinator, addPartitionsRequest(this.#transaction, [...parts.values()]));
      // All or none are added; the others say only that they were not tried.
      const code = codes.find((one) => one !== 0 && one !== 55) ?? codes.find((one) => one !== 0);
      if (code !== undefined) throw new Refused(code, 'beginning a transaction');
    });
    const written = new Map<string, number>();
    for (const round of rounds(records))
      for (const [place, offset] of await this.#sequences.write(this.#connection, round, this.id, PATIENCE)) written.set(place, offset);
    await this.#end(true);
    return written;
  }

  async #end(commit: boolean): Promise<void> {
    await this.#ask(async (coordinator) => {
      const code = await this.#connection.send(coordinator, endTransactionRequest(this.#transaction, commit));
      if (code !== 0) throw new Refused(code, commit ? 'committing' : 'aborting');
    });
  }

  renew(): Promise<void> {
    return this.#inTurn(async () => {
      // What is open is aborted first: the broker would end it for us, but then no longer know us by what we were.
      await this.#end(false).catch((thrown) => {
        if (typeOf(thrown) !== 'INVALID_TXN_STATE') throw thrown;
      });
      const { id, epoch } = this.#sequences.producer;
      this.#sequences = await init(this.#connection, { transactionalId: this.id, id, epoch });
      this.#broken = false;
    }, `renewing ${this.id}`);
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#connection.close();
  }

  get #transaction(): TransactionOf {
    return { transactionalId: this.id, ...this.#sequences.producer };
  }

  #ask<T>(ask: (coordinator: Awaited<ReturnType<Connection['coordinator']>>) => Promise<T>): Promise<T> {
    return this.#connection.persist(PATIENCE, async () => ask(await this.#connection.coordinator('transaction', this.id)));
  }

  /** One at a time; once fenced, fenced for good. */
  #inTurn<T>(work: () => Promise<T>, doing: string): Promise<T> {
    const turn = this.#last.then(async () => {
      if (this.#fenced !== undefined) throw this.#fenced;
      try {
        return await work();
      } catch (thrown) {
        if (!isFencing(thrown)) throw explained(doing, thrown);
        this.#fenced = new Fenced(this.id, { cause: thrown });
        throw this.#fenced;
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

async function init(connection: Connection, { transactionalId, id, epoch }: TransactionOf): Promise<Sequences> {
  const request = initProducerRequest({ transactionalId, transactionTimeoutMs: TRANSACTION_MS, id, epoch });
  return connection.persist(
    BEGIN,
    async () => {
      const answer = await connection.send(await connection.coordinator('transaction', transactionalId), request);
      if (answer.errorCode !== 0) throw new Refused(answer.errorCode, 'beginning under the id');
      return new Sequences({ id: answer.id, epoch: answer.epoch });
    },
    isPassing,
  );
}

const explained = (doing: string, thrown: unknown): unknown =>
  thrown instanceof HomeostatError || thrown instanceof Fenced
    ? thrown
    : new HomeostatError('H312', `${doing} failed, and it is not known whether anything was written: ${messageOf(thrown)}`, {
        cause: thrown,
      });
