/**
 * Carries what outsiders write on the intake on to where it belongs: observations to the partition of their domain, what cannot be read to the dead
 * letters with its error. At least once: who reads `observations` knows the same source, property and time again.
 */
import type { LogRecord, ReadRecord, Writer } from '../log/log.ts';
import type { ObservationEvent } from '../messages.ts';
import { batchRecords } from './batches.ts';
import { Carrier, type CarrierPorts } from './carrier.ts';
import { readIntake } from './intake-format.ts';
import type { TopicNames } from './topics.ts';

export interface RouterPorts extends Pick<CarrierPorts, 'log' | 'sessionMs' | 'clock' | 'logger'> {
  readonly names: TopicNames;
  readonly cluster: string;
  readonly partitions: number;
}

export class Router {
  readonly #ports: RouterPorts;
  readonly #carrier: Carrier;
  #writer: Writer | undefined;
  #carried = 0;
  #rejected = 0;

  constructor(ports: RouterPorts) {
    this.#ports = ports;
    const { log, sessionMs, clock, logger, names, cluster } = ports;
    const carry = async (_partition: number, records: readonly ReadRecord[]) => this.#writer!.write(this.#sorted(records));
    this.#carrier = new Carrier({ log, sessionMs, clock, logger, topic: names.intake, group: `${cluster}.intake`, carry });
  }

  /** Observations carried on, and things that could not be read, since the start. */
  get counts(): { readonly carried: number; readonly rejected: number } {
    return { carried: this.#carried, rejected: this.#rejected };
  }

  async start(): Promise<void> {
    this.#writer = await this.#ports.log.writer();
    await this.#carrier.start();
  }

  async stop(): Promise<void> {
    await this.#carrier.stop();
    await this.#writer?.close();
  }

  #sorted(records: readonly ReadRecord[]): LogRecord[] {
    const { names, partitions } = this.#ports;
    const letters: LogRecord[] = [];
    const taken: ObservationEvent[] = [];
    for (const { value, offset, time } of records) {
      const { observations, rejections, rejected } = readIntake(value ?? '', { offset, time });
      this.#rejected += rejected;
      for (const { index, reason, excerpt } of rejections) {
        const letter = { v: 1, source: names.intake, offset, time, index, reason, excerpt };
        letters.push({ topic: names.deadLetters, partition: 0, key: null, value: JSON.stringify(letter) });
      }
      for (const observation of observations) taken.push(observation);
      this.#carried += observations.length;
    }
    return [...letters, ...batchRecords(taken, names, partitions)];
  }
}
