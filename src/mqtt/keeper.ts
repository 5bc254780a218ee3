/** Keeps a connection to a broker: connects again when it breaks, subscribes again, and sends what waits. */
import type { Logger } from 'pino';
import type { Cancel, Clock } from '../clock.ts';
import type { MqttConnectionDocument } from '../documents/mqtt.ts';
import { messageOf } from '../errors.ts';
import type { SecretSource } from '../secrets.ts';
import { Acknowledger } from './acknowledger.ts';
import { Dialed, type Ending, type Welcome } from './client.ts';
import type { MqttConnection, MqttStatus, Publication, Subscription } from './connection.ts';
import type { Arrived } from './frames.ts';
import { Outbox } from './outbox.ts';
import { verdictOf } from './reasons.ts';
import { EXACT, type Route, Routes } from './routes.ts';
import { credentialsOf, type MqttSettings, settingsOf } from './settings.ts';

const FIRST_PAUSE_MS = 250;
/** The first pause where somebody has to change something first. */
const STUBBORN_PAUSE_MS = 5_000;
/** A connection that has lasted so long was a good one: the next pause is short again. */
const GOOD_MS = 10_000;
/** How long closing waits for the broker. */
const CLOSE_MS = 1_000;
/** The window is ours: brokers allow 65535, of which each would have to be repeated after a break. */
const LARGEST_WINDOW = 256;

export interface KeeperOptions {
  readonly name: string;
  readonly document: MqttConnectionDocument;
  readonly clientId: string;
  readonly boot: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly secrets: SecretSource;
  readonly log: Logger;
}

const nothing = (): void => {};

export class Keeper implements MqttConnection {
  readonly name: string;
  readonly clientId: string;
  readonly boot: string;
  readonly #options: KeeperOptions;
  readonly #settings: MqttSettings;
  readonly #routes = new Routes();
  readonly #outbox: Outbox;
  readonly #waitingForGrant = new Map<Subscription, () => void>();
  #dialed: Dialed | undefined;
  #numbered = false;
  #version: 4 | 5;
  #welcomedAt: number | undefined;
  #reason = 'not connected yet';
  #told = '';
  #failures = 0;
  #wait: Cancel = nothing;
  #fresh = new Set<Route>();
  #closed: Promise<void> | undefined;
  #ended: () => void = nothing;
  #received = 0;
  #tooLong = 0;
  #connections = 0;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.name = options.name;
    this.clientId = options.clientId;
    this.boot = options.boot;
    this.#settings = settingsOf(options.document);
    this.#outbox = new Outbox(this.#settings.queue);
    this.#version = options.document.version === '3.1.1' ? 4 : 5;
  }

  get status(): MqttStatus {
    return {
      connected: this.#welcomedAt !== undefined,
      version: this.#version,
      reason: this.#reason,
      received: this.#received,
      sent: this.#outbox.sent,
      tooLong: this.#tooLong,
      waiting: this.#outbox.waiting,
      connections: this.#connections,
    };
  }

  subscribe(subscription: Subscription): { readonly ready: Promise<void>; readonly close: () => void } {
    const route = this.#routes.add(subscription);
    const ready = new Promise<void>((resolve) => this.#waitingForGrant.set(subscription, resolve));
    if (this.#welcomedAt === undefined && this.#failures > 0) subscription.listening?.(false, this.#reason);
    this.#ask(route);
    this.#begin();
    return {
      ready,
      close: () => {
        this.#waitingForGrant.delete(subscription);
        if (!this.#routes.remove(subscription)) return;
        this.#fresh.delete(route);
        if (this.#welcomedAt !== undefined) this.#dialed?.unsubscribe([route.filter]);
      },
    };
  }

  publish(publication: Publication, signal?: AbortSignal): Promise<void> {
    const sent = this.#outbox.put(publication, signal);
    this.#begin();
    return sent;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#wait();
    const dialed = this.#dialed;
    if (dialed !== undefined) {
      const ended = new Promise<void>((resolve) => {
        this.#ended = resolve;
      });
      let cancel: Cancel = nothing;
      const late = new Promise<void>((resolve) => {
        cancel = this.#options.clock.after(CLOSE_MS, resolve);
      });
      const topic = this.#stateTopic();
      if (topic !== undefined && this.#welcomedAt !== undefined)
        await Promise.race([
          dialed.publish({ topic, payload: this.#state('offline', 'stopped'), qos: 1, retain: true }).catch(nothing),
          late,
        ]);
      dialed.end(false);
      await Promise.race([ended, late]);
      cancel();
      dialed.end(true);
    }
    this.#outbox.giveUp('the connection is closed');
  }

  /** Connects, if nothing is under way: the first who asks for anything makes it begin. */
  #begin(): void {
    if (this.#dialed !== undefined || this.#closed !== undefined || this.#failures > 0) return;
    this.#dial();
  }

  #dial(): void {
    const { document, secrets, name } = this.#options;
    const { host, port, maxBytes, keepAliveMs, sessionMs, queue } = this.#settings;
    const topic = this.#stateTopic();
    const version = this.#version;
    let credentials: ReturnType<typeof credentialsOf>;
    try {
      credentials = credentialsOf(document, secrets, name === 'default' ? 'mqtt' : `mqtt.connections.${name}`);
    } catch (thrown) {
      this.#again(messageOf(thrown), true);
      return;
    }
    const dialed: Dialed = new Dialed(
      {
        host,
        port,
        maxBytes,
        version,
        clientId: this.clientId,
        keepAliveMs,
        sessionMs,
        receiveMaximum: queue,
        will: topic === undefined ? undefined : { topic, payload: this.#state('offline', 'lost') },
        ...credentials,
      },
      {
        welcomed: (welcome) => this.#welcome(dialed, welcome),
        ended: (ending) => this.#over(ending, version),
        message: (message) => this.#take(message, acknowledger),
      },
    );
    // Of this connection only: the numbers of its messages mean nothing in the next.
    const acknowledger = new Acknowledger(
      queue,
      (ids) => dialed.acknowledge(ids),
      (halted) => (halted ? dialed.halt() : dialed.flow()),
    );
    this.#dialed = dialed;
  }

  #welcome(dialed: Dialed, { numbersSubscriptions, receiveMaximum }: Welcome): void {
    const { clock, log, document } = this.#options;
    const again = this.#told !== '';
    this.#welcomedAt = clock.now();
    this.#reason = '';
    this.#told = '';
    this.#numbered = numbersSubscriptions;
    this.#connections++;
    const version = this.#version === 5 ? '5' : '3.1.1';
    log.info(
      { connection: this.name, url: document.url, version, clientId: this.clientId },
      again ? 'MQTT is connected again' : 'MQTT is connected',
    );
    const topic = this.#stateTopic();
    // Those who watch us should know of this life, and that a "lost" of an earlier one is over.
    if (topic !== undefined)
      dialed.publish({ topic, payload: this.#state('online', 'connected'), qos: 1, retain: true }).catch((error: Error) => {
        if (this.#dialed === dialed)
          log.warn(
            { connection: this.name, topic, reason: error.message },
            'the state of this connection could not be published; allow it, or set mqtt.state to false',
          );
      });
    // Before what waits to be sent: an answer to it should find us listening.
    for (const route of this.#routes.all()) this.#fresh.add(route);
    void this.#askAll();
    this.#outbox.open((publication) => dialed.publish(publication), Math.min(receiveMaximum, LARGEST_WINDOW));
  }

  #over(ending: Ending, version: 4 | 5): void {
    const lasted = this.#welcomedAt !== undefined && this.#options.clock.now() - this.#welcomedAt >= GOOD_MS;
    this.#dialed = undefined;
    this.#welcomedAt = undefined;
    this.#outbox.shut();
    this.#fresh.clear();
    this.#ended();
    if (this.#closed !== undefined) return;
    const { document } = this.#options;
    const verdict = verdictOf(ending, { url: document.url, clientId: this.clientId, version });
    if (lasted) this.#failures = 0;
    if (verdict.version && document.version === undefined) this.#version = version === 5 ? 4 : 5;
    this.#again(verdict.text, verdict.stubborn);
  }

  /** Tries again after a pause that grows; says why once, and again when the reason is another. */
  #again(reason: string, stubborn: boolean): void {
    const { clock, random, log, document } = this.#options;
    this.#reason = reason;
    const first = stubborn ? STUBBORN_PAUSE_MS : FIRST_PAUSE_MS;
    const pauseMs = Math.min(first * 2 ** Math.min(this.#failures, 20), this.#settings.retryMaxMs) * (0.75 + random() / 4);
    this.#failures++;
    const fields = { connection: this.name, url: document.url, reason, pauseMs: Math.round(pauseMs) };
    if (reason !== this.#told) log.warn(fields, 'MQTT is not connected; it is tried again');
    else log.debug(fields, 'MQTT is still not connected');
    this.#told = reason;
    for (const route of this.#routes.all()) {
      route.granted = undefined;
      for (const taker of route.takers) taker.listening?.(false, reason);
    }
    this.#wait();
    this.#wait = clock.after(pauseMs, () => this.#dial());
  }

  /** Asks the broker for a filter; all that are asked for in one turn go together. */
  #ask(route: Route): void {
    if (this.#welcomedAt === undefined) return;
    if (this.#fresh.size === 0) queueMicrotask(() => void this.#askAll());
    this.#fresh.add(route);
  }

  async #askAll(): Promise<void> {
    const dialed = this.#dialed;
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    if (dialed === undefined || this.#welcomedAt === undefined) return;
    const asked = fresh.filter((route) => route.number !== EXACT).map((route) => [route]);
    for (const qos of [0, 1] as const) asked.push(fresh.filter((route) => route.number === EXACT && route.qos === qos));
    await Promise.all(asked.filter((routes) => routes.length > 0).map((routes) => this.#askFor(dialed, routes)));
  }

  async #askFor(dialed: Dialed, routes: readonly Route[]): Promise<void> {
    const { filter: _first, qos, number } = routes[0]!;
    const filters = routes.map(({ filter }) => filter);
    try {
      const granted = await dialed.subscribe(filters, qos, this.#numbered ? number : undefined);
      for (const [i, route] of routes.entries()) this.#grant(route, granted[i] === true);
    } catch (thrown) {
      // If the connection has ended, the next one asks again.
      if (this.#dialed === dialed)
        this.#options.log.error({ connection: this.name, filters, reason: messageOf(thrown) }, 'subscribing failed');
    }
  }

  #grant(route: Route, granted: boolean): void {
    const { log } = this.#options;
    route.granted = granted;
    const reason = granted ? '' : `the broker refuses a subscription to ${route.filter}: allow it for user and client id`;
    if (!granted) log.error({ connection: this.name, filter: route.filter }, reason);
    for (const taker of route.takers) {
      taker.listening?.(granted, reason);
      if (!granted) continue;
      this.#waitingForGrant.get(taker)?.();
      this.#waitingForGrant.delete(taker);
    }
  }

  #take(message: Arrived, acknowledger: Acknowledger): void {
    this.#received++;
    const routes = this.#routes.of(message);
    if (message.tooLong > 0) this.#complain(message);
    if (message.qos === 0) {
      for (const route of routes) for (const taker of route.takers) taker.take(message, nothing);
      return;
    }
    let later = 0;
    for (const route of routes) if (route.later) for (const taker of route.takers) if (taker.acknowledged === 'later') later++;
    const acknowledge = acknowledger.take(message.id, later);
    for (const route of routes)
      for (const taker of route.takers) {
        if (taker.acknowledged === 'taken') taker.take(message, nothing);
        else taker.take(message, once(acknowledge));
      }
  }

  #complain({ topic, tooLong }: Arrived): void {
    if (this.#tooLong++ === 0)
      this.#options.log.warn(
        { connection: this.name, topic, bytes: tooLong, maxBytes: this.#settings.maxBytes },
        'a message is longer than mqtt.maxBytes; it and others are refused and counted',
      );
  }

  #stateTopic(): string | undefined {
    const { state } = this.#options.document;
    return state === false ? undefined : (state ?? `homeostat/${this.clientId}/state`);
  }

  #state(state: 'online' | 'offline', reason: string): string {
    return JSON.stringify({ state, boot: this.boot, reason });
  }
}

function once(then: () => void): () => void {
  let called = false;
  return () => {
    if (called) return;
    called = true;
    then();
  };
}
