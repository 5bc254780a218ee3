/** The history in InfluxDB beside the services mode: it follows the managers that are here, and carries the journal of all, which the group shares. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Configuration } from '../config.ts';
import type { HistoryHealth } from '../history/attach.ts';
import { HistoryFollower } from '../history/follow.ts';
import { type InfluxHistory, openInflux } from '../history/influx.ts';
import type { Log, ReadRecord } from '../log/log.ts';
import type { Event } from '../messages.ts';
import type { StepResult } from '../step.ts';
import { Carrier } from './carrier.ts';
import type { Partition } from './partition.ts';
import type { TopicNames } from './topics.ts';
import { decodeEntry } from './wire.ts';

export interface PastPorts {
  readonly log: Log;
  readonly names: TopicNames;
  readonly cluster: string;
  readonly sessionMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logger: Logger;
  /** Where the spool lies. */
  readonly folder: string;
  /** Commands of a partition that are being carried out in this process. */
  readonly running: (partition: number) => number;
}

export class Past {
  readonly reader: InfluxHistory;
  readonly #ports: PastPorts;
  readonly #carrier: Carrier;
  readonly #followers = new Map<number, HistoryFollower>();

  private constructor(ports: PastPorts, history: InfluxHistory) {
    this.#ports = ports;
    this.reader = history;
    const { log, names, cluster, sessionMs, clock, logger } = ports;
    const carry = (partition: number, records: readonly ReadRecord[]) => this.#carry(partition, records);
    this.#carrier = new Carrier({ log, sessionMs, clock, logger, topic: names.journal, group: `${cluster}.history`, carry });
  }

  /** Undefined: the manager file names no InfluxDB. Does not wait for the server. @throws HomeostatError H001, H008 */
  static async open(configuration: Configuration, ports: PastPorts): Promise<Past | undefined> {
    const options = configuration.manager.history?.influx;
    if (options === undefined) return undefined;
    const { clock, random, environment, logger, folder } = ports;
    const log = logger.child({ part: 'history' });
    const { directory } = configuration;
    return new Past(ports, await openInflux(options, { clock, random, log, folder: join(folder, 'history'), environment, directory }));
  }

  start(): Promise<void> {
    return this.#carrier.start();
  }

  /** From now on it follows the manager of a partition; undefined: it is not here any more. */
  follow(partition: number, part: Partition | undefined): void {
    this.#followers.get(partition)?.close();
    this.#followers.delete(partition);
    if (part === undefined) return;
    const { manager } = part;
    const follower = new HistoryFollower({
      clock: part.clock,
      writer: this.reader,
      layout: this.reader.layout,
      manager: this.#ports.cluster,
      partition,
      state: () => manager.state,
      derived: () => manager.derived,
      health: () => manager.health,
      figures: () => ({ ...figuresOf(part), commandsRunning: this.#ports.running(partition) }),
    });
    this.#followers.set(partition, follower);
  }

  onStep(partition: number, result: StepResult, events: readonly Event[]): void {
    this.#followers.get(partition)?.onStep(result, events);
  }

  health(): HistoryHealth {
    return { ...this.reader.waiting, away: this.reader.away ?? null, entries: this.#carrier.waiting, missed: 0 };
  }

  async close(): Promise<void> {
    for (const follower of this.#followers.values()) follower.close();
    await this.#carrier.stop();
    await this.reader.close();
  }

  /** Each entry is one point however often it is carried: its place in the journal is part of it. */
  async #carry(partition: number, records: readonly ReadRecord[]): Promise<void> {
    const journal = `${this.#ports.cluster}-${partition}`;
    const entries = records.flatMap(({ value, offset }) => {
      if (value === null) return [];
      const { index: _index, ...entry } = decodeEntry(value);
      return [{ ...entry, journal, seq: offset }];
    });
    if (entries.length > 0) await this.reader.entries(entries);
  }
}

/** What only the manager itself knows of how it is doing. */
function figuresOf({ manager: { state, derived }, waiting, lag, clock }: Partition): Record<string, number> {
  const behind = waiting.signals + waiting.telemetry + lag.observations + lag.signals > 0;
  return {
    lag: behind ? Math.max(0, clock.now() - state.position.now) : 0,
    lagRecords: lag.observations + lag.signals,
    waitingSignals: waiting.signals,
    waitingTelemetry: waiting.telemetry,
    symptoms: derived.raised.size,
    commandsInFlight: state.commands.size,
    elements: state.elements.size,
  };
}
