/** A place in a group: joins, beats, joins again when others come or go. Knows nothing of records. */
import { type Cancel, type Clock, since } from '../../clock.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import type { GroupOptions, Offsets } from '../log.ts';
import { assign } from './assign.ts';
import { Connection, type Patience, refusal, type Surroundings } from './connection.ts';
import { isPassing, isRefusal, typeOf } from './failures.ts';
import type { Broker } from './kafkajs.ts';
import type { Lines } from './outage.ts';
import { decodeClaim, decodeShare, encodeClaim, encodeShare } from './protocol.ts';

/** How often we say that we are there, and hear whether others came or went: a rebalance begins with each within that time. */
const BEAT_MS = 250;
/** Whom the others wait for when they join again: a member that does not answer for so long is left out, and joins anew when it can. */
const REBALANCE_MS = 3_000;
const AGAIN_MS = 100;
const MOST_AGAIN_MS = 2_000;
/** What passes by itself has passed before so many attempts. */
const SAID_AT = 3;
const PATIENCE: Patience = { totalMs: 10_000, firstMs: AGAIN_MS, mostMs: MOST_AGAIN_MS };
/** A coordinator that does not answer does not hold up those who leave. */
const GOODBYE_MS = 2_000;

export interface Place {
  /** These partitions are ours now, and no others. */
  assigned(partitions: readonly number[]): void;
  /** None is ours. */
  lost(reason: string): void;
}

export class Group {
  readonly #clock: Clock;
  readonly #lines: Lines;
  readonly #options: GroupOptions;
  readonly #place: Place;
  readonly #connection: Connection;
  readonly #surroundings: Surroundings;
  readonly #beatMs: number;
  #memberId = '';
  #generation = -1;
  #partitions: readonly number[] = [];
  /** How long ago the coordinator last heard of us, as far as we know for certain: since we asked what it answered. */
  #unheard: () => number;
  /** How long ago the group was last sure to be as we know it: whom a rebalance leaves out may lose the place long before the session is over. */
  #unconfirmed: () => number;
  /** What was said last of why we are not in. */
  #said = '';
  #failures = 0;
  #in = false;
  #joining = false;
  #left = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(options: GroupOptions, place: Place, surroundings: Surroundings, lines: Lines) {
    this.#clock = surroundings.clock;
    this.#lines = lines;
    this.#options = options;
    this.#place = place;
    this.#surroundings = surroundings;
    this.#connection = new Connection(surroundings);
    this.#beatMs = Math.min(BEAT_MS, options.sessionMs / 10);
    this.#unheard = since(this.#clock);
    this.#unconfirmed = this.#unheard;
  }

  /** @throws HomeostatError if it can never be in, or a topic is not there */
  async start(): Promise<void> {
    await this.#connection.persist(PATIENCE, () => this.#count());
    this.#unheard = since(this.#clock);
    this.#running = this.#run();
  }

  get alive(): boolean {
    return this.#in && !this.#expired();
  }

  get certain(): boolean {
    return this.#in && this.#unconfirmed() < Math.min(REBALANCE_MS, this.#options.sessionMs);
  }

  #expired(): boolean {
    return this.#unheard() >= this.#options.sessionMs;
  }

  /** Tells positions, and does not mind if that fails. */
  async note(partition: number, offsets: Offsets): Promise<void> {
    try {
      const coordinator = await this.#coordinator();
      await coordinator.offsetCommit({
        groupId: this.#options.group,
        groupGenerationId: this.#generation,
        memberId: this.#memberId,
        topics: Object.entries(offsets).map(([topic, offset]) => ({ topic, partitions: [{ partition, offset: String(offset) }] })),
      });
    } catch (thrown) {
      this.#lines.debug({ reason: messageOf(thrown) }, 'positions were not told');
    }
  }

  /** What was last told of a partition; Kafka says -1 where nothing was. */
  async noted(partition: number): Promise<Offsets> {
    const { group: groupId, topics } = this.#options;
    const asked = { groupId, topics: topics.map((topic) => ({ topic, partitions: [{ partition }] })) };
    const { responses } = await this.#connection.persist(PATIENCE, async () => (await this.#coordinator()).offsetFetch(asked));
    const told = responses.flatMap(({ topic, partitions }) => partitions.map(({ offset }) => [topic, Number(offset)] as const));
    return Object.fromEntries(told.filter(([, offset]) => offset >= 0));
  }

  /** To be asked before anything is done with what was fetched: after a freeze we are the last to know. */
  checkAlive(): boolean {
    if (this.#in && this.#expired()) this.#lose(`nothing was heard of us for ${this.#unheard()} ms`);
    return this.#in;
  }

  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    this.#in = false;
    this.#partitions = [];
    this.#wake?.();
    const memberId = this.#memberId;
    if (memberId !== '') {
      const goodbye = this.#goodbye(memberId);
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(GOODBYE_MS, resolve);
        void goodbye
          .catch(() => undefined)
          .then(() => {
            cancel();
            resolve();
          });
      });
    }
    await this.#connection.close();
    await this.#running;
  }

  /** While we join, the broker answers nothing else on our connection until the others have joined too. */
  async #goodbye(memberId: string): Promise<void> {
    const connection = this.#joining ? new Connection(this.#surroundings) : this.#connection;
    try {
      const coordinator = await connection.coordinator('group', this.#options.group);
      await coordinator.leaveGroup({ groupId: this.#options.group, memberId });
    } finally {
      if (connection !== this.#connection) await connection.close();
    }
  }

  #coordinator(): Promise<Broker> {
    return this.#connection.coordinator('group', this.#options.group);
  }

  /** How many partitions each topic has, which must be as many as the others. */
  async #count(): Promise<number> {
    const counts = await this.#connection.partitionsOf(this.#options.topics);
    const numbers = [...new Set(counts.values())];
    if (numbers.length !== 1)
      throw new HomeostatError(
        'H314',
        `the topics of a group must have equal numbers of partitions, but ${[...counts].map(([name, n]) => `${name} has ${n}`).join(', ')}`,
      );
    return numbers[0]!;
  }

  async #run(): Promise<void> {
    let pause = AGAIN_MS;
    while (!this.#left) {
      try {
        this.#joining = true;
        await this.#join().finally(() => {
          this.#joining = false;
        });
        pause = AGAIN_MS;
        await this.#beat();
      } catch (thrown) {
        if (this.#left) return;
        this.#amiss(thrown);
        await this.#wait(pause);
        pause = Math.min(MOST_AGAIN_MS, pause * 1.5);
      }
    }
  }

  async #join(): Promise<void> {
    const { group, topics, sessionMs, spread } = this.#options;
    const coordinator = await this.#coordinator();
    const joined = await coordinator.joinGroup({
      groupId: group,
      sessionTimeout: sessionMs,
      rebalanceTimeout: Math.min(REBALANCE_MS, sessionMs),
      memberId: this.#memberId,
      groupProtocols: [{ name: `homeostat-${spread}`, metadata: encodeClaim(topics, this.#partitions, this.#generation) }],
    });
    this.#memberId = joined.memberId;
    this.#generation = joined.generationId;
    if (this.#left) return void (await coordinator.leaveGroup({ groupId: group, memberId: joined.memberId }));
    let shares: { memberId: string; memberAssignment: Buffer }[] = [];
    if (joined.leaderId === joined.memberId) {
      const claims = joined.members.map(({ memberId, memberMetadata }) => decodeClaim(memberId, memberMetadata));
      this.#connection.stale();
      const all = assign(claims, await this.#count(), spread);
      shares = [...all].map(([memberId, partitions]) => ({ memberId, memberAssignment: encodeShare(topics, partitions) }));
    }
    const asked = since(this.#clock);
    const { memberAssignment } = await coordinator.syncGroup({
      groupId: group,
      generationId: joined.generationId,
      memberId: joined.memberId,
      groupAssignment: shares,
    });
    if (this.#left) return;
    // An answer to what we asked before a freeze says nothing of now.
    this.#unheard = asked;
    this.#unconfirmed = asked;
    this.#in = true;
    this.#said = '';
    this.#failures = 0;
    this.#partitions = decodeShare(memberAssignment);
    this.#lines.info({ group, partitions: this.#partitions, generation: this.#generation }, 'in the group');
    this.#place.assigned(this.#partitions);
  }

  /** Until the group rebalances, or something is amiss. */
  async #beat(): Promise<void> {
    const { group } = this.#options;
    let failing = 0;
    while (!this.#left) {
      await this.#wait(failing === 0 ? this.#beatMs : AGAIN_MS);
      if (this.#left) return;
      const asked = since(this.#clock);
      try {
        const coordinator = await this.#coordinator();
        await coordinator.heartbeat({ groupId: group, groupGenerationId: this.#generation, memberId: this.#memberId });
        this.#unheard = asked;
        this.#unconfirmed = asked;
        failing = 0;
      } catch (thrown) {
        if (this.#left) return;
        const type = typeOf(thrown);
        if (type === 'REBALANCE_IN_PROGRESS') {
          // It has heard of us, and may have begun long ago to wait for us to join.
          this.#unheard = asked;
          return;
        }
        if (type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION' || this.#expired()) throw thrown;
        failing += 1;
        this.#connection.failed(thrown);
        if (isRefusal(thrown)) throw thrown;
      }
    }
  }

  /** Something went wrong: whether we still have our place depends on what. */
  #amiss(thrown: unknown): void {
    const type = typeOf(thrown);
    if (type === 'REBALANCE_IN_PROGRESS') return;
    if (type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION' || type === 'FENCED_INSTANCE_ID') {
      if (type === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
      this.#lose(`the group went on without us (${type})`);
      return;
    }
    this.#connection.failed(thrown);
    if (this.#expired()) this.#lose(`the group could not be reached: ${messageOf(thrown)}`);
    this.#say(thrown);
  }

  /** What only a person can help is said once; that brokers are away is said elsewhere. */
  #say(thrown: unknown): void {
    const { group, sessionMs } = this.#options;
    const reason = messageOf(thrown);
    this.#failures += 1;
    if (isPassing(thrown) || this.#failures < SAID_AT || reason === this.#said)
      return this.#lines.debug({ group, reason }, 'not in the group, trying again');
    this.#said = reason;
    if (isRefusal(thrown)) this.#lines.error({ group }, refusal(thrown).message);
    else if (typeOf(thrown) === 'INVALID_SESSION_TIMEOUT')
      this.#lines.error(
        { group },
        `the brokers do not allow a session of ${sessionMs} ms: set "services.session" between their group.min.session.timeout.ms (6 s unless changed) and group.max.session.timeout.ms`,
      );
    else this.#lines.error({ group, reason }, 'cannot join the group, trying again');
  }

  #lose(reason: string): void {
    if (!this.#in) return;
    this.#in = false;
    this.#partitions = [];
    this.#lines.warn({ group: this.#options.group }, `lost our place in the group: ${reason}`);
    this.#place.lost(reason);
    this.#wake?.();
  }

  /** Waits, or until there is something to do. */
  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let cancel: Cancel = () => undefined;
      const done = () => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      cancel = this.#clock.after(ms, done);
      this.#wake = done;
    });
  }
}
