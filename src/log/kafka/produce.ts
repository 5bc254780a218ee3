/** Writes batches to the leaders of their partitions, again and again until each is acknowledged. Sequence numbers make a repetition no second write. */
import { HomeostatError } from '../../errors.ts';
import type { LogRecord } from '../log.ts';
import { encodeBatch, type ProducerState, recordBytes } from './batches.ts';
import type { Connection, Patience } from './connection.ts';
import { isPassing, Refused, typeOf } from './failures.ts';
import { produceRequest } from './requests.ts';

/** Bytes of one batch, below what brokers take by default (`message.max.bytes`, 1,048,588). */
const MAX_BATCH_BYTES = 900_000;
const MAX_RECORD_BYTES = 1_000_000;
/** Bytes of one request. */
const MAX_REQUEST_BYTES = 8 << 20;
/** Sequence numbers begin again at 0 after 2^31 - 1. */
const SEQUENCES = 2 ** 31;
const BROKER_TIMEOUT_MS = 8_000;
/** A topic that was just made is not known everywhere at once. */
const UNKNOWN_MS = 1_500;

interface Chunk {
  readonly topic: string;
  readonly partition: number;
  readonly records: LogRecord[];
  bytes: number;
}

export const placeOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}/${partition}`;

/** @throws HomeostatError H313 for a record that no broker would take by default */
export function checkSizes(records: readonly LogRecord[]): void {
  for (const record of records)
    if (recordBytes(record) > MAX_RECORD_BYTES)
      throw new HomeostatError(
        'H313',
        `a record of ${recordBytes(record)} bytes with key ${JSON.stringify(record.key?.slice(0, 200) ?? null)} is too large for ${placeOf(record)}; ${MAX_RECORD_BYTES} bytes fit`,
      );
}

/** Requests to send one after the other, each with one batch of a partition at most, in the order of the records. */
export function* rounds(records: readonly LogRecord[]): Generator<readonly Chunk[]> {
  let round = new Map<string, Chunk>();
  let total = 0;
  for (const record of records) {
    const bytes = recordBytes(record);
    const place = placeOf(record);
    let chunk = round.get(place);
    if (round.size > 0 && (total + bytes > MAX_REQUEST_BYTES || (chunk !== undefined && chunk.bytes + bytes > MAX_BATCH_BYTES))) {
      yield [...round.values()];
      round = new Map();
      total = 0;
      chunk = undefined;
    }
    if (chunk === undefined) {
      chunk = { topic: record.topic, partition: record.partition, records: [], bytes: 0 };
      round.set(place, chunk);
    }
    chunk.records.push(record);
    chunk.bytes += bytes;
    total += bytes;
  }
  if (round.size > 0) yield [...round.values()];
}

/** Writes as one producer: one request at a time for each partition. */
export class Sequences {
  readonly producer: ProducerState;
  readonly #next = new Map<string, number>();

  constructor(producer: ProducerState) {
    this.producer = producer;
  }

  /**
   * Writes one round, and resolves to the offset of the last record of each partition.
   *
   * @throws Refused, or the error of the connection, when it is not known what was written
   */
  async write(
    connection: Connection,
    chunks: readonly Chunk[],
    transactionalId: string | null,
    patience: Patience,
  ): Promise<ReadonlyMap<string, number>> {
    const time = connection.clock.wall();
    let waiting = chunks.map((chunk) => ({
      ...chunk,
      place: placeOf(chunk),
      batch: encodeBatch(chunk.records, this.producer, this.#next.get(placeOf(chunk)) ?? 0, transactionalId !== null, time),
    }));
    const written = new Map<string, number>();
    const unknownUntil = connection.clock.now() + UNKNOWN_MS;
    const again = (thrown: unknown) =>
      isPassing(thrown) || (typeOf(thrown) === 'UNKNOWN_TOPIC_OR_PARTITION' && connection.clock.now() < unknownUntil);
    await connection.persist(
      patience,
      async () => {
        const leaders = await connection.leaders(waiting);
        const answers = await Promise.allSettled(
          [...leaders].map(([broker, parts]) => connection.send(broker, produceRequest(parts, transactionalId, BROKER_TIMEOUT_MS))),
        );
        const codes = new Map<string, number>();
        let failed: unknown;
        for (const answer of answers) {
          if (answer.status === 'rejected') failed = answer.reason;
          else
            for (const part of answer.value) {
              codes.set(placeOf(part), part.errorCode);
              if (part.errorCode === 0) written.set(placeOf(part), part.baseOffset);
            }
        }
        const refused = waiting
          .filter(({ place }) => (codes.get(place) ?? 0) !== 0)
          .map(({ place }) => new Refused(codes.get(place)!, place));
        waiting = waiting.filter(({ place }) => codes.get(place) !== 0);
        const worst = refused.find((one) => !again(one)) ?? refused[0] ?? failed;
        if (worst !== undefined) throw worst;
        if (waiting.length > 0) throw new Refused(7, `${waiting[0]!.place} was not answered`);
      },
      again,
    );
    for (const chunk of chunks) {
      const place = placeOf(chunk);
      this.#next.set(place, ((this.#next.get(place) ?? 0) + chunk.records.length) % SEQUENCES);
      written.set(place, written.get(place)! + chunk.records.length - 1);
    }
    return written;
  }
}
