/** A broker in memory: what is published reaches those who asked for it in the next turn; retained messages are kept. */
import { type MqttConnection, NotSent, type Publication, type Subscription } from '../../src/mqtt/connection.ts';
import { matches } from '../../src/mqtt/filters.ts';
import type { Arrived } from '../../src/mqtt/frames.ts';

export class MemoryBroker {
  readonly published: Publication[] = [];
  readonly acknowledged: string[] = [];
  readonly #subscriptions = new Set<Subscription>();
  readonly #retained = new Map<string, Publication>();
  /** Everything that is published is refused. */
  refusing = false;

  readonly connection: MqttConnection = {
    name: 'default',
    clientId: 'homeostat-test',
    boot: 'boot-1',
    status: { connected: true, version: 5, reason: '', received: 0, sent: 0, tooLong: 0, waiting: 0, connections: 1 },
    subscribe: (subscription) => {
      this.#subscriptions.add(subscription);
      const ready = Promise.resolve().then(() => {
        subscription.listening?.(true, '');
        for (const [topic, kept] of this.#retained) if (matches(subscription.filter, topic)) this.#give(subscription, kept, true);
      });
      return { ready, close: () => void this.#subscriptions.delete(subscription) };
    },
    publish: async (publication, signal) => {
      if (signal?.aborted) throw new NotSent(`not sent: ${(signal.reason as Error).message}`, false);
      if (this.refusing) throw new NotSent('the broker refuses it', false);
      this.publish(publication);
    },
    close: async () => {},
  };

  publish(publication: Publication): void {
    this.published.push(publication);
    if (publication.retain) this.#retained.set(publication.topic, publication);
    for (const subscription of this.#subscriptions)
      if (matches(subscription.filter, publication.topic)) this.#give(subscription, publication, false);
  }

  /** A device says something. */
  say(topic: string, payload: string | Buffer, more: Partial<Publication> = {}): void {
    this.publish({ topic, payload, qos: 1, retain: false, ...more });
  }

  #give(subscription: Subscription, { topic, payload, qos, correlation }: Publication, retained: boolean): void {
    const message: Arrived = {
      topic,
      payload: Buffer.from(payload as string),
      qos,
      retained,
      repeated: false,
      id: 1,
      subscriptions: [],
      correlation: correlation === undefined ? undefined : Buffer.from(correlation),
      tooLong: 0,
    };
    queueMicrotask(() => subscription.take(message, () => this.acknowledged.push(topic)));
  }
}
