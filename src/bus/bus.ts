/** The bus: what brings events to the loop. Signals are few and never dropped; telemetry may be coalesced, with a count. */
import type { Event, ObservationEvent, Signal } from '../messages.ts';

/** Where reading from a log goes on once a batch is stored. */
export interface UpTo {
  /** By topic, the offset after the last record that has been taken in or dropped. */
  readonly next: Readonly<Record<string, number>>;
  /** The telemetry of the batch is just what these offsets of its topic hold; absent if some of it was coalesced. */
  readonly telemetry?: readonly [from: number, to: number];
}

export interface Batch {
  /** Waiting signals first, then telemetry in the order it came (exact rule 2). */
  readonly events: readonly Event[];
  /** Whether more is waiting. */
  readonly more: boolean;
  /** Of a bus that reads from a log. */
  readonly upTo?: UpTo;
}

/** What the loop needs of a bus. */
export interface Inbox {
  /** Takes a signal in. False: the queue is at its limit, and the sender must keep it and try again. */
  signal(signal: Signal): boolean;
  /** Takes out what one step may see. */
  take(): Batch;
  /** Puts a batch back in front, because its step could not be stored. */
  putBack(batch: Batch): void;
  /** Whether signals, and whether any events, are waiting. */
  readonly waiting: { readonly signals: number; readonly telemetry: number };
  /** Called whenever something is put in. */
  onArrival: (kind: 'signal' | 'telemetry') => void;
}

export interface Bus extends Inbox {
  /** Takes an observation in. Over the limit it replaces an earlier one of its series, and counts it. */
  observe(observation: ObservationEvent): void;
}
