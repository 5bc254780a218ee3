/**
 * The log: what the services mode needs of Kafka, and no more. Topics of numbered partitions; records that stay in the order they were written;
 * groups whose members share partitions; and transactions, of which the newest owner of an id fences all before it. One adapter speaks
 * to Kafka; one, in `test/log`, lives in memory, so that the simulator can break it. Both pass the same contract tests.
 */

/** One record to be written. A null value is a tombstone: compaction forgets the key. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string | null;
  readonly value: string | null;
  /** For readers that are not ours; ours do not read them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One record that was read. */
export interface ReadRecord {
  readonly key: string | null;
  readonly value: string | null;
  readonly offset: number;
  /** When it was written, by the clock of its writer or broker, ms since 1970. */
  readonly time: number;
}

/** A topic as it should be. `config`: Kafka's own names, such as `cleanup.policy`. */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** A topic as it is. */
export interface TopicState {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Where reading goes on: the offset after the last that was taken in, by topic. */
export type Offsets = Readonly<Record<string, number>>;

/** Another has begun to write under the same transactional id: whoever catches this may do nothing more in its name. */
export class Fenced extends Error {
  constructor(id: string, options: { cause?: unknown } = {}) {
    super(`another has taken over ${id}`, options);
    this.name = 'Fenced';
  }
}

/** Writes records outside of transactions, each at least once, and in order for a partition. */
export interface Writer {
  /** Resolves when all are acknowledged by all replicas in sync. */
  write(records: readonly LogRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** Writes transactions under an id, one at a time. */
export interface Transactor {
  readonly id: string;
  /**
   * All records become visible to those who read committed ones, or none does. Resolves to the offset of the last record written to each
   * `topic/partition`.
   *
   * @throws Fenced for good, if another has begun under this id. Any other error: it is not known whether it was committed; `renew`
   * settles that, and a look at what was written tells.
   */
  commit(records: readonly LogRecord[]): Promise<ReadonlyMap<string, number>>;
  /** Begins again under the same id: what was left open is aborted or completed when this resolves. Only who still owns the id may call it. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** What a group tells its member. Calls come one at a time. */
export interface Member {
  /** These partitions, of every topic of the group alike, are ours from now on, and no others. Nothing of a partition comes before its `seek`. */
  assigned(partitions: readonly number[]): void;
  /**
   * Records of one topic's partition in the order of their offsets, committed ones only. `next`: where reading goes on after them, which may lie beyond the last;
   * `end`: the end of the partition as far as is known.
   */
  records(topic: string, partition: number, records: readonly ReadRecord[], next: number, end: number): void;
  /** We have lost our place in the group, for instance because we were frozen: no partition is ours until `assigned` says so. */
  lost(reason: string): void;
}

export interface Membership {
  /** Whether the group has heard of us within its session timeout. */
  readonly alive: boolean;
  /**
   * Whether nobody can have been given our place: the group was as we know it so lately that neither a session nor a rebalance, which waits for less
   * than a session, can be over without us. What is not fenced by the log is begun only then.
   */
  readonly certain: boolean;
  /** Delivers a partition that is ours from this offset on; an offset that is gone already: from the oldest that is kept. */
  seek(topic: string, partition: number, offset: number): void;
  /** Nothing more of it is fetched until `resume`. */
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  /** Tells the broker how far we are, by topic: for its own tools, and for the next member that has no better memory. Resolves when it knows, or did not hear. */
  note(partition: number, offsets: Offsets): Promise<void>;
  /** What was last noted of a partition that is ours; a topic of which nothing was is absent. */
  noted(partition: number): Promise<Offsets>;
  /** Gives our partitions back at once. */
  leave(): Promise<void>;
}

export interface GroupOptions {
  readonly group: string;
  /** Topics with equal numbers of partitions: partition n of all of them goes to the same member. */
  readonly topics: readonly string[];
  /** `share`: partitions are spread over the members. `single`: one member has all, the others stand by. */
  readonly spread: 'share' | 'single';
  /** A member that is not heard of for so long has lost its place, ms. */
  readonly sessionMs: number;
}

export interface Log {
  writer(): Promise<Writer>;
  /** Begins to write under an id: fences whoever wrote under it before, and settles what that one left open. */
  transactor(id: string): Promise<Transactor>;
  join(options: GroupOptions, member: Member): Promise<Membership>;
  /**
   * Reads the committed records of a partition from an offset (or the oldest kept, if that is later) to its end as it is at the call, and waits for transactions
   * that are not decided there: what another writer has left open must not hide what was committed behind it. Resolves to the offset after it.
   */
  read(topic: string, partition: number, from: number, take: (records: readonly ReadRecord[]) => void): Promise<number>;
  /** The topics of these names that exist. */
  topics(names: readonly string[]): Promise<readonly TopicState[]>;
  create(topics: readonly TopicSpec[]): Promise<void>;
  close(): Promise<void>;
}
