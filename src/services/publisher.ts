/** Writes what probes and actuators tell to the log: observations in batches, signals each as a record, in the order they came. Nothing waits for it. */
import type { Logger } from 'pino';
import { type Clock, sleep } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { LogRecord, Writer } from '../log/log.ts';
import type { Event, ObservationEvent } from '../messages.ts';
import { batchRecords, signalRecord } from './batches.ts';
import { domainOf, partitionOf, type TopicNames } from './topics.ts';
import { encodeOrder, type Order } from './wire.ts';

export interface PublisherPorts {
  readonly names: TopicNames;
  readonly partitions: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Observations that may wait to be written; over it the older half is dropped, and counted. */
  readonly queue: number;
}

/** Signals that may wait. They come from probes and processes, which are few. */
const SIGNALS = 100_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

export class Publisher {
  readonly #ports: PublisherPorts;
  readonly #writer: Writer;
  #observations: ObservationEvent[] = [];
  #signals: LogRecord[] = [];
  #dropped = 0;
  #failure: string | null = null;
  #writing: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(writer: Writer, ports: PublisherPorts) {
    this.#writer = writer;
    this.#ports = ports;
  }

  /** Observations that may wait. */
  get limit(): number {
    return this.#ports.queue;
  }

  /** `failure`: why nothing can be written now. */
  get waiting(): { readonly observations: number; readonly signals: number; readonly dropped: number; readonly failure: string | null } {
    return { observations: this.#observations.length, signals: this.#signals.length, dropped: this.#dropped, failure: this.#failure };
  }

  /** A signal goes to the partition of its element; `partition`: where one belongs that is about none. */
  tell(event: Event, partition = 0): void {
    const { names, partitions, logger, queue } = this.#ports;
    if (event.kind === 'observation') {
      if (this.#observations.length >= queue) {
        this.#dropped += this.#observations.splice(0, Math.ceil(queue / 2)).length;
      }
      this.#observations.push(event);
    } else {
      const about = 'element' in event && typeof event.element === 'string' ? event.element : undefined;
      const to = about === undefined ? partition : partitionOf(domainOf(about), partitions);
      if (this.#signals.length < SIGNALS) this.#signals.push(signalRecord(event, names, to));
      else logger.error({ event: event.kind }, 'the queue of signals is full; a signal was lost');
    }
    this.#run();
  }

  /** Tells the agents something beside what managers tell them with their steps. */
  order(order: Order, partition: number): void {
    this.#signals.push({ topic: this.#ports.names.commands, partition, key: null, value: encodeOrder(order) });
    this.#run();
  }

  /** Writes what waits, and nothing that comes after. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the publisher closes'));
    await this.#writing;
    await this.#writer.close();
  }

  #run(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
      if (this.#waits() && !this.#closing.signal.aborted) this.#run();
    });
  }

  #waits(): boolean {
    return this.#observations.length + this.#signals.length > 0;
  }

  async #write(): Promise<void> {
    // What comes in the same turn of the event loop goes into one message.
    await Promise.resolve();
    const { clock, logger, names, partitions } = this.#ports;
    for (let pauseMs = 0; this.#waits(); ) {
      const observations = this.#observations;
      const signals = this.#signals;
      this.#observations = [];
      this.#signals = [];
      try {
        await this.#writer.write([...signals, ...batchRecords(observations, names, partitions)]);
        pauseMs = 0;
        this.#failure = null;
      } catch (thrown) {
        this.#observations = [...observations, ...this.#observations];
        this.#signals = [...signals, ...this.#signals];
        this.#failure = messageOf(thrown);
        if (this.#closing.signal.aborted) return;
        if (pauseMs === 0) logger.warn({ err: thrown }, 'observations cannot be written now; they wait');
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs === 0 ? FIRST_PAUSE_MS : 2 * pauseMs);
        await sleep(clock, pauseMs, this.#closing.signal).catch(() => {});
      }
    }
  }
}
