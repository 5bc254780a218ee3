/**
 * Replay: the recorded inputs of a run, from the oldest state that is kept, through `step` once more. Nothing can act, because acting is outside.
 * Verifying compares what comes of it with what was stored: the hash of the state after each step, and every journal entry.
 */

import { messageOf } from './errors.ts';
import { Derived } from './knowledge/derived.ts';
import type { State } from './knowledge/state.ts';
import type { Archive, NumberedEntry } from './knowledge/store.ts';
import type { JournalEntry } from './messages.ts';
import { type StepResult, step } from './step.ts';

/** Differences that are told in full; more are counted. */
const DIFFERENCES_TOLD = 20;
const ENTRIES_AT_ONCE = 1_000;

/** Entries by which something was decided. */
const DECISIONS: readonly JournalEntry['kind'][] = [
  'symptom',
  'missing',
  'held',
  'lost',
  'would',
  'command',
  'effect',
  'breaker',
  'oscillation',
  'setAside',
  'withheld',
];

export interface Difference {
  readonly step: number;
  readonly what: 'hash' | 'journal' | 'failure';
  /** As it was stored; null: nothing was. */
  readonly stored: string | null;
  /** As it came out now; null: nothing did. */
  readonly replayed: string | null;
}

export interface Verification {
  /** The steps that were replayed: the first and last number, and how many. */
  readonly from: number;
  readonly to: number;
  readonly steps: number;
  readonly entries: number;
  /** Those of the entries by which something was decided. */
  readonly decisions: number;
  /** Commands among them. */
  readonly commands: number;
  /** Steps whose entries could not be compared, because the journal has forgotten them. */
  readonly forgotten: number;
  readonly differences: number;
  readonly first: readonly Difference[];
}

/** Makes every recorded step again and compares. `progress` is told now and then how many are done. */
export function verify(archive: Archive, progress: (steps: number) => void = () => {}): Verification {
  const state = archive.base();
  const derived = new Derived(state);
  const from = state.position.step + 1;
  const journal = new StoredEntries(archive);
  const first: Difference[] = [];
  let [steps, entries, decisions, commands, forgotten, differences] = [0, 0, 0, 0, 0, 0];
  const differ = (difference: Difference): void => {
    if (differences++ < DIFFERENCES_TOLD) first.push(difference);
  };
  for (const record of archive.steps()) {
    let result: StepResult;
    try {
      result = step(state, derived, record.events, record.now);
    } catch (thrown) {
      differ({ step: record.step, what: 'failure', stored: record.hash, replayed: messageOf(thrown) });
      break;
    }
    steps++;
    if (result.step !== record.step || result.hash !== record.hash) {
      differ({
        step: record.step,
        what: 'hash',
        stored: record.hash,
        replayed: result.step === record.step ? result.hash : `step ${result.step}`,
      });
    }
    const stored = journal.of(record.step);
    if (stored === undefined) forgotten++;
    else {
      for (let i = 0; i < Math.max(stored.length, result.journal.length); i++) {
        const [was, is] = [textOf(stored[i]), textOf(result.journal[i])];
        if (was !== is) differ({ step: record.step, what: 'journal', stored: was, replayed: is });
      }
      entries += stored.length;
      decisions += stored.filter((entry) => DECISIONS.includes(entry.kind)).length;
      commands += stored.filter((entry) => entry.kind === 'command').length;
    }
    if (steps % ENTRIES_AT_ONCE === 0) progress(steps);
  }
  return { from, to: state.position.step, steps, entries, decisions, commands, forgotten, differences, first };
}

export interface Moment {
  readonly state: State;
  readonly derived: Derived;
  /** Oldest first. */
  readonly journal: readonly JournalEntry[];
}

/** The state as it was at an instant, and the entries until then that `keep` wants; undefined: the recorded inputs do not reach back to it. */
export function momentAt(archive: Archive, instant: number, keep: (entry: JournalEntry) => boolean): Moment | undefined {
  const state = archive.base();
  const derived = new Derived(state);
  if (state.position.now > instant) return undefined;
  const journal: JournalEntry[] = [];
  for (const record of archive.steps()) {
    if (record.now > instant) break;
    for (const entry of step(state, derived, record.events, record.now).journal) if (keep(entry)) journal.push(entry);
  }
  return state.position.step === 0 ? undefined : { state, derived, journal };
}

/** An entry as text: the same text is the same entry. */
const textOf = (entry: JournalEntry | undefined): string | null => (entry === undefined ? null : JSON.stringify(entry));

/** The stored entries, read in step with the replay and never all at once. */
export class StoredEntries {
  readonly #archive: Archive;
  #ahead: readonly NumberedEntry[];
  #place = 0;
  /** The first step all of whose entries are sure to be there. */
  readonly #whole: number;

  constructor(archive: Archive) {
    this.#archive = archive;
    this.#ahead = archive.journal(0, ENTRIES_AT_ONCE);
    const oldest = this.#ahead[0];
    this.#whole = oldest === undefined || oldest.seq === 1 ? 0 : oldest.step + 1;
  }

  /** The entries of a step, which must be asked for by rising number; undefined: they are forgotten. */
  of(number: number): JournalEntry[] | undefined {
    const entries: JournalEntry[] = [];
    for (let next = this.#next(); next !== undefined && next.step <= number; next = this.#next()) {
      this.#place++;
      const { seq: _seq, ...entry } = next;
      if (next.step === number) entries.push(entry);
    }
    return number < this.#whole ? undefined : entries;
  }

  #next(): NumberedEntry | undefined {
    const last = this.#ahead.at(-1);
    if (this.#place >= this.#ahead.length && last !== undefined) {
      this.#ahead = this.#archive.journal(last.seq, ENTRIES_AT_ONCE);
      this.#place = 0;
    }
    return this.#ahead[this.#place];
  }
}
