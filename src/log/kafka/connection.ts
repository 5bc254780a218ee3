/** One client's connections: who leads a partition, who coordinates an id, and what to do when that has changed. */
import { type Clock, sleep } from '../../clock.ts';
import { HomeostatError } from '../../errors.ts';
import { isDisconnected, isPassing, isRefusal, Refused, typeOf } from './failures.ts';
import { type Broker, type Cluster, makeCluster } from './kafkajs.ts';
import type { Outage } from './outage.ts';
import { findCoordinatorRequest, type Request } from './requests.ts';
import type { Security } from './security.ts';

/** What all connections of a log have in common. */
export interface Surroundings {
  readonly clock: Clock;
  readonly security: Security;
  readonly outage: Outage;
}

/** How long and how often to try again, ms. */
export interface Patience {
  readonly totalMs: number;
  readonly firstMs: number;
  readonly mostMs: number;
}

export class Connection {
  readonly clock: Clock;
  readonly #cluster: Cluster;
  readonly #outage: Outage;
  readonly #topics = new Set<string>();
  readonly #coordinators = new Map<string, Broker>();
  #stale = false;
  #closed = false;

  constructor({ clock, security, outage }: Surroundings) {
    this.clock = clock;
    this.#outage = outage;
    this.#cluster = makeCluster(security.client());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws what kafkajs throws: see failures.ts */
  async connect(): Promise<void> {
    await this.any();
  }

  /** Leaders and brokers are to be asked for again before the next use. */
  stale(): void {
    this.#stale = true;
  }

  async #fresh(topics: readonly string[]): Promise<void> {
    const unknown = topics.filter((topic) => !this.#topics.has(topic));
    if (unknown.length > 0) {
      await this.#cluster.connect();
      await this.#cluster.addMultipleTargetTopics(unknown);
      for (const topic of unknown) this.#topics.add(topic);
      this.#stale = false;
    } else if (this.#stale) {
      await this.#cluster.refreshMetadata();
      this.#stale = false;
    } else await this.#cluster.refreshMetadataIfNecessary();
  }

  /** How many partitions topics have. @throws Refused if one is not there */
  async partitionsOf(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    await this.#fresh(topics);
    return new Map(
      topics.map((topic) => {
        const { length } = this.#cluster.findTopicPartitionMetadata(topic);
        if (length === 0) throw new Refused(3, topic);
        return [topic, length];
      }),
    );
  }

  /** Partitions by the number of the broker that leads them, -1 if none does. @throws Refused if one is not there */
  async leading<T extends { readonly topic: string; readonly partition: number }>(parts: readonly T[]): Promise<ReadonlyMap<number, T[]>> {
    await this.#fresh([...new Set(parts.map(({ topic }) => topic))]);
    const nodes = new Map<number, T[]>();
    for (const part of parts) {
      const found = this.#cluster.findTopicPartitionMetadata(part.topic).find(({ partitionId }) => partitionId === part.partition);
      if (found === undefined) {
        this.#stale = true;
        throw new Refused(3, `${part.topic}/${part.partition}`);
      }
      const of = nodes.get(found.leader);
      if (of === undefined) nodes.set(found.leader, [part]);
      else of.push(part);
    }
    return nodes;
  }

  /** A broker by its number, connected. */
  broker(nodeId: number): Promise<Broker> {
    return this.#cluster.findBroker({ nodeId });
  }

  /** The leaders of partitions, all connected. @throws Refused if one is not there */
  async leaders<T extends { readonly topic: string; readonly partition: number }>(parts: readonly T[]): Promise<ReadonlyMap<Broker, T[]>> {
    const leaders = new Map<Broker, T[]>();
    for (const [nodeId, of] of await this.leading(parts)) leaders.set(await this.broker(nodeId), of);
    return leaders;
  }

  /** Any broker, connected. */
  async any(): Promise<Broker> {
    await this.#cluster.connect();
    await this.#fresh([]);
    return this.#cluster.findControllerBroker();
  }

  /** The broker that keeps account of a group or a transactional id. */
  async coordinator(kind: 'group' | 'transaction', id: string): Promise<Broker> {
    const key = `${kind} ${id}`;
    const known = this.#coordinators.get(key);
    if (known !== undefined) return known;
    // kafkajs hides why a coordinator is not found, such as for want of a right.
    const { errorCode, nodeId } = await this.send(await this.any(), findCoordinatorRequest(kind, id));
    if (errorCode !== 0) throw new Refused(errorCode, `finding who keeps account of ${id}`);
    const found = await this.broker(nodeId);
    this.#coordinators.set(key, found);
    return found;
  }

  /** Coordinators are to be looked for again. */
  forgetCoordinators(): void {
    this.#coordinators.clear();
  }

  async send<T>(broker: Broker, request: Request<T>): Promise<T> {
    try {
      const answer = await broker.connectionPool.send(request);
      this.#outage.over();
      return answer;
    } catch (thrown) {
      if ((thrown as Error).name === 'KafkaJSConnectionClosedError') await broker.disconnect();
      throw thrown;
    }
  }

  /**
   * Does something until it succeeds, as long as trying again can help and time is left. Whoever moved is looked for again first.
   *
   * @throws the last error as it was, if it cannot help; HomeostatError H311 if we are refused
   */
  async persist<T>(patience: Patience, attempt: () => Promise<T>, again: (thrown: unknown) => boolean = isPassing): Promise<T> {
    const end = this.clock.now() + patience.totalMs;
    for (let pause = patience.firstMs; ; pause = Math.min(patience.mostMs, pause * 1.5)) {
      try {
        return await attempt();
      } catch (thrown) {
        if (isRefusal(thrown)) throw refusal(thrown);
        if (this.#closed || !again(thrown) || this.clock.now() + pause > end) throw thrown;
        if (typeOf(thrown) !== 'CONCURRENT_TRANSACTIONS') this.failed(thrown);
      }
      await sleep(this.clock, pause);
    }
  }

  /** Something failed: who leads and coordinates is to be looked for again. */
  failed(thrown: unknown): void {
    this.stale();
    this.forgetCoordinators();
    if (isDisconnected(thrown)) this.#outage.failed(thrown);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#cluster.disconnect().catch(() => undefined);
  }
}

/** Says what a person must grant. */
export const refusal = (thrown: unknown): HomeostatError =>
  new HomeostatError(
    'H311',
    `Kafka refuses us: ${(thrown as Error).message}; see "services.kafka" and what docs/kafka.md says must be granted`,
    {
      cause: thrown,
    },
  );
