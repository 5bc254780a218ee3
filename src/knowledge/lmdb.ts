/**
 * State, journal, inputs and history in one LMDB environment in a folder. A step is one write transaction. The only file that imports lmdb.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { HomeostatError, messageOf } from '../errors.ts';
import type { JournalEntry, ReadingChange } from '../messages.ts';
import { State } from './state.ts';
import type { Archive, NumberedEntry, StepRecord, Store, Transaction, Withheld } from './store.ts';

/** Changes with every change of what is stored; another number is refused, never guessed. */
const FORMAT = 1;
const MINUTE_MS = 60_000;
/** Entries that are forgotten at a time, so that forgetting never makes a step wait long. */
const FORGET_AT_ONCE = 1_000;

export interface LmdbOptions {
  readonly folder: string;
  /** For reading beside a running manager, or after it. */
  readonly readOnly?: boolean;
  readonly journalEntries: number;
  readonly inputBytes: number;
  /** How long the history is kept, ms. */
  readonly historyMs: number;
}

interface Bookkeeping {
  format: number;
  /** Next number of a journal entry, and the oldest that is kept. */
  seq: number;
  oldestSeq: number;
  /** Steps that full copies of the state were made at, oldest first; the inputs after the oldest are kept. */
  bases: number[];
  /** Bytes of inputs since the newest base. */
  inputBytes: number;
  /** Minute since 1970 of the oldest history that is kept. */
  oldestMinute: number;
}

export const databaseFile = (folder: string): string => join(folder, 'homeostat.mdb');

export class LmdbStore implements Store, Archive {
  readonly #options: LmdbOptions;
  readonly #file: string;
  #inode = 0;
  #root!: RootDatabase;
  #info!: Database<string, string>;
  #state!: Database<string, string>;
  #steps!: Database<string, number>;
  #journal!: Database<string, number>;
  #history!: Database<ReadingChange['value'], [number, string, string, number]>;
  #bases!: Database<string, [number, string]>;
  #books!: Bookkeeping;
  /** The state as it is in memory: what is written again if the folder is taken away. */
  #live: State | undefined;

  constructor(options: LmdbOptions) {
    this.#options = options;
    this.#file = databaseFile(options.folder);
    this.#open();
  }

  #open(): void {
    const { folder, readOnly = false } = this.#options;
    if (readOnly && !existsSync(this.#file))
      throw new HomeostatError('H305', `there is no manager's folder at ${folder}: ${this.#file} does not exist`);
    if (!readOnly) mkdirSync(folder, { recursive: true });
    this.#root = open({ path: this.#file, readOnly, maxDbs: 12, overlappingSync: true, noSubdir: true });
    const text = { encoding: 'string' } as const;
    this.#info = this.#root.openDB({ name: 'info', ...text });
    this.#state = this.#root.openDB({ name: 'state', ...text });
    this.#steps = this.#root.openDB({ name: 'steps', ...text });
    this.#journal = this.#root.openDB({ name: 'journal', ...text });
    this.#history = this.#root.openDB({ name: 'history', encoding: 'json' });
    this.#bases = this.#root.openDB({ name: 'bases', ...text });
    const books = this.#info.get('books');
    this.#books =
      books === undefined ? { format: FORMAT, seq: 1, oldestSeq: 1, bases: [0], inputBytes: 0, oldestMinute: 0 } : JSON.parse(books);
    if (this.#books.format !== FORMAT) {
      throw new HomeostatError(
        'H303',
        `${this.#file} has format ${this.#books.format}; this version of Homeostat reads format ${FORMAT}. Use another folder, or the version that wrote it`,
      );
    }
    if (!readOnly) this.#inode = statSync(this.#file).ino;
  }

  load(): State {
    const state = new State();
    try {
      for (const { key, value } of this.#state.getRange({})) state.load(key, value);
    } catch (thrown) {
      throw new HomeostatError('H302', `the state in ${this.#file} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
    const last = this.#lastStep();
    const { step } = state.position;
    if (last !== undefined && (last.step !== step || last.hash !== state.hash)) {
      throw new HomeostatError(
        'H302',
        `the state in ${this.#file} is not that of its last step: step ${step}, hash ${state.hash}; stored were step ${last.step}, hash ${last.hash}. Restore the folder from a copy, or start with another`,
      );
    }
    if (!this.#options.readOnly) this.#live = state;
    return state;
  }

  withheld(): readonly Withheld[] {
    return this.#lastStep()?.withheld ?? [];
  }

  #lastStep(): StepRecord | undefined {
    for (const { value } of this.#steps.getRange({ reverse: true, limit: 1 })) return JSON.parse(value) as StepRecord;
    return undefined;
  }

  async commit(transaction: Transaction): Promise<void> {
    try {
      const recreated = this.#recreate();
      const books = { ...this.#books, bases: [...this.#books.bases] };
      const { changes, journal, readings, ...record } = transaction;
      const text = JSON.stringify(record);
      await this.#root.batch(() => {
        if (recreated) this.#writeAll(books, transaction.step);
        else for (const { key, text } of changes) text === null ? this.#state.remove(key) : this.#state.put(key, text);
        this.#steps.put(transaction.step, text);
        for (const entry of journal) this.#journal.put(books.seq++, JSON.stringify(entry));
        for (const { element, property, value, time } of readings)
          this.#history.put([Math.floor(time / MINUTE_MS), element, property, time], value);
        books.inputBytes += text.length;
        if (books.inputBytes > this.#options.inputBytes / 2) this.#newBase(books, transaction.step);
        this.#forget(books, transaction.now);
        this.#info.put('books', JSON.stringify(books));
      });
      this.#books = books;
    } catch (thrown) {
      throw new HomeostatError('H302', `step ${transaction.step} could not be stored in ${this.#file}: ${messageOf(thrown)}`, {
        cause: thrown,
      });
    }
  }

  /** A folder that was deleted under a running manager is made again from memory: the loop goes on, the past is lost. */
  #recreate(): boolean {
    if (existsSync(this.#file) && statSync(this.#file).ino === this.#inode) return false;
    // The old environment lies in a file without a name and goes with its last reader.
    void this.#root.close();
    this.#open();
    return true;
  }

  #writeAll(books: Bookkeeping, step: number): void {
    for (const { key, text } of this.#live?.dump() ?? []) this.#state.put(key, text!);
    this.#newBase(books, step);
  }

  /** Copies the state whole, and forgets the base before the last with the inputs that led on from it. */
  #newBase(books: Bookkeeping, step: number): void {
    for (const { key, text } of this.#live?.dump() ?? []) this.#bases.put([step, key], text!);
    books.bases.push(step);
    books.inputBytes = 0;
    while (books.bases.length > 2) {
      const old = books.bases.shift()!;
      for (const key of this.#bases.getKeys({ start: [old, ''], end: [old + 1, ''] })) this.#bases.remove(key);
      for (const key of this.#steps.getKeys({ end: books.bases[0]! + 1 })) this.#steps.remove(key);
    }
  }

  #forget(books: Bookkeeping, now: number): void {
    for (let i = 0; i < FORGET_AT_ONCE && books.seq - books.oldestSeq > this.#options.journalEntries; i++)
      this.#journal.remove(books.oldestSeq++);
    const oldest = Math.floor((now - this.#options.historyMs) / MINUTE_MS);
    if (books.oldestMinute >= oldest) return;
    let forgotten = 0;
    for (const key of this.#history.getKeys({ end: [oldest, '', '', 0], limit: FORGET_AT_ONCE })) {
      this.#history.remove(key);
      forgotten++;
    }
    if (forgotten < FORGET_AT_ONCE) books.oldestMinute = oldest;
  }

  async flushed(): Promise<void> {
    await this.#root.flushed;
  }

  async close(): Promise<void> {
    if (!this.#options.readOnly) await this.flushed();
    await this.#root.close();
  }

  journal(after: number, limit: number): NumberedEntry[] {
    const numbered = ({ key, value }: { key: number; value: string }): NumberedEntry => ({
      seq: key,
      ...(JSON.parse(value) as JournalEntry),
    });
    if (limit >= 0) return [...this.#journal.getRange({ start: after + 1, limit })].map(numbered);
    return [...this.#journal.getRange({ reverse: true, limit: -limit })]
      .map(numbered)
      .reverse()
      .filter(({ seq }) => seq > after);
  }

  history(element: string, property: string, from: number, to: number): (readonly [number, ReadingChange['value']])[] {
    const points: (readonly [number, ReadingChange['value']])[] = [];
    const [first] = [...this.#history.getKeys({ limit: 1 })];
    const start = Math.max(Math.floor(from / MINUTE_MS), first?.[0] ?? 0);
    for (let minute = start; minute <= Math.floor(to / MINUTE_MS); minute++) {
      for (const { key, value } of this.#history.getRange({
        start: [minute, element, property, from],
        end: [minute, element, property, to + 1],
      }))
        points.push([key[3], value]);
    }
    return points;
  }

  base(): State {
    const state = new State();
    const step = this.#oldestBase();
    if (step > 0) for (const { key, value } of this.#bases.getRange({ start: [step, ''], end: [step + 1, ''] })) state.load(key[1], value);
    return state;
  }

  *steps(): IterableIterator<StepRecord> {
    for (const { value } of this.#steps.getRange({ start: this.#oldestBase() + 1 })) yield JSON.parse(value) as StepRecord;
  }

  #oldestBase(): number {
    const books = this.#info.get('books');
    return books === undefined ? 0 : (JSON.parse(books) as Bookkeeping).bases[0]!;
  }
}
