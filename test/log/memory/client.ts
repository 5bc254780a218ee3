/** One client of the broker: it carries requests over its link, asks again when no answer comes, and is the `Log` of one process. */
import {
  Fenced,
  type GroupOptions,
  type Log,
  type LogRecord,
  type Member,
  type Membership,
  type ReadRecord,
  type TopicSpec,
  type TopicState,
  type Transactor,
  type Writer,
} from '../../../src/log/log.ts';
import type { MemoryBroker } from './broker.ts';
import { type Link, NotYet, type RequestKind, Unreachable } from './link.ts';
import { MemoryMembership } from './membership.ts';

/** How often a client asks again when it is told `NotYet`, and how long it waits in between, ms. */
const NOT_YET_TRIES = 500;
const NOT_YET_MS = 4;

/** How long a reader waits for a transaction that is not decided before it asks again, ms. */
const UNDECIDED_MS = 20;

/** Carries requests for all that one process has open. */
export class Client {
  readonly broker: MemoryBroker;
  readonly link: Link;
  readonly name: string;
  #closed = false;

  constructor(broker: MemoryBroker, name: string, link: Link) {
    this.broker = broker;
    this.name = name;
    this.link = link;
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  /** One request, once. `effect` runs at the broker; `topic`: whose leader is asked. @throws Unreachable */
  once<T>(kind: RequestKind, effect: () => T, topic?: string): Promise<T> {
    return this.held(
      kind,
      (answer, fail) => {
        try {
          answer(effect());
        } catch (thrown) {
          fail(thrown);
        }
        return undefined;
      },
      topic,
    );
  }

  /** One request whose answer the broker gives when it likes. `effect` returns how to make it forget the question. @throws Unreachable */
  held<T>(
    kind: RequestKind,
    effect: (answer: (value: T) => void, fail: (thrown: unknown) => void) => (() => void) | undefined,
    topic?: string,
  ): Promise<T> {
    const { link, broker } = this;
    const { clock, requestMs } = broker.options;
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) return reject(new Unreachable(kind));
      const silence = (): void => {
        clock.after(requestMs, () => link.arrive(kind, () => reject(new Unreachable(kind))));
      };
      const back = (settle: () => void): void => {
        const ms = link.back(kind);
        if (ms === null) silence();
        else clock.after(ms, () => link.arrive(kind, settle));
      };
      const there = link.there(kind);
      if (there === null) return silence();
      clock.after(there, () => {
        if (!broker.answers(topic)) return silence();
        let release: (() => void) | undefined;
        const forget = broker.waits(() => {
          release?.();
          silence();
        });
        const settled = (settle: () => void): void => {
          forget();
          back(settle);
        };
        release = effect(
          (value) => settled(() => resolve(value)),
          (thrown) => settled(() => reject(thrown)),
        );
      });
    });
  }

  /** Asks again while nobody answers, and while it is told to. `effect` must bear to be done twice. */
  async ask<T>(kind: RequestKind, effect: () => T, topic?: string): Promise<T> {
    const { retries, retryMs } = this.broker.options;
    for (let [unanswered, notYet] = [0, 0]; ; ) {
      try {
        return await this.once(kind, effect, topic);
      } catch (thrown) {
        if (thrown instanceof NotYet && ++notYet < NOT_YET_TRIES) await this.wait(NOT_YET_MS);
        else if (thrown instanceof Unreachable && ++unanswered <= retries && !this.#closed) await this.wait(retryMs);
        else throw thrown;
      }
    }
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.link.clock.after(ms, resolve);
    });
  }
}

export class MemoryLog implements Log {
  readonly #client: Client;
  readonly #memberships = new Set<MemoryMembership>();

  constructor(broker: MemoryBroker, name: string, link: Link) {
    this.#client = new Client(broker, name, link);
  }

  async writer(): Promise<Writer> {
    return new MemoryWriter(this.#client);
  }

  async transactor(id: string): Promise<Transactor> {
    const transactor = new MemoryTransactor(this.#client, id);
    await transactor.renew();
    return transactor;
  }

  async join(options: GroupOptions, member: Member): Promise<Membership> {
    const group = await this.#client.ask('topics', () => this.#client.broker.group(options));
    const membership = new MemoryMembership(this.#client, group, options, member);
    this.#memberships.add(membership);
    return membership;
  }

  async read(topic: string, partition: number, from: number, take: (records: readonly ReadRecord[]) => void): Promise<number> {
    const { broker } = this.#client;
    // As the adapter does: what was written by then and is not decided may be committed, also by another writer than those that the caller has fenced.
    const end = await this.#client.ask('read', () => broker.partition(topic, partition).end, topic);
    let next = from;
    while (next < end) {
      const at = next;
      const fetched = await this.#client.ask(
        'read',
        () => broker.partition(topic, partition).fetch(at, broker.options.fetchRecords()),
        topic,
      );
      // What came after the call is left to whoever follows.
      const later = fetched.records.findIndex(({ offset }) => offset >= end);
      const records = later < 0 ? fetched.records : fetched.records.slice(0, later);
      next = later < 0 ? fetched.next : fetched.records[later]!.offset;
      if (next === at) await this.#client.wait(UNDECIDED_MS);
      if (records.length > 0) take(records);
    }
    return next;
  }

  topics(names: readonly string[]): Promise<readonly TopicState[]> {
    return this.#client.ask('topics', () => names.map((name) => this.#client.broker.topic(name)).filter((topic) => topic !== undefined));
  }

  async create(topics: readonly TopicSpec[]): Promise<void> {
    for (const topic of topics) await this.#client.ask('create', () => this.#client.broker.create(topic));
  }

  async close(): Promise<void> {
    for (const membership of this.#memberships) membership.stop();
    this.#client.close();
  }
}

/** Records by partition, in the order they were given. */
function byPartition(records: readonly LogRecord[]): Map<string, [LogRecord, ...LogRecord[]]> {
  const parts = new Map<string, [LogRecord, ...LogRecord[]]>();
  for (const record of records) {
    const place = `${record.topic}/${record.partition}`;
    const part = parts.get(place);
    if (part === undefined) parts.set(place, [record]);
    else part.push(record);
  }
  return parts;
}

/** At least once: an answer that is lost makes it write again. One write after the other, so that the order is kept. */
class MemoryWriter implements Writer {
  readonly #client: Client;
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: Client) {
    this.#client = client;
  }

  write(records: readonly LogRecord[]): Promise<void> {
    const written = this.#last.then(() => this.#write(records));
    this.#last = written.catch(() => {});
    return written;
  }

  async close(): Promise<void> {
    await this.#last;
  }

  async #write(records: readonly LogRecord[]): Promise<void> {
    const { broker, name } = this.#client;
    const origin = { client: name };
    await Promise.all(
      [...byPartition(records).values()].map((part) =>
        this.#client.ask(
          'write',
          () => broker.partition(part[0].topic, part[0].partition).append(part, broker.options.clock.now(), origin),
          part[0].topic,
        ),
      ),
    );
  }
}

class MemoryTransactor implements Transactor {
  readonly id: string;
  readonly #client: Client;
  #epoch = 0;
  #number = 0;
  #phase: 'settled' | 'busy' | 'unsettled' | 'fenced' | 'closed' = 'unsettled';

  constructor(client: Client, id: string) {
    this.#client = client;
    this.id = id;
  }

  /** As Kafka's clients do it, it does not look whether another has taken over, and fences that one. */
  async renew(): Promise<void> {
    this.#epoch = await this.#client.ask('init', () => this.#client.broker.transactions.init(this.id));
    this.#number = 0;
    this.#phase = 'settled';
  }

  async commit(records: readonly LogRecord[]): Promise<ReadonlyMap<string, number>> {
    if (this.#phase === 'fenced') throw new Fenced(this.id);
    if (this.#phase !== 'settled') throw new Error(`${this.id} is ${this.#phase}: a transaction must not begin`);
    this.#phase = 'busy';
    try {
      const offsets = await this.#carryOut(records);
      this.#phase = 'settled';
      return offsets;
    } catch (thrown) {
      this.#phase = thrown instanceof Fenced ? 'fenced' : 'unsettled';
      throw thrown;
    }
  }

  async close(): Promise<void> {
    this.#phase = 'closed';
  }

  async #carryOut(records: readonly LogRecord[]): Promise<ReadonlyMap<string, number>> {
    const { broker, name } = this.#client;
    const { transactions } = broker;
    const [epoch, number] = [this.#epoch, ++this.#number];
    const written = await Promise.all(
      [...byPartition(records)].map(async ([place, part]) => {
        const produce = (): number =>
          transactions.produce(name, this.id, epoch, number, broker.partition(part[0].topic, part[0].partition), part);
        return [place, await this.#client.ask('produce', produce, part[0].topic)] as const;
      }),
    );
    if (written.length > 0) await this.#client.ask('end', () => transactions.end(this.id, epoch, number));
    return new Map(written);
  }
}
