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
  /** The time of the newest measurement that it rests on, ms; absent: it is a setting, which nobody measured. */
  readonly observedAt?: number;
  /** The interval of its source, if that is known, ms. */
  readonly everyMs?: number;
}

/** An observation as it was measured: what windows are filled with again. */
export interface HistoryObservation {
  readonly element: string;
  readonly type: string;
  readonly property: string;
  readonly value: Value;
  readonly time: number;
  readonly everyMs?: number;
  /** Earlier values that it stands for. */
  readonly coalesced?: number;
}

/** The values of one reading in a span, of numbers only. Two of one span add up. */
export interface HistorySpan {
  readonly element: string;
  readonly type: string;
  readonly property: string;
  /** When the span, or the part of it that was seen, ended. */
  readonly time: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
  /** For how long it was known, seconds, and the value summed up over them: together the mean. */
  readonly seconds: number;
  readonly integral: number;
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

/** What waits to be stored, and what never will be. */
export interface HistoryWaiting {
  /** Points in memory and on disk, and their bytes. */
  readonly points: number;
  readonly bytes: number;
  /** Since the start: dropped because the spool was full, and refused by the server. */
  readonly dropped: number;
  readonly refused: number;
}

export interface HistoryWriter {
  /** Takes telemetry in and returns at once. Over the limit of the spool the oldest is dropped, and counted. */
  readings(readings: readonly HistoryReading[]): void;
  observations(observations: readonly HistoryObservation[]): void;
  /** `everyMs`: which of the coarser copies they belong to. */
  spans(everyMs: number, spans: readonly HistorySpan[]): void;
  figures(figures: readonly HistoryFigure[]): void;
  /** Resolves when all are stored. Rejects if they cannot be now: they are to be read again from the journal, and offered again. */
  entries(entries: readonly HistoryEntry[]): Promise<void>;
  readonly waiting: HistoryWaiting;
  close(): Promise<void>;
}

export interface HistoryReader {
  /** A property's values in [from, to], oldest first. */
  history(element: string, property: string, from: number, to: number): Promise<readonly Point[]>;
  /** The values of each property of an element since `from`, oldest first. */
  since(element: string, from: number): Promise<ReadonlyMap<string, readonly Point[]>>;
  /** Journal entries about an element before `before`, the newest `limit` of them, oldest first. */
  entriesOf(element: string, before: number, limit: number): Promise<readonly JournalEntry[]>;
}
