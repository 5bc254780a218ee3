/** The port behind which state, journal and history are kept. One step is one transaction: all of it is written, or nothing. */
import type { UpTo } from '../bus/bus.ts';
import type { Command, Event, JournalEntry, ReadingChange } from '../messages.ts';
import type { Change } from './change.ts';
import type { State } from './state.ts';

/** A command of a step that was committed and will not be sent. */
export interface Withheld {
  readonly command: string;
  readonly detail: string;
  /** Whose firing was not confirmed. */
  readonly policy?: string;
}

/** What went into a step and came of it: enough to derive all else again. */
export interface StepRecord {
  readonly step: number;
  readonly now: number;
  readonly events: readonly Event[];
  readonly hash: string;
  readonly withheld: readonly Withheld[];
  /** Where its inputs end in the log that they were read from. */
  readonly upTo?: UpTo;
  /** Of a copy of what lies in a log: the offset there of a record at or before the oldest whose changes not all rows have seen. */
  readonly since?: number;
}

export interface Transaction extends StepRecord {
  readonly changes: readonly Change[];
  readonly journal: readonly JournalEntry[];
  readonly readings: readonly ReadingChange[];
  /** To be sent once it is flushed. They are in the changes too; a log has a topic for them. */
  readonly commands: readonly Command[];
}

/** A journal entry with its place: 1 is the first ever written. */
export type NumberedEntry = JournalEntry & { readonly seq: number };

/** @throws Fenced from `commit`, if another manager has taken the state over */
export interface Store {
  /** The state of the last committed step. @throws HomeostatError H302 if it does not have the hash that was stored with it. */
  load(): State | Promise<State>;
  /** What the last commit withheld, and no later step has taken note of. */
  withheld(): readonly Withheld[];
  /** Resolves when the step is committed: it will be seen by every reader, and survives the end of this process. @throws HomeostatError H302 */
  commit(transaction: Transaction): Promise<void>;
  /** Resolves when all that was committed before the call is on disk, and survives the loss of power. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

/** What can be asked of a store, also while another process writes it. */
export interface Archive {
  /** Entries after `seq`, oldest first; with a negative `limit` the newest ones, oldest first. */
  journal(after: number, limit: number): NumberedEntry[];
  /** A reading's values in [from, to]: the time of each change, and null where it became unknown. */
  history(element: string, property: string, from: number, to: number): (readonly [time: number, value: ReadingChange['value']])[];
  /** The state that the oldest kept step was stepped from. */
  base(): State;
  /** The kept steps after the base, oldest first. */
  steps(): IterableIterator<StepRecord>;
}
