/** One member of a group: it joins, beats, notices in its own time when it is out, and fetches what it was given. */
import { type Cancel, since } from '../../../src/clock.ts';
import type { GroupOptions, Member, Membership, Offsets } from '../../../src/log/log.ts';
import type { Client } from './client.ts';
import type { Group, Place } from './group.ts';
import { NotAMember } from './link.ts';
import type { Fetched } from './partition.ts';

interface Cursor {
  readonly topic: string;
  readonly partition: number;
  next: number;
  paused: boolean;
  fetching: boolean;
  dropped: boolean;
}

export class MemoryMembership implements Membership {
  readonly #client: Client;
  readonly #group: Group;
  readonly #options: GroupOptions;
  readonly #member: Member;
  readonly #cursors = new Map<string, Cursor>();
  #id: string | undefined;
  #generation = 0;
  #partitions: readonly number[] = [];
  #phase: 'joining' | 'in' | 'out' = 'joining';
  #unheard: () => number;
  /** How long ago the group was last sure to be as we know it. */
  #unconfirmed: () => number;
  #beating: Cancel = () => {};

  constructor(client: Client, group: Group, options: GroupOptions, member: Member) {
    this.#client = client;
    this.#group = group;
    this.#options = options;
    this.#member = member;
    this.#unheard = since(client.link.clock);
    this.#unconfirmed = this.#unheard;
    void this.#join();
  }

  get alive(): boolean {
    return this.#phase !== 'out' && this.#unheard() < this.#options.sessionMs;
  }

  get certain(): boolean {
    // Who joins again may be given another place before it hears of that.
    return this.#phase === 'in' && this.alive && this.#unconfirmed() < this.#client.broker.options.rebalanceMs;
  }

  seek(topic: string, partition: number, offset: number): void {
    const place = `${topic}/${partition}`;
    const before = this.#cursors.get(place);
    if (before !== undefined) before.dropped = true;
    if (!this.#partitions.includes(partition) || !this.#options.topics.includes(topic)) return;
    const cursor = { topic, partition, next: offset, paused: before?.paused ?? false, fetching: false, dropped: false };
    this.#cursors.set(place, cursor);
    void this.#fetch(cursor);
  }

  pause(topic: string, partition: number): void {
    const cursor = this.#cursors.get(`${topic}/${partition}`);
    if (cursor !== undefined) cursor.paused = true;
  }

  resume(topic: string, partition: number): void {
    const cursor = this.#cursors.get(`${topic}/${partition}`);
    if (cursor === undefined) return;
    cursor.paused = false;
    void this.#fetch(cursor);
  }

  async note(partition: number, offsets: Offsets): Promise<void> {
    await this.#client.once('note', () => this.#group.note(partition, offsets)).catch(() => {});
  }

  noted(partition: number): Promise<Offsets> {
    return this.#client.ask('note', () => this.#group.noted.get(partition) ?? {});
  }

  async leave(): Promise<void> {
    const id = this.#id;
    this.stop();
    if (id !== undefined) await this.#client.ask('leave', () => this.#group.leave(id)).catch(() => {});
  }

  /** Falls silent, without a word to the group. */
  stop(): void {
    this.#phase = 'out';
    this.#beating();
    this.#drop();
  }

  #drop(): void {
    for (const cursor of this.#cursors.values()) cursor.dropped = true;
    this.#cursors.clear();
    this.#partitions = [];
  }

  /** Joins, again and again, until it has a place. While it does, nothing is fetched; what was handed over is still believed to be ours. */
  async #join(): Promise<void> {
    this.#phase = 'joining';
    this.#beating();
    for (const cursor of this.#cursors.values()) cursor.dropped = true;
    while (this.#isJoining()) {
      const asked = since(this.#client.link.clock);
      const place = await this.#askForPlace().catch(() => undefined);
      if (place === undefined) await this.#client.wait(this.#client.broker.options.retryMs);
      else if (this.#isJoining()) {
        // The answer may be old: the heartbeat that follows says so.
        this.#unheard = asked;
        this.#unconfirmed = asked;
        this.#take(place);
      }
    }
  }

  #isJoining = (): boolean => this.#phase === 'joining' && !this.#client.closed;

  #askForPlace(): Promise<Place> {
    const { sessionMs } = this.#options;
    return this.#client.held<Place>('join', (answer) => {
      this.#id = this.#group.join(this.#id, this.#client.name, sessionMs, answer);
      return undefined;
    });
  }

  #take({ member, generation, partitions }: Place): void {
    this.#phase = 'in';
    this.#id = member;
    this.#generation = generation;
    this.#drop();
    this.#partitions = partitions;
    void this.#beat();
    this.#member.assigned(partitions);
  }

  #beatLater(): void {
    this.#beating();
    this.#beating = this.#client.link.clock.after(this.#options.sessionMs / this.#client.broker.options.beats, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    const [id, generation] = [this.#id!, this.#generation];
    const asked = since(this.#client.link.clock);
    try {
      const answer = await this.#client.once('heartbeat', () => this.#group.heartbeat(id, generation));
      if (this.#phase !== 'in') return;
      this.#unheard = asked;
      // It may have begun long ago to wait for us to join.
      if (answer === 'rebalance') return void this.#join();
      this.#unconfirmed = asked;
    } catch (thrown) {
      if (this.#phase !== 'in') return;
      if (thrown instanceof NotAMember) {
        this.#id = undefined;
        this.#drop();
        this.#member.lost(thrown.message);
        if (this.#phase === 'in') void this.#join();
        return;
      }
    }
    this.#beatLater();
  }

  async #fetch(cursor: Cursor): Promise<void> {
    if (cursor.fetching) return;
    cursor.fetching = true;
    while (!cursor.dropped && !cursor.paused) {
      const fetched = await this.#ask(cursor).catch(() => undefined);
      // Paused while it was under way: it is fetched again when it is resumed.
      if (cursor.dropped || cursor.paused || this.#client.closed) break;
      if (fetched === undefined) await this.#client.wait(this.#client.broker.options.retryMs);
      else {
        cursor.next = fetched.next;
        this.#member.records(cursor.topic, cursor.partition, fetched.records, fetched.next, fetched.end);
      }
    }
    cursor.fetching = false;
  }

  #ask({ topic, partition, next }: Cursor): Promise<Fetched> {
    const { broker } = this.#client;
    return this.#client.held<Fetched>(
      'fetch',
      (answer, fail) => {
        try {
          const log = broker.partition(topic, partition);
          return log.when(next, () => answer(log.fetch(next, broker.options.fetchRecords())));
        } catch (thrown) {
          fail(thrown);
          return undefined;
        }
      },
      topic,
    );
  }
}
