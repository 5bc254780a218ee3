/**
 * State, journal, inputs and history in one LMDB environment in a folder. A step is one write transaction. The only file that imports lmdb.
 */
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { type Database, type Transaction as Look, open, type RootDatabase } from 'lmdb';
import { HomeostatError, messageOf } from '../errors.ts';
import type { JournalEntry, ReadingChange } from '../messages.ts';
import type { Change } from './change.ts';
import { databaseFile, isDatabase } from './database-file.ts';
import { decodeRecord, encodeRecord } from './inputs.ts';
import { decodeChanges, encodeChanges, Pending } from './pending.ts';
import { State } from './state.ts';
import type { Archive, NumberedEntry, StepRecord, Store, Transaction, Withheld } from './store.ts';

/** Changes with every change of what is stored; another number is refused, never guessed. */
const FORMAT = 4;
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
  /** Rows put in their places with a step that has little to write itself. Few make each step cheap, and a restart read more. */
  readonly calm?: number;
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
  /** All changes of this step and those before it are among the rows; those of later ones are in the log. */
  settled: number;
}

/** One environment with what is in it. */
interface Opened {
  readonly root: RootDatabase;
  readonly inode: number;
  readonly info: Database<string, string>;
  readonly state: Database<string, string>;
  readonly steps: Database<string, number>;
  readonly journal: Database<string, number>;
  /** By step: its changes as one text. */
  readonly log: Database<string, number>;
  /** By now and step: the readings that the step changed. */
  readonly history: Database<string, [number, number]>;
  readonly bases: Database<string, [number, string]>;
  books: Bookkeeping;
}

export class LmdbStore implements Store, Archive {
  readonly #options: LmdbOptions;
  readonly #file: string;
  #db: Opened;
  /** The last commit failed: lmdb then never says that it is flushed. */
  #failing = false;
  /** The state as it is in memory: what is written again if the folder is taken away. */
  #live: State | undefined;
  readonly #pending: Pending;

  constructor(options: LmdbOptions) {
    this.#options = options;
    this.#pending = new Pending(options.calm);
    this.#file = databaseFile(options.folder);
    this.#db = this.#open();
  }

  #open(): Opened {
    const { folder, readOnly = false } = this.#options;
    if (readOnly && !existsSync(this.#file))
      throw new HomeostatError('H305', `there is no manager's folder at ${folder}: ${this.#file} does not exist`);
    if (!readOnly) mkdirSync(folder, { recursive: true });
    if (existsSync(this.#file) && statSync(this.#file).size > 0 && !isDatabase(this.#file))
      throw new HomeostatError('H303', `${this.#file} is no database: its beginning is not that of one. Restore it, or use another folder`);
    // A batch of our own is a transaction. One that lmdb makes for each turn of the event loop would reject, when the disk is full, where nobody listens.
    const root = open({ path: this.#file, readOnly, maxDbs: 12, overlappingSync: true, noSubdir: true, eventTurnBatching: false });
    const text = { encoding: 'string' } as const;
    const info: Opened['info'] = root.openDB({ name: 'info', ...text });
    const stored = info.get('books');
    const books: Bookkeeping =
      stored === undefined ? { format: FORMAT, seq: 1, oldestSeq: 1, bases: [0], inputBytes: 0, settled: 0 } : JSON.parse(stored);
    if (books.format !== FORMAT) {
      void root.close();
      throw new HomeostatError(
        'H303',
        `${this.#file} has format ${books.format}; this version of Homeostat reads format ${FORMAT}. Use another folder, or the version that wrote it`,
      );
    }
    return {
      root,
      inode: statSync(this.#file).ino,
      info,
      state: root.openDB({ name: 'state', ...text }),
      steps: root.openDB({ name: 'steps', ...text }),
      journal: root.openDB({ name: 'journal', ...text }),
      log: root.openDB({ name: 'log', ...text }),
      history: root.openDB({ name: 'history', ...text }),
      bases: root.openDB({ name: 'bases', ...text }),
      books,
    };
  }

  load(): State {
    // One look for all that is read: a step that another process stores meanwhile is seen whole or not at all.
    const transaction = this.#db.root.useReadTransaction();
    try {
      return this.#loadFrom(transaction);
    } finally {
      transaction.done();
    }
  }

  #loadFrom(transaction: Look): State {
    const state = new State();
    try {
      this.#readPending(transaction);
      const newer = this.#pending.entries();
      for (const { key, value } of this.#db.state.getRange({ transaction })) if (!newer.has(key)) state.load(key, value);
      for (const [key, { text }] of newer) if (text !== null) state.load(key, text);
    } catch (thrown) {
      throw new HomeostatError('H302', `the state in ${this.#file} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
    const last = this.#lastStep(transaction);
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

  /** What waits is what the log holds beyond the rows. */
  #readPending(transaction: Look): void {
    this.#pending.clear();
    const stored = this.#db.info.get('books', { transaction });
    const settled = stored === undefined ? 0 : (JSON.parse(stored) as Bookkeeping).settled;
    for (const { key, value } of this.#db.log.getRange({ start: settled + 1, transaction })) this.#pending.add(key, decodeChanges(value));
  }

  /** The now of the last committed step, ms; 0: there is none. */
  lastNow(): number {
    return this.#lastStep()?.now ?? 0;
  }

  withheld(): readonly Withheld[] {
    return this.#lastStep()?.withheld ?? [];
  }

  /** The last step that it holds; undefined: it is empty. */
  last(): StepRecord | undefined {
    return this.#lastStep();
  }

  /**
   * Holds this state from now on, in place of what it held: the journal goes on after this step, inputs and readings begin anew. What it holds of later steps was
   * never committed elsewhere.
   */
  async adopt(state: State, record: StepRecord): Promise<void> {
    this.#live = state;
    this.#pending.clear();
    await this.#write(this.#db, { ...record, changes: [], journal: [], readings: [], commands: [] }, true);
  }

  /** Holds nothing from now on; only the numbers of journal entries go on. */
  async clear(): Promise<void> {
    const db = this.#db;
    const books = { ...db.books, bases: [0], inputBytes: 0, settled: 0 };
    this.#pending.clear();
    await db.root.batch(() => {
      for (const part of [db.state, db.steps, db.bases, db.log, db.journal, db.history] as Database[])
        for (const key of part.getKeys()) part.remove(key);
      db.info.put('books', JSON.stringify(books));
    });
    db.books = books;
  }

  #lastStep(transaction?: Look): StepRecord | undefined {
    const range = { reverse: true, limit: 1, ...(transaction && { transaction }) };
    for (const { value } of this.#db.steps.getRange(range)) return decodeRecord(value);
    return undefined;
  }

  async commit(transaction: Transaction): Promise<void> {
    try {
      await (this.#isThere() ? this.#write(this.#db, transaction) : this.#makeAgain(transaction));
      // A look of ours earlier in this turn of the event loop keeps its snapshot until the turn ends; the next look is to see this step.
      this.#db.root.resetReadTxn();
      this.#failing = false;
    } catch (thrown) {
      this.#failing = true;
      const cause = await reasonOf(thrown);
      throw new HomeostatError('H302', `step ${transaction.step} could not be stored in ${this.#file}: ${messageOf(cause)}`, { cause });
    }
  }

  #isThere(): boolean {
    return existsSync(this.#file) && statSync(this.#file).ino === this.#db.inode;
  }

  /** `whole`: not the changes, but all of the state is written. */
  async #write(db: Opened, transaction: Transaction, whole = false): Promise<void> {
    const books = { ...db.books, bases: [...db.books.bases] };
    const { changes, journal, readings, commands: _inChanges, ...record } = transaction;
    const text = encodeRecord(record);
    const { rows, settled } = this.#pending.turn(transaction.step - 1, changes.length);
    await db.root.batch(() => {
      if (whole) this.#writeWhole(db, books, transaction.step);
      else {
        db.log.put(transaction.step, encodeChanges(changes));
        settle(db, books, rows, settled);
      }
      db.steps.put(transaction.step, text);
      for (const entry of journal) db.journal.put(books.seq++, JSON.stringify(entry));
      if (readings.length > 0) db.history.put([transaction.now, transaction.step], encodeReadings(readings));
      books.inputBytes += text.length;
      if (books.inputBytes > this.#options.inputBytes / 2) this.#newBase(db, books, transaction.step);
      this.#forget(db, books, transaction.now);
      db.info.put('books', JSON.stringify(books));
    });
    db.books = books;
    this.#pending.done(rows);
    if (whole) this.#pending.clear();
    else this.#pending.add(transaction.step, changes);
  }

  /**
   * A folder that was deleted under a running manager is made again from memory: the loop goes on, the past is lost. The old environment, a
   * file without a name, is what is read again until the new one holds a whole step.
   */
  async #makeAgain(transaction: Transaction): Promise<void> {
    const foreign = existsSync(this.#file);
    const fresh = this.#open();
    try {
      // Who follows the journal by its numbers must not be sent back to the first.
      const { seq } = this.#db.books;
      Object.assign(fresh.books, { seq, oldestSeq: seq });
      await this.#write(fresh, transaction, true);
    } catch (thrown) {
      void fresh.root.close();
      if (!foreign) for (const file of [this.#file, `${this.#file}-lock`]) rmSync(file, { force: true });
      throw thrown;
    }
    void this.#db.root.close();
    this.#db = fresh;
  }

  /** In place of whatever is there: the history of inputs begins with this step. */
  #writeWhole(db: Opened, books: Bookkeeping, step: number): void {
    for (const key of db.state.getKeys()) db.state.remove(key);
    for (const key of db.steps.getKeys()) db.steps.remove(key);
    for (const key of db.bases.getKeys()) db.bases.remove(key);
    for (const key of db.log.getKeys()) db.log.remove(key);
    for (const { key, value } of db.journal.getRange({ reverse: true })) {
      if ((JSON.parse(value) as JournalEntry).step <= step) break;
      db.journal.remove(key);
    }
    books.settled = step;
    for (const { key, text } of this.#live?.dump() ?? []) db.state.put(key, text!);
    books.bases = [];
    this.#newBase(db, books, step);
  }

  /** Copies the state whole, and forgets the base before the last with the inputs that led on from it. */
  #newBase(db: Opened, books: Bookkeeping, step: number): void {
    for (const { key, text } of this.#live?.dump() ?? []) db.bases.put([step, key], text!);
    books.bases.push(step);
    books.inputBytes = 0;
    while (books.bases.length > 2) {
      const old = books.bases.shift()!;
      for (const key of db.bases.getKeys({ start: [old, ''], end: [old + 1, ''] })) db.bases.remove(key);
      for (const key of db.steps.getKeys({ end: books.bases[0]! + 1 })) db.steps.remove(key);
    }
  }

  #forget(db: Opened, books: Bookkeeping, now: number): void {
    for (let i = 0; i < FORGET_AT_ONCE && books.seq - books.oldestSeq > this.#options.journalEntries; i++)
      db.journal.remove(books.oldestSeq++);
    for (const key of db.history.getKeys({ end: [now - this.#options.historyMs, 0], limit: FORGET_AT_ONCE })) db.history.remove(key);
  }

  async flushed(): Promise<void> {
    await this.#db.root.flushed;
  }

  async close(): Promise<void> {
    if (this.#failing) return void this.#db.root.close();
    if (!this.#options.readOnly) {
      await this.#settleAll();
      await this.flushed();
    }
    await this.#db.root.close();
  }

  /** Puts every row in its place, so that the next start finds nothing waiting. */
  async #settleAll(): Promise<void> {
    const db = this.#db;
    const { rows, settled } = this.#pending.all(this.#lastStep()?.step ?? 0);
    if (rows.length === 0) return;
    const books = { ...db.books };
    await db.root.batch(() => {
      settle(db, books, rows, settled);
      db.info.put('books', JSON.stringify(books));
    });
    db.books = books;
    this.#pending.done(rows);
  }

  journal(after: number, limit: number): NumberedEntry[] {
    const numbered = ({ key, value }: { key: number; value: string }): NumberedEntry => ({
      seq: key,
      ...(JSON.parse(value) as JournalEntry),
    });
    if (limit >= 0) return [...this.#db.journal.getRange({ start: after + 1, limit })].map(numbered);
    return [...this.#db.journal.getRange({ reverse: true, limit: -limit })]
      .map(numbered)
      .reverse()
      .filter(({ seq }) => seq > after);
  }

  history(element: string, property: string, from: number, to: number): (readonly [number, ReadingChange['value']])[] {
    const points: (readonly [number, ReadingChange['value']])[] = [];
    const named = `${JSON.stringify(element)},${JSON.stringify(property)},`;
    for (const [time, e, p, value] of this.#readings(from, to, named)) if (e === element && p === property) points.push([time, value]);
    return points;
  }

  /** The same of all properties of an element. */
  historyOf(element: string, from: number): Map<string, (readonly [number, ReadingChange['value']])[]> {
    const found = new Map<string, (readonly [number, ReadingChange['value']])[]>();
    for (const [time, e, property, value] of this.#readings(from, Number.MAX_SAFE_INTEGER - 1, `${JSON.stringify(element)},`)) {
      if (e !== element) continue;
      const points = found.get(property);
      if (points === undefined) found.set(property, [[time, value]]);
      else points.push([time, value]);
    }
    return found;
  }

  /** When the history that is kept begins; undefined: nothing is kept. */
  oldestReading(): number | undefined {
    for (const key of this.#db.history.getKeys({ limit: 1 })) return key[0];
    return undefined;
  }

  /** `named`: most steps have no word of it, which is seen without reading them whole. */
  *#readings(from: number, to: number, named: string): IterableIterator<[number, string, string, ReadingChange['value']]> {
    for (const { key, value } of this.#db.history.getRange({ start: [from, 0], end: [to + 1, 0] })) {
      if (!value.includes(named)) continue;
      for (const [element, property, v] of JSON.parse(value) as [string, string, ReadingChange['value']][])
        yield [key[0], element, property, v];
    }
  }

  base(): State {
    const state = new State();
    const step = this.#oldestBase();
    if (step > 0)
      for (const { key, value } of this.#db.bases.getRange({ start: [step, ''], end: [step + 1, ''] })) state.load(key[1], value);
    return state;
  }

  *steps(): IterableIterator<StepRecord> {
    for (const { value } of this.#db.steps.getRange({ start: this.#oldestBase() + 1 })) yield decodeRecord(value);
  }

  #oldestBase(): number {
    const books = this.#db.info.get('books');
    return books === undefined ? 0 : (JSON.parse(books) as Bookkeeping).bases[0]!;
  }
}

/** Puts rows in their places, and forgets what the log holds of the steps that are settled by that. */
function settle(db: Opened, books: Bookkeeping, rows: readonly Change[], settled: number): void {
  for (const { key, text } of rows) text === null ? db.state.remove(key) : db.state.put(key, text);
  for (; books.settled < settled; books.settled++) db.log.remove(books.settled + 1);
}

const encodeReadings = (readings: readonly ReadingChange[]): string =>
  JSON.stringify(readings.map(({ element, property, value }) => [element, property, value]));

/** What lmdb holds behind "Commit failed": a promise that rejects in the same turn with the error of the system, such as a full disk. */
async function reasonOf(thrown: unknown): Promise<unknown> {
  const { commitError } = thrown as { readonly commitError?: Promise<never> };
  const nextTurn = new Promise((resolve) => setImmediate(resolve, thrown));
  return commitError === undefined ? thrown : Promise.race([commitError.catch((reason: unknown) => reason), nextTurn]);
}
