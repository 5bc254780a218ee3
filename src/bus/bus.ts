/** The bus: what brings events to the loop. Signals are few and never dropped; telemetry may be coalesced, with a count. */
import type { Event, ObservationEvent, Signal } from '../messages.ts';

export interface Batch {
  /** Waiting signals first, then telemetry in the order it came (exact rule 2). */
  readonly events: readonly Event[];
  /** Whether more is waiting. */
  readonly more: boolean;
}

export interface Bus {
  /** Takes a signal in. False: the queue is at its limit, and the sender must keep it and try again. */
  signal(signal: Signal): boolean;
  /** Takes an observation in. Over the limit it replaces an earlier one of its series, and counts it. */
  observe(observation: ObservationEvent): void;
  /** Takes out what one step may see. */
  take(): Batch;
  /** Puts a batch back in front, because its step could not be stored. */
  putBack(batch: Batch): void;
  /** Whether signals, and whether any events, are waiting. */
  readonly waiting: { readonly signals: number; readonly telemetry: number };
  /** Called whenever something is put in. */
  onArrival: (kind: 'signal' | 'telemetry') => void;
}
