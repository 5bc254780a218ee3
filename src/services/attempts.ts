/**
 * What an agent keeps in the log of the commands that it carries out: that one has begun, before it begins; and that it is done, with its outcome. Both in
 * transactions under the id of its place, so that an agent that has been replaced can neither begin anything nor tell anything.
 */
import type { Log, LogRecord } from '../log/log.ts';
import type { OutcomeEvent, WithheldEvent } from '../messages.ts';
import { Sure, type SurePorts } from './sure.ts';
import type { TopicNames } from './topics.ts';
import { decodeAttempt, encodeAttempt, encodeSignal, type WireCommand } from './wire.ts';

export interface AttemptsPorts extends SurePorts {
  readonly log: Log;
  readonly names: TopicNames;
  readonly partitions: number;
  readonly cluster: string;
  readonly place: string;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** A command that has come, with the partition that it came from. */
export interface Arrived {
  readonly wire: WireCommand;
  readonly partition: number;
}

/** What one transaction writes. */
export interface Round {
  readonly begun: readonly Arrived[];
  readonly told: readonly { readonly partition: number; readonly event: OutcomeEvent | WithheldEvent }[];
  /** Where reading of the commands goes on, by partition. */
  readonly next: ReadonlyMap<number, number>;
}

/** Done commands that are remembered, here and in the log; older ones lie before the place where reading goes on. */
const REMEMBERED = 10_000;

interface Mark {
  readonly n: number;
  /** Tells a round of ours from one with the same number by who took over from us. */
  readonly by: number;
  readonly next: readonly (readonly [partition: number, offset: number])[];
}

export class Attempts {
  readonly #ports: AttemptsPorts;
  readonly #sure: Sure;
  readonly #begun = new Map<string, Arrived>();
  /** Ids of commands that are done, oldest first, with their partitions. */
  readonly #done = new Map<string, number>();
  #next = new Map<number, number>();
  #n = 0;
  readonly #by: number;

  private constructor(ports: AttemptsPorts, sure: Sure) {
    this.#ports = ports;
    this.#by = Math.floor(ports.random() * 2 ** 32);
    this.#sure = sure;
  }

  /** Fences the agent before at this place, and reads what it has left. */
  static async open(ports: AttemptsPorts): Promise<Attempts> {
    const { names, cluster, place } = ports;
    const key = `${place}\t!at`;
    const mark = {
      topic: names.attempts,
      partition: 0,
      markOf: (r: { key: string | null; value: string | null }) => (r.key === key ? r.value : null),
    };
    const attempts = new Attempts(ports, await Sure.open(ports, `${cluster}.agent.${place}`, mark));
    try {
      await attempts.#read();
    } catch (thrown) {
      await attempts.close();
      throw thrown;
    }
    return attempts;
  }

  get failure(): string | null {
    return this.#sure.failure;
  }

  /** Commands that were begun and are not done, in the order in which they were begun. */
  get begun(): readonly Arrived[] {
    return [...this.#begun.values()];
  }

  /** Where reading of the commands goes on. */
  next(partition: number): number {
    return this.#next.get(partition) ?? 0;
  }

  /** Whether a command was begun or done before. */
  isKnown(id: string): boolean {
    return this.#begun.has(id) || this.#done.has(id);
  }

  /** Writes a round, once. @throws Fenced */
  async commit({ begun, told, next }: Round): Promise<void> {
    const { names } = this.#ports;
    const records: LogRecord[] = [];
    for (const { wire, partition } of begun)
      records.push(this.#record(wire.command.id, partition, encodeAttempt({ state: 'begun', wire, partition })));
    for (const { partition, event } of told) {
      records.push({ topic: names.signals, partition, key: null, value: encodeSignal(event) });
      const status = event.kind === 'outcome' ? event.status : 'withheld';
      records.push(this.#record(event.command, partition, encodeAttempt({ state: 'done', status })));
    }
    const forgotten = [...this.#done].slice(0, Math.max(0, this.#done.size + told.length - REMEMBERED));
    for (const [id, partition] of forgotten) records.push(this.#record(id, partition, null));
    const merged = new Map([...this.#next, ...next]);
    const value = markText({ n: this.#n + 1, by: this.#by, next: [...merged] });
    records.push(this.#record('!at', 0, value));
    await this.#sure.commit(records, value);
    this.#n++;
    this.#next = merged;
    for (const arrived of begun) this.#begun.set(arrived.wire.command.id, arrived);
    for (const { partition, event } of told) {
      this.#begun.delete(event.command);
      this.#done.set(event.command, partition);
    }
    for (const [id] of forgotten) this.#done.delete(id);
  }

  close(): Promise<void> {
    return this.#sure.close();
  }

  #record(id: string, partition: number, value: string | null): LogRecord {
    const { names, place } = this.#ports;
    return { topic: names.attempts, partition, key: `${place}\t${id}`, value };
  }

  async #read(): Promise<void> {
    const { log, names, partitions, place } = this.#ports;
    let at: { value: string; offset: number } | undefined;
    for (let partition = 0; partition < partitions; partition++) {
      await log.read(names.attempts, partition, 0, (records) => {
        for (const { key, value, offset } of records) {
          if (key === null || !key.startsWith(`${place}\t`)) continue;
          const id = key.slice(place.length + 1);
          if (id === '!at') at = value === null ? undefined : { value, offset };
          else this.#note(id, partition, value);
        }
      });
    }
    if (at !== undefined) {
      const { n, next } = JSON.parse(at.value) as Mark;
      this.#n = n;
      this.#next = new Map(next);
    }
    this.#sure.begin(at?.value ?? null, at?.offset ?? 0);
  }

  #note(id: string, partition: number, value: string | null): void {
    this.#begun.delete(id);
    this.#done.delete(id);
    if (value === null) return;
    const attempt = decodeAttempt(value);
    if (attempt.state === 'done') this.#done.set(id, partition);
    else this.#begun.set(id, { wire: attempt.wire, partition });
  }
}

const markText = (mark: Mark): string => JSON.stringify(mark);
