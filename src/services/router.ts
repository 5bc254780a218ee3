/**
 * Carries what outsiders write on the intake on to where it belongs: observations to the partition of their domain, what cannot be read to the dead
 * letters with its error. At least once: who reads `observations` knows the same source, property and time again.
 */
import type { Logger } from 'pino';
import { type Cancel, type Clock, sleep } from '../clock.ts';
import type { GroupOptions, Log, LogRecord, Membership, ReadRecord, Writer } from '../log/log.ts';
import type { ObservationEvent } from '../messages.ts';
import { batchRecords } from './batches.ts';
import { readIntake } from './intake-format.ts';
import type { TopicNames } from './topics.ts';

export interface RouterPorts {
  readonly log: Log;
  readonly names: TopicNames;
  readonly cluster: string;
  readonly partitions: number;
  readonly sessionMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Records of one partition that wait to be carried on; over it no more are fetched. */
const WAITING = 20_000;
/** The pause before writing is tried again, ms. */
const AGAIN_MS = 500;
/** How often the group is told how far we are, ms. What was carried on since is carried on again by a successor. */
const NOTE_EVERY_MS = 1_000;

/** One partition of the intake that is ours. */
interface Lane {
  waiting: ReadRecord[];
  /** Where reading goes on after what waits, and after what is written. */
  next: number;
  written: number;
  noted: number;
  running: boolean;
  paused: boolean;
}

export class Router {
  readonly #ports: RouterPorts;
  readonly #lanes = new Map<number, Lane>();
  #membership: Membership | undefined;
  #writer: Writer | undefined;
  #stopNoting: Cancel = () => {};
  readonly #closing = new AbortController();
  #carried = 0;
  #rejected = 0;

  constructor(ports: RouterPorts) {
    this.#ports = ports;
  }

  /** Observations carried on, and things that could not be read, since the start. */
  get counts(): { readonly carried: number; readonly rejected: number } {
    return { carried: this.#carried, rejected: this.#rejected };
  }

  async start(): Promise<void> {
    const { log, names, cluster, sessionMs } = this.#ports;
    this.#writer = await log.writer();
    const options: GroupOptions = { group: `${cluster}.intake`, topics: [names.intake], spread: 'share', sessionMs };
    let early: readonly number[] = [];
    const assigned = (partitions: readonly number[]): void => {
      if (this.#membership === undefined) early = partitions;
      else this.#assigned(partitions, this.#membership);
    };
    this.#membership = await log.join(options, {
      assigned,
      records: (_topic, partition, records, next) => this.#records(partition, records, next),
      lost: () => this.#lanes.clear(),
    });
    if (early.length > 0) this.#assigned(early, this.#membership);
    this.#noteLater();
  }

  async stop(): Promise<void> {
    this.#stopNoting();
    this.#closing.abort(new Error('the router stops'));
    await Promise.all([...this.#lanes].map(([partition, lane]) => this.#note(partition, lane)));
    this.#lanes.clear();
    await this.#membership?.leave();
    await this.#writer?.close();
  }

  #assigned(partitions: readonly number[], membership: Membership): void {
    const { names, logger } = this.#ports;
    // What waits of a lane from before the rebalance is read again.
    this.#lanes.clear();
    for (const partition of partitions) {
      const lane: Lane = { waiting: [], next: 0, written: 0, noted: 0, running: false, paused: false };
      this.#lanes.set(partition, lane);
      membership.noted(partition).then(
        (noted) => {
          if (this.#lanes.get(partition) !== lane) return;
          lane.next = lane.written = lane.noted = noted[names.intake] ?? 0;
          membership.seek(names.intake, partition, lane.next);
        },
        (thrown: unknown) => {
          logger.warn({ err: thrown, partition }, 'the position on the intake cannot be read, and is asked for again');
          this.#ports.clock.after(AGAIN_MS, () => {
            if (this.#lanes.get(partition) === lane) this.#assigned([...this.#lanes.keys()], membership);
          });
        },
      );
    }
  }

  #records(partition: number, records: readonly ReadRecord[], next: number): void {
    const lane = this.#lanes.get(partition);
    if (lane === undefined || next <= lane.next) return;
    for (const record of records) if (record.offset >= lane.next) lane.waiting.push(record);
    lane.next = next;
    if (lane.waiting.length > WAITING && !lane.paused) {
      lane.paused = true;
      this.#membership?.pause(this.#ports.names.intake, partition);
    }
    if (!lane.running) void this.#carry(partition, lane);
  }

  /** Writes on what waits, one message for each partition at a time. */
  async #carry(partition: number, lane: Lane): Promise<void> {
    lane.running = true;
    while (lane.waiting.length > 0 && !this.#closing.signal.aborted) {
      const { waiting, next } = lane;
      lane.waiting = [];
      if (lane.paused) {
        lane.paused = false;
        this.#membership?.resume(this.#ports.names.intake, partition);
      }
      if (!(await this.#write(this.#sorted(waiting)))) break;
      lane.written = next;
    }
    lane.running = false;
  }

  /** Writes until it is written. False: we are stopping. */
  async #write(records: readonly LogRecord[]): Promise<boolean> {
    const { clock, logger } = this.#ports;
    for (let tries = 0; ; tries++) {
      try {
        if (records.length > 0) await this.#writer!.write(records);
        return true;
      } catch (thrown) {
        if (tries === 0) logger.warn({ err: thrown }, 'what came in cannot be carried on now; it waits');
        const stopped = await sleep(clock, AGAIN_MS, this.#closing.signal).then(
          () => false,
          () => true,
        );
        if (stopped) return false;
      }
    }
  }

  #sorted(waiting: readonly ReadRecord[]): LogRecord[] {
    const { names, partitions } = this.#ports;
    const records: LogRecord[] = [];
    const taken: ObservationEvent[] = [];
    for (const { value, offset, time } of waiting) {
      const { observations, rejections, rejected } = readIntake(value ?? '', { offset, time });
      this.#rejected += rejected;
      for (const { index, reason, excerpt } of rejections) {
        const letter = { v: 1, source: names.intake, offset, time, index, reason, excerpt };
        records.push({ topic: names.deadLetters, partition: 0, key: null, value: JSON.stringify(letter) });
      }
      for (const observation of observations) taken.push(observation);
      this.#carried += observations.length;
    }
    return [...records, ...batchRecords(taken, names.observations, partitions)];
  }

  async #note(partition: number, lane: Lane): Promise<void> {
    if (lane.written === lane.noted) return;
    const { written } = lane;
    await this.#membership?.note(partition, { [this.#ports.names.intake]: written });
    lane.noted = written;
  }

  #noteLater(): void {
    this.#stopNoting = this.#ports.clock.after(NOTE_EVERY_MS, () => {
      for (const [partition, lane] of this.#lanes) void this.#note(partition, lane);
      this.#noteLater();
    });
  }
}
