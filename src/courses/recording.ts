/** A recording as another course can follow it: steps with what went in and what was decided, from an instant on. */
import { Derived } from '../knowledge/derived.ts';
import type { State } from '../knowledge/state.ts';
import type { Archive } from '../knowledge/store.ts';
import type { Event, JournalEntry } from '../messages.ts';
import { StoredEntries } from '../replay.ts';
import { step } from '../step.ts';

/** One step that was made. */
export interface Recorded {
  readonly now: number;
  readonly events: readonly Event[];
  /** Its entries of the journal. */
  readonly entries: readonly JournalEntry[];
}

export interface Recording {
  /** As it was before the first of the steps. Who follows them changes it. */
  readonly state: State;
  readonly derived: Derived;
  /** Oldest first; to be gone through once. */
  readonly steps: Iterable<Recorded>;
  /** Every step that was made is among them: where nothing is recorded, nothing was decided. */
  readonly isWhole: boolean;
}

/**
 * What a store has kept of [from, to], ms since 1970. The inputs before are stepped as they were, for the state to be as it was; and so are those of which the
 * journal has forgotten what was decided.
 */
export function recordingIn(archive: Archive, from: number, to: number): Recording {
  const state = archive.base().unhashed();
  const derived = new Derived(state);
  const journal = new StoredEntries(archive);
  const records = archive.steps();
  for (;;) {
    const { value: record, done } = records.next();
    if (done === true || record.now > to) return { state, derived, steps: [], isWhole: true };
    const entries = journal.of(record.step);
    if (record.now >= from && entries !== undefined) {
      const first: Recorded = { now: record.now, events: record.events, entries };
      return { state, derived, steps: followed(first, records, journal, to), isWhole: true };
    }
    step(state, derived, record.events, record.now);
  }
}

function* followed(first: Recorded, records: ReturnType<Archive['steps']>, journal: StoredEntries, to: number): IterableIterator<Recorded> {
  yield first;
  for (const { step: number, now, events } of records) {
    if (now > to) return;
    yield { now, events, entries: journal.of(number) ?? [] };
  }
}
