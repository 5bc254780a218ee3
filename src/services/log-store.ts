/**
 * State and journal of one partition, kept in the log. A step is one transaction of: its record, some rows of the state, what agents must know, its journal
 * entries and its commands. Whoever begins to write under the partition's id fences those before it.
 *
 * A step writes its changes in one piece, in its record; rows are put into the compacted topic a few with each step, and what changes again while it
 * waits is written once. So a state is read from its rows, and then from the records of the steps that not all rows have seen.
 */
import { HomeostatError, messageOf } from '../errors.ts';
import type { Change } from '../knowledge/change.ts';
import { Pending } from '../knowledge/pending.ts';
import { State } from '../knowledge/state.ts';
import type { StepRecord, Store, Transaction, Withheld } from '../knowledge/store.ts';
import type { LogRecord, Offsets } from '../log/log.ts';
import type { Command } from '../messages.ts';
import { Joiner, keyOf, PIECE_CHARS, rowRecords, rowsOf, textRecords } from './pieces.ts';
import { Sure, type SurePorts } from './sure.ts';
import type { TopicNames } from './topics.ts';
import { decodeStep, encodeEntry, encodeOrder, encodeStep, type Order, type StepEntry } from './wire.ts';

/** A copy of the state on the disk of this machine: it makes a restart in place quick, and keeps journal, inputs and readings for those who ask. */
export interface LocalStore extends Store {
  /** The last step that it holds; undefined: it is empty. */
  last(): StepRecord | undefined;
  /** Holds this state from now on, and nothing of before. */
  adopt(state: State, record: StepRecord): Promise<void>;
  /** Holds nothing from now on. */
  clear(): Promise<void>;
}

export interface LogStorePorts extends SurePorts {
  readonly names: TopicNames;
  readonly partition: number;
  /** Names who writes this partition: the newest one fences those before. */
  readonly id: string;
  readonly local?: LocalStore;
  /** Characters of a record, over which a step or a row is written in several; PIECE_CHARS if not given. */
  readonly pieceChars?: number;
  /** Rows that agents must know of, beside elements, tunings and pauses. */
  readonly isForAgents?: (key: string) => boolean;
  /** The type of an element, for the history. */
  readonly typeOf: (element: string) => string | undefined;
  /** What an agent gets of a step: its commands with all that they take, and the emergency stop. Asked after the step, before it is committed. */
  readonly ordersOf: (commands: readonly Command[], transaction: Transaction) => readonly Order[];
}

/** The row, among those of the state, that says from which record of a step reading goes on. Its key is that of no table. */
export const SETTLED = '!settled';
/**
 * Rows are put in their places with every so many steps, many at once: each topic that a transaction writes to costs the brokers a marker. What is left is
 * written when nothing else is.
 */
const SETTLE_EVERY = 8;
const ROWS_A_TIME = 128;
/** Rows of one transaction that only puts rows in their places. */
const ROWS_AT_ONCE = 2_000;

const FOR_AGENTS = ['elements\t', 'tunings\t', 'pauses\t'];

/** What must be known of the last step. */
type Last = Pick<StepEntry, 'step' | 'now' | 'hash' | 'withheld' | 'next'>;

/** From which record of a step reading goes on, and the last step as it was then. */
interface Settled {
  readonly place: number;
  readonly last: Last;
}

interface Unsettled {
  readonly step: number;
  readonly place: number;
}

/** What was read. */
interface Restored {
  readonly state: State;
  readonly last: Last | undefined;
  readonly place: number;
  readonly unsettled: Unsettled[];
}

/** Of two steps with one number, by us and by who took over from us, one was committed: the hash tells whose. */
const markOf = (step: number, hash: string): string => `${step} ${hash}`;

export class LogStore implements Store {
  readonly #ports: LogStorePorts;
  readonly #sure: Sure;
  readonly #pending = new Pending(ROWS_A_TIME);
  /** Steps whose changes not all rows have seen, with the offsets of their records, oldest first. */
  #unsettled: Unsettled[] = [];
  /** Offset of the record of the last step, or one before it. */
  #place = 0;
  #last: Last | undefined;
  #settledAt = 0;
  #local: LocalStore | undefined;
  /** The state as it was read, until it has been handed out. */
  #restored: State | undefined;
  #busy: Promise<unknown> = Promise.resolve();

  private constructor(ports: LogStorePorts, sure: Sure) {
    this.#ports = ports;
    this.#sure = sure;
    this.#local = ports.local;
  }

  /** Fences the owner before, and reads what it has left. @throws HomeostatError H302 if that cannot be a state of ours */
  static async open(ports: LogStorePorts): Promise<LogStore> {
    const { names, partition, id } = ports;
    const sure = await Sure.open(ports, id, { topic: names.steps, partition, markOf: keyOf });
    const store = new LogStore(ports, sure);
    try {
      await store.#begin();
    } catch (thrown) {
      await sure.close();
      throw thrown;
    }
    return store;
  }

  /** Where reading of the inputs goes on, by topic. */
  get next(): Offsets {
    return this.#last?.next ?? {};
  }

  /** The now of the last committed step, ms; 0: there is none. */
  get lastNow(): number {
    return this.#last?.now ?? 0;
  }

  /** Why nothing can be committed now; null: it can. */
  get failure(): string | null {
    return this.#sure.failure;
  }

  async load(): Promise<State> {
    const first = this.#restored;
    this.#restored = undefined;
    if (first !== undefined) return first;
    // In the middle of a life only a step that threw asks for this; what is committed has not changed.
    const local = this.#local?.last();
    if (local !== undefined && local.step === this.#last?.step) return this.#local!.load();
    const { state, unsettled } = await this.#restore();
    this.#unsettled = unsettled;
    return state;
  }

  withheld(): readonly Withheld[] {
    return this.#last?.withheld ?? [];
  }

  commit(transaction: Transaction): Promise<void> {
    return this.#alone(() => this.#commit(transaction));
  }

  /** What is committed is on as many disks as the brokers are told to write to. */
  async flushed(): Promise<void> {}

  /** Puts rows in their places when there is time, so that records of steps may be forgotten. */
  settle(): Promise<void> {
    return this.#alone(async () => {
      while (this.#pending.size > 0) {
        const { rows, settled } = this.#some();
        if (!(await this.#sure.attempt([...rows.flatMap((row) => this.#row(row)), this.#settledRow(settled, this.#last!)]))) return;
        this.#settled(rows, settled);
      }
    });
  }

  async close(): Promise<void> {
    await this.#sure.close();
    // A copy that is still being written would be read by whoever opens it next.
    await this.#busy;
    await this.#local?.close();
  }

  /** One transaction at a time. */
  #alone<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#busy.then(run);
    this.#busy = result.catch(() => {});
    return result;
  }

  async #commit(transaction: Transaction): Promise<void> {
    const { names, partition, ordersOf, isForAgents, typeOf } = this.#ports;
    const { step, now, hash, withheld, changes, journal, commands } = transaction;
    const next = { ...this.next, ...transaction.upTo?.next };
    const last: Last = { step, now, hash, withheld, next };
    const due = step - this.#settledAt >= SETTLE_EVERY ? this.#pending.turn(step - 1, 0) : undefined;
    const mark = markOf(step, hash);
    const records = textRecords({ topic: names.steps, partition }, mark, encodeStep(transaction, next), this.#pieceChars);
    const pieces = records.length;
    if (due !== undefined) records.push(...due.rows.flatMap((row) => this.#row(row)), this.#settledRow(due.settled, last));
    for (const { key, text } of changes)
      if (FOR_AGENTS.some((prefix) => key.startsWith(prefix)) || isForAgents?.(key) === true)
        records.push({ topic: names.model, partition, key, value: text });
    for (const [i, entry] of journal.entries())
      records.push({
        topic: names.journal,
        partition,
        key: entry.element ?? null,
        value: encodeEntry(entry, i, typeOf(entry.element ?? '')),
      });
    for (const order of ordersOf(commands, transaction))
      records.push({
        topic: names.commands,
        partition,
        key: order.kind === 'command' ? order.wire.command.element : null,
        value: encodeOrder(order),
      });
    // The copy on this machine is written meanwhile. Should we end before the step is committed, it is seen to be ahead, and made again.
    const copied = this.#copy(transaction);
    const offsets = await this.#sure.commit(records, mark).finally(() => copied);
    const offset = offsets?.get(`${names.steps}/${partition}`);
    // Nobody else writes there meanwhile.
    if (offset !== undefined) this.#place = offset - (pieces - 1);
    this.#last = last;
    if (due !== undefined) {
      this.#settled(due.rows, due.settled);
      this.#settledAt = step;
    }
    this.#pending.add(step, changes);
    this.#unsettled.push({ step, place: this.#place });
  }

  /** The copy on this machine may fail: the step is committed all the same. */
  async #copy(transaction: Transaction): Promise<void> {
    try {
      await this.#local?.commit({ ...transaction, since: this.#since });
    } catch (thrown) {
      this.#ports.logger.warn({ err: thrown }, 'the copy of the state on this machine is given up until the next start');
      this.#local = undefined;
    }
  }

  #some(): { readonly rows: readonly Change[]; readonly settled: number } {
    const { rows, settled } = this.#pending.all(this.#last?.step ?? 0);
    return rows.length <= ROWS_AT_ONCE
      ? { rows, settled }
      : { rows: rows.slice(0, ROWS_AT_ONCE), settled: (this.#unsettled[0]?.step ?? 1) - 1 };
  }

  #settled(rows: readonly Change[], settled: number): void {
    this.#pending.done(rows);
    while (this.#unsettled.length > 0 && this.#unsettled[0]!.step <= settled) this.#unsettled.shift();
  }

  get #pieceChars(): number {
    return this.#ports.pieceChars ?? PIECE_CHARS;
  }

  #row({ key, text }: Change): LogRecord[] {
    const { names, partition } = this.#ports;
    return rowRecords({ topic: names.state, partition }, key, text, this.#pieceChars);
  }

  get #since(): number {
    return this.#unsettled[0]?.place ?? this.#place;
  }

  #settledRow(settled: number, last: Last): LogRecord {
    const { names, partition } = this.#ports;
    const place = this.#unsettled.find(({ step }) => step > settled)?.place ?? this.#place;
    const { step, now, hash, withheld, next } = last;
    const value: Settled = { place, last: { step, now, hash, withheld, next } };
    return { topic: names.state, partition, key: SETTLED, value: JSON.stringify(value) };
  }

  /** What the last owner has left: by the copy on this machine, or from the log alone. */
  async #begin(): Promise<void> {
    const local = await this.#fromLocal();
    const { state, last, place, unsettled } = local ?? (await this.#restore());
    this.#place = place;
    this.#unsettled = unsettled;
    this.#last = last;
    this.#settledAt = last?.step ?? 0;
    this.#sure.begin(last === undefined ? null : markOf(last.step, last.hash), place);
    this.#restored = state;
    // Where nothing was ever committed, a copy may hold a first step that was not.
    if (local === undefined && (last !== undefined || this.#local?.last() !== undefined)) await this.#adopt(state, last);
  }

  async #adopt(state: State, last: Last | undefined): Promise<void> {
    try {
      if (last === undefined) return await this.#local?.clear();
      const { step, now, hash, withheld } = last;
      await this.#local?.adopt(state, { step, now, hash, withheld, events: [], since: this.#since });
    } catch (thrown) {
      this.#ports.logger.warn({ err: thrown }, 'no copy of the state is kept on this machine');
      this.#local = undefined;
    }
  }

  /** Undefined: there is no copy here, it is of another log, or others have stepped since. */
  async #fromLocal(): Promise<Restored | undefined> {
    const at = this.#local?.last();
    if (at?.since === undefined) return undefined;
    const steps = await this.#readSteps(at.since);
    if (steps.last === undefined || steps.last.step !== at.step || steps.last.hash !== at.hash) return undefined;
    try {
      const state = await this.#local!.load();
      return state.position.step === steps.last.step && state.hash === steps.last.hash ? { ...steps, state } : undefined;
    } catch (thrown) {
      this.#ports.logger.warn({ err: thrown }, 'the copy of the state on this machine cannot be read; it is read from the log');
      return undefined;
    }
  }

  /** From the rows, and then from the steps that not all rows have seen. */
  async #restore(): Promise<Restored> {
    const { log, names, partition } = this.#ports;
    const pieces = new Map<string, string>();
    let settled: Settled | undefined;
    await log.read(names.state, partition, 0, (records) => {
      for (const { key, value } of records) {
        if (key === null) continue;
        if (key === SETTLED) settled = value === null ? undefined : (JSON.parse(value) as Settled);
        else if (value === null) pieces.delete(key);
        else pieces.set(key, value);
      }
    });
    const texts = this.#understood(names.state, () => rowsOf(pieces));
    const {
      last = settled?.last,
      place,
      unsettled,
    } = await this.#readSteps(settled?.place ?? 0, ({ key, text }) => {
      if (text === null) texts.delete(key);
      else texts.set(key, text);
    });
    const state = new State();
    try {
      for (const [key, text] of texts) state.load(key, text);
    } catch (thrown) {
      throw this.#unreadable(messageOf(thrown), thrown);
    }
    if (last !== undefined && (state.position.step !== last.step || state.hash !== last.hash))
      throw this.#unreadable(
        `it has hash ${state.hash} at step ${state.position.step}; its last step is ${last.step}, with hash ${last.hash}`,
      );
    return { state, last, place, unsettled };
  }

  /** Reads the records of steps from an offset on. Their changes wait to be put in their places; `take` is shown each. */
  async #readSteps(from: number, take: (change: Change) => void = () => {}): Promise<Omit<Restored, 'state'>> {
    const { log, names, partition } = this.#ports;
    let last: Last | undefined;
    let place = from;
    const unsettled: Unsettled[] = [];
    const joiner = new Joiner();
    this.#pending.clear();
    await log.read(names.steps, partition, from, (records) => {
      for (const record of records) {
        const whole = joiner.take(record);
        if (whole === undefined) continue;
        const read = () => decodeStep(whole.text);
        const { changes, step, now, hash, withheld, next } = this.#understood(
          `the record at offset ${record.offset} of ${names.steps}`,
          read,
        );
        this.#pending.add(step, changes);
        for (const change of changes) take(change);
        unsettled.push({ step, place: whole.first });
        last = { step, now, hash, withheld, next };
        place = whole.first;
      }
    });
    return { last, place, unsettled };
  }

  #understood<T>(what: string, read: () => T): T {
    try {
      return read();
    } catch (thrown) {
      throw this.#unreadable(`${what}: ${messageOf(thrown)}`, thrown);
    }
  }

  #unreadable(why: string, cause?: unknown): HomeostatError {
    const { names, partition } = this.#ports;
    return new HomeostatError('H302', `the state of partition ${partition} in ${names.state} cannot be read: ${why}`, { cause });
  }
}
