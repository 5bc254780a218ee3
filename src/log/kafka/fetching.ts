/** Brings records of partitions, each from where it is told: one request at a time to each broker, over a connection of its own. */
import { type Clock, sleep } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { ReadRecord } from '../log.ts';
import { type Decoded, decodeBatches, Unreadable } from './batches.ts';
import { Connection, refusal, type Surroundings } from './connection.ts';
import { CODES, isRefusal, Refused } from './failures.ts';
import type { Broker } from './kafkajs.ts';
import type { Lines } from './outage.ts';
import { placeOf } from './produce.ts';
import { type FetchedPart, type FetchLimits, fetchRequest, listOffsetsRequest } from './requests.ts';

/**
 * How long a broker waits for something to come, ms: what is sought or resumed meanwhile waits as long. Small answers keep signals from waiting
 * behind a megabyte of telemetry.
 */
const LIMITS: FetchLimits = { maxWaitMs: 100, maxBytes: 2 << 20, maxPartitionBytes: 256 << 10, timeoutMs: 10_000 };
const AGAIN_MS = 50;
const MOST_AGAIN_MS = 1_000;
/** Stands for no broker in particular. */
const ANY = -2;

interface Cursor {
  readonly topic: string;
  readonly partition: number;
  next: number;
  paused: boolean;
}

export interface Taker {
  /** Whether what was fetched may be given out at all. */
  ready(): boolean;
  take(topic: string, partition: number, records: readonly ReadRecord[], next: number, end: number): void;
}

export class Fetching {
  readonly #clock: Clock;
  readonly #lines: Lines;
  readonly #topics: readonly string[];
  readonly #taker: Taker;
  readonly #connection: Connection;
  readonly #cursors = new Map<string, Cursor>();
  /** Brokers that a request is under way to. */
  readonly #busy = new Set<number>();
  /** How long to wait after the next failure of each. */
  readonly #pauses = new Map<number, number>();
  #pumping = false;
  #again = false;
  #turn = 0;
  #closed = false;

  /** `topics`: those that come first are fetched first. */
  constructor(topics: readonly string[], taker: Taker, surroundings: Surroundings, lines: Lines) {
    this.#clock = surroundings.clock;
    this.#lines = lines;
    this.#topics = topics;
    this.#taker = taker;
    this.#connection = new Connection(surroundings);
  }

  /** From now on the partition comes from this offset; what is under way of it is thrown away. */
  seek(topic: string, partition: number, offset: number): void {
    const place = placeOf({ topic, partition });
    const paused = this.#cursors.get(place)?.paused ?? false;
    this.#cursors.set(place, { topic, partition, next: offset, paused });
    this.#pump();
  }

  pause(topic: string, partition: number): void {
    const cursor = this.#cursors.get(placeOf({ topic, partition }));
    if (cursor !== undefined) cursor.paused = true;
  }

  resume(topic: string, partition: number): void {
    const cursor = this.#cursors.get(placeOf({ topic, partition }));
    if (cursor === undefined || !cursor.paused) return;
    cursor.paused = false;
    this.#pump();
  }

  /** Nothing comes any more until it is sought anew. */
  drop(): void {
    this.#cursors.clear();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.drop();
    await this.#connection.close();
  }

  /** Sends a request to each broker that has something of ours and none under way. */
  #pump(): void {
    if (this.#pumping) {
      this.#again = true;
      return;
    }
    this.#pumping = true;
    void this.#send().finally(() => {
      this.#pumping = false;
      if (!this.#again) return;
      this.#again = false;
      this.#pump();
    });
  }

  async #send(): Promise<void> {
    if (this.#closed) return;
    const wanted = this.#wanted();
    if (wanted.length === 0) return;
    let leading: ReadonlyMap<number, Cursor[]>;
    try {
      leading = await this.#connection.leading(wanted);
    } catch (thrown) {
      return this.#later(thrown, ANY);
    }
    for (const [node, cursors] of leading) {
      if (this.#busy.has(node) || this.#closed) continue;
      this.#busy.add(node);
      // A broker that is away holds up its own partitions, and no others.
      void this.#fetch(node, cursors).finally(() => {
        this.#busy.delete(node);
        this.#pump();
      });
    }
  }

  /** In the order of the topics; the partitions of one take turns at being first, for the first are served first. */
  #wanted(): Cursor[] {
    this.#turn += 1;
    return this.#topics.flatMap((topic) => {
      const of = [...this.#cursors.values()].filter((cursor) => cursor.topic === topic && !cursor.paused);
      const shift = of.length === 0 ? 0 : this.#turn % of.length;
      return [...of.slice(shift), ...of.slice(0, shift)];
    });
  }

  async #fetch(node: number, cursors: readonly Cursor[]): Promise<void> {
    const asked = cursors.map((cursor) => ({ cursor, topic: cursor.topic, partition: cursor.partition, offset: cursor.next }));
    let broker: Broker;
    let parts: readonly FetchedPart[];
    try {
      broker = await this.#connection.broker(node);
      parts = await this.#connection.send(broker, fetchRequest(asked, LIMITS));
      this.#pauses.delete(node);
    } catch (thrown) {
      return this.#later(thrown, node);
    }
    const of = new Map(asked.map((one) => [placeOf(one), one]));
    let wrong: unknown;
    for (const part of parts) {
      const { cursor, offset } = of.get(placeOf(part))!;
      // It was sought elsewhere meanwhile, or is no longer ours; what was paused meanwhile comes again when it is resumed.
      if (this.#cursors.get(placeOf(part)) !== cursor || cursor.paused || cursor.next !== offset) continue;
      if (!this.#taker.ready()) return;
      if (part.errorCode === 0) {
        try {
          this.#take(cursor, part);
        } catch (thrown) {
          // It was not taken in: it comes again.
          cursor.next = offset;
          this.#lines.error(
            { topic: part.topic, partition: part.partition, reason: messageOf(thrown) },
            'records were not taken in, and are brought again',
          );
          wrong = thrown;
        }
      } else if (CODES[part.errorCode] === 'OFFSET_OUT_OF_RANGE') await this.#toOldest(broker, cursor).catch((thrown) => (wrong = thrown));
      else wrong = new Refused(part.errorCode, placeOf(part));
    }
    if (wrong !== undefined) await this.#later(wrong, node);
  }

  #take(cursor: Cursor, part: FetchedPart): void {
    const { topic, partition, next: from } = cursor;
    let decoded: Decoded;
    try {
      decoded = decodeBatches(part.bytes, from, part.aborted);
    } catch (thrown) {
      if (!(thrown instanceof Unreadable)) throw thrown;
      this.#lines.error({ topic, partition }, `records are skipped that cannot be read: ${thrown.message}`);
      cursor.next = thrown.next;
      return;
    }
    if (decoded.next === from) return;
    cursor.next = decoded.next;
    this.#taker.take(topic, partition, decoded.records, decoded.next, part.lastStable);
  }

  /** What we were to begin with is gone, or the topic was made anew. */
  async #toOldest(broker: Broker, cursor: Cursor): Promise<void> {
    const [listed] = await this.#connection.send(broker, listOffsetsRequest([cursor], 'oldest'));
    if (listed === undefined || listed.errorCode !== 0) throw new Refused(listed?.errorCode ?? 7, placeOf(cursor));
    const { topic, partition, next } = cursor;
    this.#lines.warn(
      { topic, partition, wanted: next, oldest: listed.offset },
      next < listed.offset
        ? 'records are gone that were not read, which the topic keeps for too short a time: going on from the oldest that is kept'
        : 'the topic ends before what was read of it, so it was made anew or has lost records: going on from the oldest that is kept',
    );
    cursor.next = listed.offset;
  }

  /** After a failure: look for leaders again, in a while that grows. */
  async #later(thrown: unknown, node: number): Promise<void> {
    if (this.#closed) return;
    if (isRefusal(thrown)) this.#lines.error({}, refusal(thrown).message);
    else this.#lines.debug({ node, reason: messageOf(thrown) }, 'fetching failed, trying again');
    this.#connection.failed(thrown);
    const pause = Math.min(MOST_AGAIN_MS, (this.#pauses.get(node) ?? AGAIN_MS) * 1.5);
    this.#pauses.set(node, pause);
    await sleep(this.#clock, pause);
    this.#again = true;
  }
}
