/**
 * Carries the records of a topic on to somewhere else, at least once and in order for each partition: its members share the partitions, and the group keeps how far each
 * has come. What was carried and not noted when a member ends is carried again by the next.
 */
import type { Logger } from 'pino';
import { type Cancel, type Clock, sleep } from '../clock.ts';
import type { Log, Membership, ReadRecord } from '../log/log.ts';

export interface CarrierPorts {
  readonly log: Log;
  readonly topic: string;
  readonly group: string;
  readonly sessionMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when the records are where they belong. Rejects if that cannot be now: it is tried again. */
  readonly carry: (partition: number, records: readonly ReadRecord[]) => Promise<void>;
}

/** Records of one partition that wait to be carried on; over it no more are fetched. */
const WAITING = 20_000;
/** Records that are carried at once. */
const AT_ONCE = 2_000;
/** The pause before carrying is tried again, ms. */
const FIRST_AGAIN_MS = 500;
const LONGEST_AGAIN_MS = 5_000;
/** How often the group is told how far we are, ms. */
const NOTE_EVERY_MS = 1_000;

/** One partition that is ours. */
interface Lane {
  waiting: ReadRecord[];
  /** Where reading goes on after what waits, and after what was carried. */
  next: number;
  carried: number;
  noted: number;
  running: Promise<void> | undefined;
  paused: boolean;
}

export class Carrier {
  readonly #ports: CarrierPorts;
  readonly #lanes = new Map<number, Lane>();
  #membership: Membership | undefined;
  #stopNoting: Cancel = () => {};
  readonly #closing = new AbortController();

  constructor(ports: CarrierPorts) {
    this.#ports = ports;
  }

  /** Records that have been read and not yet carried. */
  get waiting(): number {
    return [...this.#lanes.values()].reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  async start(): Promise<void> {
    const { log, topic, group, sessionMs } = this.#ports;
    let early: readonly number[] | undefined;
    this.#membership = await log.join(
      { group, topics: [topic], spread: 'share', sessionMs },
      {
        assigned: (partitions) => {
          if (this.#membership === undefined) early = partitions;
          else this.#assigned(partitions, this.#membership);
        },
        records: (_topic, partition, records, next) => this.#records(partition, records, next),
        lost: () => this.#lanes.clear(),
      },
    );
    if (early !== undefined) this.#assigned(early, this.#membership);
    this.#noteLater();
  }

  async stop(): Promise<void> {
    this.#stopNoting();
    this.#closing.abort(new Error('it stops'));
    for (const [partition, lane] of this.#lanes) {
      await lane.running;
      await this.#note(partition, lane);
    }
    this.#lanes.clear();
    await this.#membership?.leave();
  }

  #assigned(partitions: readonly number[], membership: Membership): void {
    // What waits of a lane from before the rebalance is read again.
    this.#lanes.clear();
    for (const partition of partitions) {
      const lane: Lane = { waiting: [], next: 0, carried: 0, noted: 0, running: undefined, paused: false };
      this.#lanes.set(partition, lane);
      void this.#begin(partition, lane, membership);
    }
  }

  async #begin(partition: number, lane: Lane, membership: Membership): Promise<void> {
    const { topic, clock, logger } = this.#ports;
    while (this.#lanes.get(partition) === lane) {
      try {
        const noted = await membership.noted(partition);
        if (this.#lanes.get(partition) !== lane) return;
        lane.next = lane.carried = lane.noted = noted[topic] ?? 0;
        membership.seek(topic, partition, lane.next);
        return;
      } catch (thrown) {
        logger.warn({ err: thrown, topic, partition }, 'how far a partition was carried cannot be read, and is asked again');
        await sleep(clock, FIRST_AGAIN_MS);
      }
    }
  }

  #records(partition: number, records: readonly ReadRecord[], next: number): void {
    const lane = this.#lanes.get(partition);
    // What comes while we stop is another's to carry: what was carried after a gap must never be noted.
    if (lane === undefined || next <= lane.next || this.#closing.signal.aborted) return;
    for (const record of records) if (record.offset >= lane.next) lane.waiting.push(record);
    lane.next = next;
    if (lane.waiting.length > WAITING && !lane.paused) {
      lane.paused = true;
      this.#membership?.pause(this.#ports.topic, partition);
    }
    lane.running ??= this.#carry(partition, lane);
  }

  async #carry(partition: number, lane: Lane): Promise<void> {
    // It must be under way before it can be over.
    await Promise.resolve();
    await this.#carryAll(partition, lane);
    lane.running = undefined;
    // Some may have come in the turn in which it was over.
    if (lane.waiting.length > 0 && this.#lanes.get(partition) === lane && !this.#closing.signal.aborted)
      lane.running = this.#carry(partition, lane);
  }

  async #carryAll(partition: number, lane: Lane): Promise<void> {
    while (lane.waiting.length > 0 && this.#lanes.get(partition) === lane) {
      const records = lane.waiting.splice(0, AT_ONCE);
      if (lane.paused && lane.waiting.length === 0) {
        lane.paused = false;
        this.#membership?.resume(this.#ports.topic, partition);
      }
      if (!(await this.#untilCarried(partition, records))) return;
      lane.carried = lane.waiting.length === 0 ? lane.next : records.at(-1)!.offset + 1;
    }
    if (lane.waiting.length === 0) lane.carried = lane.next;
  }

  /** False: we are stopping. */
  async #untilCarried(partition: number, records: readonly ReadRecord[]): Promise<boolean> {
    const { topic, clock, logger, carry } = this.#ports;
    for (let pauseMs = 0; ; pauseMs = Math.min(LONGEST_AGAIN_MS, pauseMs === 0 ? FIRST_AGAIN_MS : 2 * pauseMs)) {
      try {
        if (pauseMs > 0) await sleep(clock, pauseMs, this.#closing.signal);
        await carry(partition, records);
        return true;
      } catch (thrown) {
        if (this.#closing.signal.aborted) return false;
        if (pauseMs === 0) logger.warn({ err: thrown, topic, partition }, 'records cannot be carried on now; they wait');
      }
    }
  }

  async #note(partition: number, lane: Lane): Promise<void> {
    const { carried } = lane;
    if (carried === lane.noted) return;
    await this.#membership?.note(partition, { [this.#ports.topic]: carried });
    lane.noted = carried;
  }

  #noteLater(): void {
    this.#stopNoting = this.#ports.clock.after(NOTE_EVERY_MS, () => {
      for (const [partition, lane] of this.#lanes) void this.#note(partition, lane);
      this.#noteLater();
    });
  }
}
