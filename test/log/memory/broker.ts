/** The broker: topics, groups and transactions, all in memory. Whatever is asked of it takes effect in an instant; getting there is the link's matter. */
import type { Clock } from '../../../src/clock.ts';
import type { GroupOptions, Log, TopicSpec, TopicState } from '../../../src/log/log.ts';
import { MemoryLog } from './client.ts';
import { Group } from './group.ts';
import { directLink, type Link } from './link.ts';
import { Partition } from './partition.ts';
import { Transactions } from './transactions.ts';

export interface BrokerOptions {
  /** The broker's own. */
  readonly clock: Clock;
  /** How long a client waits for an answer, ms. */
  readonly requestMs?: number;
  /** How often a client asks again before it gives up, and how long it waits in between, ms. */
  readonly retries?: number;
  readonly retryMs?: number;
  /** Heartbeats in a session. */
  readonly beats?: number;
  /** How long a rebalance waits for members that do not join again, ms; three sessions if not given. */
  readonly rebalanceMs?: number;
  /** Most records that are handed over at once. */
  readonly fetchRecords?: () => number;
  readonly transactionMs?: number;
  /** How long it takes until the end of a transaction is marked in one of its partitions, ms. */
  readonly markMs?: () => number;
  /** Told of each client that a group gives a place, and what it has there. */
  readonly assigned?: (group: string, name: string, partitions: readonly number[]) => void;
}

interface Topic {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  readonly partitions: readonly Partition[];
}

const DAY = 86_400_000;

export class MemoryBroker {
  readonly options: Required<BrokerOptions>;
  readonly transactions: Transactions;
  readonly #topics = new Map<string, Topic>();
  readonly #groups = new Map<string, Group>();
  /** Long requests that wait at the broker, and fail when it goes. */
  readonly #waiting = new Set<() => void>();
  #up = true;
  /** Topics whose leader is away. */
  readonly #leaderless = new Set<string>();

  constructor(options: BrokerOptions) {
    this.options = {
      requestMs: 1_000,
      retries: 3,
      retryMs: 20,
      beats: 6,
      rebalanceMs: Number.POSITIVE_INFINITY,
      fetchRecords: () => 500,
      transactionMs: 60_000,
      markMs: () => 0,
      assigned: () => {},
      ...options,
    };
    this.transactions = new Transactions(this.options);
  }

  /** A client of its own, as a process has one. */
  open(name = 'client', link: Link = directLink(this.options.clock)): Log {
    return new MemoryLog(this, name, link);
  }

  get up(): boolean {
    return this.#up;
  }

  /** Away for a while: nothing is answered. What was acknowledged is kept; what was not yet, never took effect. */
  stop(): void {
    this.#up = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const fail of waiting) fail();
  }

  start(): void {
    this.#up = true;
  }

  /** The leader of a topic is away, and nothing is written or read there, while the rest goes on. */
  withdraw(topic: string): void {
    this.#leaderless.add(topic);
  }

  /** All topics have their leaders again. */
  lead(): void {
    this.#leaderless.clear();
  }

  /** Whether what is asked of a topic, or of no topic, is answered now. */
  answers(topic?: string): boolean {
    return this.#up && (topic === undefined || !this.#leaderless.has(topic));
  }

  /** Registers a request that waits here. Returns how to take that back. */
  waits(fail: () => void): () => void {
    this.#waiting.add(fail);
    return () => this.#waiting.delete(fail);
  }

  create({ name, partitions, config }: TopicSpec): void {
    if (this.#topics.has(name)) return;
    this.#topics.set(name, { name, config, partitions: Array.from({ length: partitions }, () => new Partition()) });
  }

  topic(name: string): TopicState | undefined {
    const topic = this.#topics.get(name);
    return topic && { name, config: topic.config, partitions: topic.partitions.length };
  }

  /** @throws Error if there is none */
  partition(topic: string, number: number): Partition {
    const partition = this.#topics.get(topic)?.partitions[number];
    if (partition === undefined) throw new Error(`there is no partition ${topic}/${number}`);
    return partition;
  }

  group({ group, topics, spread }: GroupOptions): Group {
    const counts = topics.map((name) => this.topic(name)?.partitions);
    const [count] = counts;
    if (count === undefined || counts.some((other) => other !== count))
      throw new Error(`the topics of ${group} are not there, or differ in their partitions: ${counts}`);
    const { clock, rebalanceMs, assigned } = this.options;
    const found =
      this.#groups.get(group) ?? new Group(clock, count, spread, rebalanceMs, (name, partitions) => assigned(group, name, partitions));
    this.#groups.set(group, found);
    return found;
  }

  /** Runs the cleaner on every topic that is compacted. */
  compact(): void {
    for (const { config, partitions } of this.#topics.values()) {
      if (!config['cleanup.policy']?.includes('compact')) continue;
      for (const partition of partitions) partition.compact(this.options.clock.now(), Number(config['delete.retention.ms'] ?? DAY));
    }
  }

  /** Drops what is older than its topic keeps. `ms`: than this instead; `only`: of this topic; `upTo`: what lies before this offset of a partition. */
  retain(ms?: number, only?: string, upTo: (partition: number) => number = () => Number.POSITIVE_INFINITY): void {
    for (const { name, config, partitions } of this.#topics.values()) {
      if (config['cleanup.policy']?.includes('compact') || (only !== undefined && only !== name)) continue;
      const before = this.options.clock.now() - (ms ?? Number(config['retention.ms'] ?? 7 * DAY));
      for (const [number, partition] of partitions.entries()) partition.forget(before, upTo(number));
    }
  }
}
