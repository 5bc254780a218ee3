/**
 * Carries what agents and devices publish to the log, and commands back. A message of QoS 1 is acknowledged to the broker only when the log has it: if
 * this process dies in between, the broker sends it to the next. What then comes twice is told apart by its source, property and time, as everywhere.
 */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { MqttBridgeDocument } from '../documents/mqtt.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import type { LogRecord, Writer } from '../log/log.ts';
import type { Observation, Signal } from '../messages.ts';
import { domainOf, partitionOf, type TopicNames } from '../services/topics.ts';
import { type BridgeMessage, type Deposit, readAgent, readDevice } from './bridge-messages.ts';
import type { MqttConnection } from './connection.ts';
import type { Arrived } from './frames.ts';
import { MessageReader, type MappingDocument } from './mapping.ts';

export const DEFAULT_PREFIX = 'homeostat/agents';
/** Messages that one write to the log takes together. */
const TOGETHER = 5_000;
/** The pause before a write that failed is tried again, doubling up to the longest, ms. */
const RETRY_MS = 100;
const RETRY_MAX_MS = 5_000;

export interface BridgePorts {
  readonly connection: MqttConnection;
  readonly writer: Pick<Writer, 'write'>;
  readonly topics: Pick<TopicNames, 'observations' | 'signals' | 'deadLetters'>;
  readonly partitions: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** How records of the log are written: as JSON, unless told otherwise. */
  readonly encode?: {
    readonly observation: (observation: Observation) => string;
    readonly signal: (signal: Signal) => string;
  };
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
   * Gives a command to the agent of that name (QoS 1). It may arrive twice: agents do an id once. Resolves when the broker has it.
   *
   * @throws NotSent if the broker never got it; any other error: it may have it
   */
  carry(agent: string, command: { readonly id: string; readonly text: string }, signal?: AbortSignal): Promise<void>;
  /** Takes nothing more; resolves when what was taken is in the log, or it cannot be written. What is not, the broker keeps. */
  close(): Promise<void>;
}

interface Waiting {
  readonly records: readonly LogRecord[];
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
      follow(`${this.#prefix}/+/observations`, (message) => readAgent('observations', message)),
      follow(`${this.#prefix}/+/signals`, (message) => readAgent('signals', message)),
      ...(document.devices ?? []).map((options) => {
        const { name, ...mapping } = options as { name: string } & MappingDocument;
        const reader = new MessageReader(`mqtt.bridge device ${name}`, mapping);
        if (!reader.namesElements) throw new HomeostatError('H007', `mqtt.bridge device ${name}: a wildcard or "elementFrom" must name the element`);
        return follow(mapping.topic, (message) => readDevice(name, reader, message, ports.clock.now()));
      }),
    ];
    this.ready = Promise.all(this.#subscriptions.map(({ ready }) => ready)).then(() => {});
  }

  get counts(): BridgeCounts {
    return { ...this.#counts, waiting: this.#queue.length };
  }

  async carry(agent: string, { text }: { readonly id: string; readonly text: string }, signal?: AbortSignal): Promise<void> {
    await this.#ports.connection.publish({ topic: `${this.#prefix}/${agent}/commands`, payload: text, qos: 1, retain: false }, signal);
    this.#counts.commands++;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { close } of this.#subscriptions) close();
    this.#wake();
    await this.#writing;
  }

  #take(message: Arrived, read: (message: Arrived) => BridgeMessage, acknowledge: () => void): void {
    let told: BridgeMessage;
    try {
      told = read(message);
    } catch (thrown) {
      told = { deposits: [], wrong: messageOf(thrown) };
    }
    const records = told.deposits.map((deposit) => this.#record(deposit));
    if (told.wrong !== undefined) records.push(this.#deadLetter(message, told.wrong));
    if (records.length === 0) return acknowledge();
    this.#queue.push({ records, acknowledge });
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  #record(deposit: Deposit): LogRecord {
    const { topics, partitions, encode } = this.#ports;
    const domain = domainOf(deposit.element);
    const key = domain;
    if (deposit.kind === 'observation') {
      this.#counts.observations++;
      const value = encode?.observation(deposit.observation) ?? JSON.stringify(deposit.observation);
      return { topic: topics.observations, partition: partitionOf(domain, partitions), key, value };
    }
    this.#counts.signals++;
    const value = encode?.signal(deposit.signal) ?? JSON.stringify(deposit.signal);
    return { topic: topics.signals, partition: partitionOf(domain, partitions), key, value };
  }

  #deadLetter({ topic, payload }: Arrived, reason: string): LogRecord {
    this.#counts.rejected++;
    const letter = { source: `mqtt:${topic}`, reason, excerpt: payload.toString('utf8', 0, 500), time: this.#ports.clock.now() };
    return { topic: this.#ports.topics.deadLetters, partition: 0, key: null, value: JSON.stringify(letter) };
  }

  /** One write at a time, of all that has come meanwhile: the order of what a broker sends is kept. */
  async #write(): Promise<void> {
    // What is read from the network at once goes together.
    await Promise.resolve();
    let pauseMs = RETRY_MS;
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, TOGETHER);
      try {
        await this.#ports.writer.write(batch.flatMap(({ records }) => records));
      } catch (thrown) {
        this.#ports.log.warn({ reason: messageOf(thrown), waiting: this.#queue.length }, 'the bridge cannot write to the log; it tries again, and the broker keeps what comes');
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
      for (const { acknowledge } of batch) acknowledge();
    }
  }
}
