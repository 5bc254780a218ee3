/** The port behind which the past is kept for charts, replays and a manager that begins without a state of its own. It is a projection: the loop never waits for it. */
import type { JournalEntry, Value } from '../messages.ts';

/** One value of a property, as the history keeps it. Null: it became unknown. */
export type Point = readonly [time: number, value: Value | null];

/** A reading that changed, with what tags it. */
export interface HistoryReading {
  readonly element: string;
  readonly type: string;
  readonly property: string;
  readonly value: Value | null;
  readonly time: number;
}

/** A journal entry with its place, which makes it one point however often it is written. */
export interface HistoryEntry extends JournalEntry {
  /** Whose journal: the name of a manager's state, or a partition. */
  readonly journal: string;
  readonly seq: number;
  readonly type?: string;
}

/** A figure of the manager about itself. */
export interface HistoryFigure {
  readonly manager: string;
  readonly partition: number;
  readonly time: number;
  readonly fields: Readonly<Record<string, number>>;
}

export interface HistoryWriter {
  /** Takes telemetry in and returns at once. Over the limit of the spool the oldest is dropped, and counted. */
  readings(readings: readonly HistoryReading[]): void;
  figures(figures: readonly HistoryFigure[]): void;
  /** Resolves when all are stored. Rejects if they cannot be now: they are to be read again from the journal, and offered again. */
  entries(entries: readonly HistoryEntry[]): Promise<void>;
  /** Points that wait, in memory and on disk, and what was dropped since the start. */
  readonly waiting: { readonly points: number; readonly bytes: number; readonly dropped: number };
  close(): Promise<void>;
}

export interface HistoryReader {
  /** A property's values in [from, to], oldest first. */
  history(element: string, property: string, from: number, to: number): Promise<readonly Point[]>;
  /** The newest values of each property of an element since `from`, oldest first: what windows and model are warmed with. */
  since(element: string, from: number): Promise<ReadonlyMap<string, readonly Point[]>>;
}
