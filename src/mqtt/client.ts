/**
 * One connection to a broker, from the handshake to its end; whoever wants another makes another. The only file that knows the library `mqtt`: it does
 * the handshake, subscriptions, what we publish and the signs of life, while messages are taken from the stream before it (`link.ts`).
 */
import { createRequire } from 'node:module';
import type { MqttClient } from 'mqtt';
import { messageOf } from '../errors.ts';
import type { Publication } from './connection.ts';
import type { Arrived } from './frames.ts';
import { Link, type LinkOptions } from './link.ts';

export interface DialOptions extends Pick<LinkOptions, 'host' | 'port' | 'tls' | 'maxBytes'> {
  readonly version: 4 | 5;
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly keepAliveMs: number;
  /** How long the broker keeps our session when we are gone; 0: not at all. */
  readonly sessionMs: number;
  /** Messages of QoS 1 that the broker may send before we acknowledge one (MQTT 5). */
  readonly receiveMaximum: number;
  readonly will: { readonly topic: string; readonly payload: string } | undefined;
}

/** What the broker said when it accepted us. */
export interface Welcome {
  /** It tells for which subscription a message comes. */
  readonly numbersSubscriptions: boolean;
  /** Messages of QoS 1 that it takes before it has acknowledged one. */
  readonly receiveMaximum: number;
}

/** How a connection ended. */
export interface Ending {
  readonly reason: string;
  /** The broker's reason code, where it gave one. */
  readonly code: number | undefined;
  readonly welcomed: boolean;
}

export interface DialEvents {
  readonly welcomed: (welcome: Welcome) => void;
  /** Called once, whatever happens. */
  readonly ended: (ending: Ending) => void;
  readonly message: (message: Arrived) => void;
}

/** Loaded with the first connection: most managers have none, and would carry its 17 MB from the start. */
const library = (): typeof import('mqtt') => createRequire(import.meta.url)('mqtt');

const CONNECT_MS = 10_000;
/** Subscriptions in one packet. */
const TOPICS_PER_PACKET = 200;
const REFUSED = 0x80;
const SESSION_FOR_EVER_S = 0xffff_ffff;
const DEFAULT_RECEIVE_MAXIMUM = 65_535;

export class Dialed {
  readonly #client: MqttClient;
  readonly #version: 4 | 5;
  #link!: Link;
  readonly #pending = new Set<(error: Error) => void>();
  #failure: { readonly reason: string; readonly code: number | undefined } | undefined;
  #welcomed = false;
  #over = false;

  constructor(options: DialOptions, events: DialEvents) {
    this.#version = options.version;
    const { host, port, tls, maxBytes } = options;
    const { MqttClient } = library();
    this.#client = new MqttClient(() => {
      this.#link = new Link({ host, port, tls, maxBytes, message: events.message });
      this.#link.version = options.version;
      return this.#link;
    }, clientOptions(options));
    const client = this.#client;
    client.on('connect', ({ properties }) => {
      this.#welcomed = true;
      events.welcomed({
        numbersSubscriptions: options.version === 5 && properties?.subscriptionIdentifiersAvailable !== false,
        receiveMaximum: properties?.receiveMaximum ?? DEFAULT_RECEIVE_MAXIMUM,
      });
    });
    client.on('disconnect', (packet) => {
      this.#failure ??= { reason: 'the broker ended the connection', code: packet.reasonCode };
    });
    client.on('error', (error) => {
      const code = (error as { code?: unknown }).code;
      this.#failure ??= { reason: messageOf(error), code: typeof code === 'number' ? code : undefined };
    });
    client.on('close', () => {
      if (this.#over) return;
      this.#over = true;
      const { reason, code } = this.#failure ?? { reason: 'the broker closed the connection', code: undefined };
      for (const fail of this.#pending) fail(new Error(reason));
      this.#pending.clear();
      client.end(true);
      events.ended({ reason, code, welcomed: this.#welcomed });
    });
  }

  /** Resolves to whether each filter was granted. `number`: that of the subscription, where the broker tells it. */
  async subscribe(filters: readonly string[], qos: 0 | 1, number: number | undefined): Promise<readonly boolean[]> {
    const chunks: Promise<boolean[]>[] = [];
    for (let i = 0; i < filters.length; i += TOPICS_PER_PACKET)
      chunks.push(this.#subscribeChunk(filters.slice(i, i + TOPICS_PER_PACKET), qos, number));
    return (await Promise.all(chunks)).flat();
  }

  #subscribeChunk(filters: string[], qos: 0 | 1, number: number | undefined): Promise<boolean[]> {
    return this.#awaiting((done, fail) => {
      const options = { qos, ...(number !== undefined && { properties: { subscriptionIdentifier: number } }) };
      this.#client.subscribe(filters, options, (error, _grants, packet) => {
        // A refusal of one filter is an error of all to the library; the packet says which.
        if (packet?.granted === undefined) fail(error ?? new Error('the broker did not answer'));
        else done(packet.granted.map((grant) => Number(grant) < REFUSED));
      });
    });
  }

  unsubscribe(filters: readonly string[]): void {
    if (!this.#over) this.#client.unsubscribe([...filters], () => {});
  }

  /** Resolves when the broker has it (QoS 1) or it is written. @throws if the connection ends before, or the broker refuses it */
  publish({ topic, payload, qos, retain, correlation, answerTo }: Publication): Promise<void> {
    const properties =
      this.#version === 5 && (correlation !== undefined || answerTo !== undefined)
        ? {
            ...(correlation !== undefined && { correlationData: Buffer.from(correlation) }),
            ...(answerTo !== undefined && { responseTopic: answerTo }),
          }
        : undefined;
    return this.#awaiting((done, fail) => {
      this.#client.publish(topic, payload, { qos, retain, ...(properties && { properties }) }, (error) => {
        if (error) fail(error);
        else done(undefined);
      });
    });
  }

  acknowledge(ids: readonly number[]): void {
    if (!this.#over) this.#link.acknowledge(ids);
  }

  halt(): void {
    this.#link.halt();
  }

  flow(): void {
    this.#link.flow();
  }

  /** Says good-bye and ends; at once, without a word, if `force`. */
  end(force: boolean): void {
    if (!this.#over) this.#client.end(force);
  }

  /** A promise that fails when the connection ends. */
  #awaiting<T>(begin: (done: (value: T) => void, fail: (error: Error) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(new Error('the connection is over'));
      const fail = (error: Error) => {
        this.#pending.delete(fail);
        reject(error);
      };
      this.#pending.add(fail);
      begin((value) => {
        this.#pending.delete(fail);
        resolve(value);
      }, fail);
    });
  }
}

function clientOptions(options: DialOptions) {
  const { version, clientId, username, password, sessionMs, will } = options;
  const sessionS = sessionMs >= SESSION_FOR_EVER_S * 1_000 ? SESSION_FOR_EVER_S : Math.ceil(sessionMs / 1_000);
  return {
    protocolId: 'MQTT' as const,
    protocolVersion: version,
    clientId,
    // In MQTT 5 a session that is there is taken up, and its expiry says how long it stays; in 3.1.1 this one flag says both.
    clean: sessionMs === 0,
    keepalive: Math.max(1, Math.ceil(options.keepAliveMs / 1_000)),
    reconnectPeriod: 0,
    connectTimeout: CONNECT_MS,
    resubscribe: false,
    queueQoSZero: false,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(will && { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1 as const, retain: true } }),
    ...(version === 5 && {
      properties: { sessionExpiryInterval: sessionS, receiveMaximum: options.receiveMaximum, maximumPacketSize: options.maxBytes },
    }),
  };
}
