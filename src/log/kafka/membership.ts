/** A member of a group: its place and what is fetched for it, held together. */
import type { GroupOptions, Member, Membership, Offsets } from '../log.ts';
import type { Surroundings } from './connection.ts';
import { Fetching } from './fetching.ts';
import { Group } from './group.ts';
import type { Lines } from './outage.ts';

export class KafkaMembership implements Membership {
  readonly #topics: ReadonlySet<string>;
  readonly #group: Group;
  readonly #fetching: Fetching;
  readonly #ended: (membership: KafkaMembership) => void;
  #partitions: ReadonlySet<number> = new Set();
  #leaving: Promise<void> | undefined;

  constructor(
    options: GroupOptions,
    member: Member,
    surroundings: Surroundings,
    lines: Lines,
    ended: (membership: KafkaMembership) => void,
  ) {
    this.#topics = new Set(options.topics);
    this.#ended = ended;
    this.#fetching = new Fetching(
      options.topics,
      {
        ready: () => this.#group.checkAlive(),
        take: (topic, partition, records, next, end) => member.records(topic, partition, records, next, end),
      },
      surroundings,
      lines,
    );
    this.#group = new Group(
      options,
      {
        assigned: (partitions) => {
          this.#fetching.drop();
          this.#partitions = new Set(partitions);
          member.assigned(partitions);
        },
        lost: (reason) => {
          this.#fetching.drop();
          this.#partitions = new Set();
          member.lost(reason);
        },
      },
      surroundings,
      lines,
    );
  }

  /** @throws if a topic is not there, or we are refused */
  async start(): Promise<void> {
    try {
      await this.#group.start();
    } catch (thrown) {
      await this.leave();
      throw thrown;
    }
  }

  get alive(): boolean {
    return this.#group.alive;
  }

  get certain(): boolean {
    return this.#group.certain;
  }

  seek(topic: string, partition: number, offset: number): void {
    if (this.#partitions.has(partition) && this.#topics.has(topic)) this.#fetching.seek(topic, partition, offset);
  }

  pause(topic: string, partition: number): void {
    this.#fetching.pause(topic, partition);
  }

  resume(topic: string, partition: number): void {
    this.#fetching.resume(topic, partition);
  }

  async note(partition: number, offsets: Offsets): Promise<void> {
    if (this.#partitions.has(partition)) await this.#group.note(partition, offsets);
  }

  noted(partition: number): Promise<Offsets> {
    return this.#group.noted(partition);
  }

  leave(): Promise<void> {
    this.#leaving ??= (async () => {
      this.#partitions = new Set();
      await Promise.all([this.#fetching.close(), this.#group.leave()]);
      this.#ended(this);
    })();
    return this.#leaving;
  }
}
