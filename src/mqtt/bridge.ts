/**
 * Carries what agents and devices publish to the log, and commands back. A message of QoS 1 is acknowledged to the broker only when the log has it: if
 * this process dies in between, the broker sends it to the next. What then comes twice is told apart by its source, property and time, as everywhere.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { MqttBridgeDocument } from '../documents/mqtt.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import type { LogRecord, Writer } from '../log/log.ts';
import { batchRecords, signalRecord } from '../services/batches.ts';
import { domainOf, partitionOf, type TopicNames } from '../services/topics.ts';
import { type BridgeMessage, readDevice, readObservations, readSignal } from './bridge-messages.ts';
import type { MqttConnection } from './connection.ts';
import type { Arrived } from './frames.ts';
import { type MappingDocument, MessageReader } from './mapping.ts';

export const DEFAULT_PREFIX = 'homeostat/agents';
/** Messages that one write to the log takes together. */
const TOGETHER = 5_000;
/** The pause before a write that failed is tried again, doubling up to the longest, ms. */
const RETRY_MS = 100;
const RETRY_MAX_MS = 5_000;
const EXCERPT_BYTES = 500;

export interface BridgePorts {
  readonly connection: MqttConnection;
  readonly writer: Pick<Writer, 'write'>;
  readonly topics: Pick<TopicNames, 'observations' | 'signals' | 'deadLetters'>;
  readonly partitions: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface BridgeCounts {
  readonly observations: number;
  readonly signals: number;
  readonly rejected: number;
  readonly commands: number;
  /** Messages that the log has not acknowledged yet. */
  readonly waiting: number;
}

export interface Bridge {
  readonly counts: BridgeCounts;
  /** Resolves when the broker tells it of what agents publish. */
  readonly ready: Promise<void>;
  /**
   * Gives a command, as the text that the agent reads, to the agent of that name (QoS 1). It may arrive twice: agents do an id once. Resolves when the broker has it.
   *
   * @throws NotSent if the broker never got it; any other error: it may have it
   */
  carry(agent: string, text: string, signal?: AbortSignal): Promise<void>;
  /** Takes nothing more; resolves when what was taken is in the log, or it cannot be written. What is not, the broker keeps. */
  close(): Promise<void>;
}

/** A message that was read and is not in the log yet. */
interface Waiting {
  readonly told: BridgeMessage;
  readonly topic: string;
  readonly excerpt: string;
  readonly acknowledge: () => void;
}

export function startBridge(document: MqttBridgeDocument, ports: BridgePorts): Bridge {
  return new LogBridge(document, ports);
}

class LogBridge implements Bridge {
  readonly #ports: BridgePorts;
  readonly #prefix: string;
  #queue: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #closed = false;
  /** Tells messages of one millisecond apart. */
  #place = 0;
  #wake: () => void = () => {};
  readonly #subscriptions: { readonly ready: Promise<void>; readonly close: () => void }[];
  readonly ready: Promise<void>;
  readonly #counts = { observations: 0, signals: 0, rejected: 0, commands: 0 };

  constructor(document: MqttBridgeDocument, ports: BridgePorts) {
    this.#ports = ports;
    this.#prefix = document.prefix ?? DEFAULT_PREFIX;
    const follow = (filter: string, read: (message: Arrived) => BridgeMessage) =>
      ports.connection.subscribe({
        filter,
        qos: 1,
        acknowledged: 'later',
        take: (message, acknowledge) => this.#take(message, read, acknowledge),
      });
    this.#subscriptions = [
      follow(`${this.#prefix}/+/observations`, (message) =>
        readObservations(this.#agentOf(message), message, this.#place++, ports.clock.now()),
      ),
      follow(`${this.#prefix}/+/signals`, (message) => readSignal(this.#agentOf(message), message)),
      ...(document.devices ?? []).map((options) => {
        const { name, ...mapping } = options as { name: string } & MappingDocument;
        const reader = new MessageReader(`mqtt.bridge device ${name}`, mapping);
        if (!reader.namesElements)
          throw new HomeostatError('H007', `mqtt.bridge device ${name}: a wildcard or "elementFrom" must name the element`);
        return follow(mapping.topic, (message) => readDevice(name, reader, message, ports.clock.now()));
      }),
    ];
    this.ready = Promise.all(this.#subscriptions.map(({ ready }) => ready)).then(() => {});
  }

  get counts(): BridgeCounts {
    return { ...this.#counts, waiting: this.#queue.length };
  }

  async carry(agent: string, text: string, signal?: AbortSignal): Promise<void> {
    await this.#ports.connection.publish({ topic: `${this.#prefix}/${agent}/commands`, payload: text, qos: 1, retain: false }, signal);
    this.#counts.commands++;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { close } of this.#subscriptions) close();
    this.#wake();
    await this.#writing;
  }

  /** The level of the topic in which an agent's name stands. */
  #agentOf({ topic }: Arrived): string {
    return topic.slice(this.#prefix.length + 1, topic.lastIndexOf('/'));
  }

  #take(message: Arrived, read: (message: Arrived) => BridgeMessage, acknowledge: () => void): void {
    const { topic, payload, tooLong } = message;
    let told: BridgeMessage;
    try {
      told = tooLong > 0 ? { observations: [], signals: [], wrong: [`it has ${tooLong} bytes, more than mqtt.maxBytes`] } : read(message);
    } catch (thrown) {
      told = { observations: [], signals: [], wrong: [messageOf(thrown)] };
    }
    if (told.observations.length + told.signals.length + told.wrong.length === 0) return acknowledge();
    this.#queue.push({ told, topic, excerpt: told.wrong.length === 0 ? '' : payload.toString('utf8', 0, EXCERPT_BYTES), acknowledge });
    this.#run();
  }

  #run(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
      if (this.#queue.length > 0 && !this.#closed) this.#run();
    });
  }

  #records(batch: readonly Waiting[]): LogRecord[] {
    const { topics, partitions, clock } = this.#ports;
    const records: LogRecord[] = [];
    for (const { told, topic, excerpt } of batch) {
      for (const { element, signal } of told.signals)
        records.push(signalRecord(signal, topics, partitionOf(domainOf(element), partitions)));
      for (const reason of told.wrong) {
        const letter = { source: `mqtt:${topic}`, reason, excerpt, time: clock.now() };
        records.push({ topic: topics.deadLetters, partition: 0, key: null, value: JSON.stringify(letter) });
      }
    }
    return [
      ...records,
      ...batchRecords(
        batch.flatMap(({ told }) => told.observations),
        topics,
        partitions,
      ),
    ];
  }

  #count(batch: readonly Waiting[]): void {
    for (const { told } of batch) {
      this.#counts.observations += told.observations.length;
      this.#counts.signals += told.signals.length;
      this.#counts.rejected += told.wrong.length;
    }
  }

  /** One write at a time, of all that has come meanwhile: the order of what a broker sends is kept. */
  async #write(): Promise<void> {
    // What is read from the network at once goes together.
    await Promise.resolve();
    let pauseMs = RETRY_MS;
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, TOGETHER);
      try {
        await this.#ports.writer.write(this.#records(batch));
      } catch (thrown) {
        this.#ports.log.warn(
          { reason: messageOf(thrown), waiting: this.#queue.length },
          'the bridge cannot write to the log; it tries again, and the broker keeps what comes',
        );
        if (this.#closed) return;
        await new Promise<void>((resolve) => {
          const cancel = this.#ports.clock.after(pauseMs, resolve);
          this.#wake = () => {
            cancel();
            resolve();
          };
        });
        pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS);
        continue;
      }
      pauseMs = RETRY_MS;
      this.#queue = this.#queue.slice(batch.length);
      this.#count(batch);
      for (const { acknowledge } of batch) acknowledge();
    }
  }
}
