/** What the topics and the elements say of a run, and what is wrong with it. It is read on as the run goes on. */
import { existsSync, readFileSync } from 'node:fs';
import type { Log, ReadRecord } from '../../../src/log/log.ts';
import { Joiner } from '../../../src/services/pieces.ts';
import { topicNames } from '../../../src/services/topics.ts';
import { decodeAttempt, decodeEntry, decodeOrder, decodeSignal, decodeStep } from '../../../src/services/wire.ts';
import { PARTITIONS } from './cluster.ts';

/** An effect as its element wrote it down. */
export interface Effect {
  readonly command: string;
  readonly term: number;
  readonly element: string;
  /** The process of Homeostat that sent it. */
  readonly pid: number;
  /** ms since 1970. */
  readonly at: number;
}

export interface Told {
  readonly command: string;
  /** Which of its actuators. */
  readonly kind: string;
  readonly partition: number;
  readonly term: number;
  /** When the command was committed, and its outcome, ms since 1970. */
  readonly at: number;
  outcomeAt?: number;
  outcomes: string[];
  detail: string;
  /** Outcomes in the journal: what the managers took in. */
  journalled: number;
}

export function effectsIn(file: string): Effect[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [command, term, element, pid, at] = line.split(' ') as [string, string, string, string, string];
    return { command, term: Number(term), element, pid: Number(pid), at: Number(at) };
  });
}

export class Book {
  readonly #log: Log;
  readonly #names;
  readonly #effects: string;
  readonly #next = new Map<string, number>();
  readonly commands = new Map<string, Told>();
  readonly #steps = new Map<number, number>();
  readonly #joiners = new Map<number, Joiner>();
  readonly #terms = new Map<number, number>();
  readonly #attempts = new Set<string>();
  readonly wrong: string[] = [];
  steps = 0;
  /** Entries of the journal, as InfluxDB must have them. */
  entries = 0;

  constructor(log: Log, name: string, effects: string) {
    this.#log = log;
    this.#names = topicNames(name);
    this.#effects = effects;
  }

  /** Reads on to the ends of the topics. */
  async read(): Promise<this> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await this.#each(this.#names.steps, partition, (record) => this.#step(partition, record));
      await this.#each(this.#names.commands, partition, (record) => this.#command(partition, record));
      await this.#each(this.#names.signals, partition, (record) => this.#signal(record));
      await this.#each(this.#names.journal, partition, (record) => this.#entry(record));
      await this.#each(this.#names.attempts, partition, (record) => this.#attempt(record));
    }
    return this;
  }

  /** Commands without an outcome, or whose outcome no manager has taken in yet. */
  get open(): Told[] {
    return [...this.commands.values()].filter(({ outcomes, journalled }) => outcomes.length === 0 || journalled === 0);
  }

  get effects(): Effect[] {
    return effectsIn(this.#effects);
  }

  /** All that is wrong up to here; `over`: nothing more is under way. */
  findings(over: boolean): string[] {
    const found = [...this.wrong];
    const byCommand = new Map<string, Effect[]>();
    for (const effect of this.effects) byCommand.set(effect.command, [...(byCommand.get(effect.command) ?? []), effect]);
    for (const [command, effects] of byCommand) {
      if (effects.length > 1) found.push(`${command} had ${effects.length} effects: ${JSON.stringify(effects)}`);
      // What is committed and carried out while we read is not in this book yet.
      if (over && !this.commands.has(command)) found.push(`an effect of ${command}, which was never committed`);
    }
    for (const told of this.commands.values()) {
      const { command, kind, outcomes, journalled, detail } = told;
      const effects = byCommand.get(command)?.length ?? 0;
      if (outcomes.length > 1) found.push(`${command} has ${outcomes.length} outcomes: ${outcomes.join(', ')}`);
      if (journalled > 1) found.push(`${command} has ${journalled} outcomes in the journal`);
      if (over && outcomes.length === 0) found.push(`${command} (${kind}) is lost: it has no outcome, and ${effects} effects`);
      else if (over && journalled === 0) found.push(`the outcome of ${command} was taken in by no manager`);
      if (outcomes[0] === 'succeeded' && effects === 0) found.push(`${command} is said to have succeeded and had no effect: ${detail}`);
      if (outcomes[0] === 'failed' && effects > 0) found.push(`${command} is said to have failed and had its effect: ${detail}`);
      if (outcomes[0] === 'unknown' && kind === 'tally') found.push(`${command} can be asked for, and its outcome is unknown: ${detail}`);
    }
    return found;
  }

  async #each(topic: string, partition: number, take: (record: ReadRecord) => void): Promise<void> {
    const key = `${topic}/${partition}`;
    const end = await this.#log.read(topic, partition, this.#next.get(key) ?? 0, (records) => {
      for (const record of records) if (record.value !== null) take(record);
    });
    this.#next.set(key, Math.max(end, this.#next.get(key) ?? 0));
  }

  #step(partition: number, record: ReadRecord): void {
    const joiner = this.#joiners.get(partition) ?? new Joiner();
    this.#joiners.set(partition, joiner);
    const whole = joiner.take(record);
    if (whole === undefined) return;
    const { step } = decodeStep(whole.text);
    const before = this.#steps.get(partition);
    if (before !== undefined && step !== before + 1) this.wrong.push(`partition ${partition}: step ${step} comes after step ${before}`);
    this.#steps.set(partition, step);
    this.steps++;
  }

  #command(partition: number, { value, time }: ReadRecord): void {
    const order = decodeOrder(value!);
    if (order.kind !== 'command') return;
    const { id, term, command } = order.wire.command;
    if (this.commands.has(id)) this.wrong.push(`command ${id} was committed twice`);
    const before = this.#terms.get(partition) ?? 0;
    if (term < before) this.wrong.push(`partition ${partition}: command ${id} of term ${term} comes after one of term ${before}`);
    this.#terms.set(partition, Math.max(term, before));
    this.commands.set(id, { command: id, kind: command, partition, term, at: time, outcomes: [], detail: '', journalled: 0 });
  }

  #signal({ value, time }: ReadRecord): void {
    const signal = decodeSignal(value!);
    if (signal.kind !== 'outcome' && signal.kind !== 'withheld') return;
    const told = this.commands.get(signal.command);
    if (told === undefined) {
      this.wrong.push(`an outcome of ${signal.command}, which was never committed`);
      return;
    }
    told.outcomes.push(signal.kind === 'outcome' ? signal.status : 'withheld');
    told.detail = signal.detail;
    told.outcomeAt = time;
  }

  /** A command is begun once and done once, whoever does it. */
  #attempt({ key, value }: ReadRecord): void {
    const id = key!.slice(key!.indexOf('\t') + 1);
    if (id === '!at') return;
    const { state } = decodeAttempt(value!);
    const mark = `${id} ${state}`;
    if (this.#attempts.has(mark)) this.wrong.push(`command ${id} was written down as ${state} twice`);
    this.#attempts.add(mark);
  }

  #entry({ value }: ReadRecord): void {
    const { kind, command } = decodeEntry(value!);
    this.entries++;
    if ((kind !== 'outcome' && kind !== 'withheld') || command === undefined) return;
    const told = this.commands.get(command);
    if (told !== undefined) told.journalled++;
  }
}
