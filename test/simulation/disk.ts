/** The disk of the simulation: it outlives every life. What was committed survives a kill; what was flushed survives the loss of power. */

import { HomeostatError } from '../../src/errors.ts';
import type { Change } from '../../src/knowledge/change.ts';
import { State } from '../../src/knowledge/state.ts';
import type { StepRecord, Transaction, Withheld } from '../../src/knowledge/store.ts';
import type { JournalEntry } from '../../src/messages.ts';
import type { Random } from './random.ts';
import type { Recorder, StoredStep } from './trace.ts';

interface Written {
  readonly step: number;
  /** As JSON, for that is all that a disk can keep. */
  readonly record: string;
  readonly journal: string;
  readonly changes: readonly Change[];
}

export class Disk {
  readonly #written: Written[] = [];
  readonly #recorder: Recorder;
  /** Rows as of the last flushed step. */
  readonly #rows = new Map<string, string>();
  /** How many of the written steps are flushed. */
  #flushed = 0;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  get lastStep(): number {
    return this.#written.at(-1)?.step ?? 0;
  }

  get flushedStep(): number {
    return this.#written[this.#flushed - 1]?.step ?? 0;
  }

  write(transaction: Transaction): void {
    const { changes, journal, readings: _, ...record } = transaction;
    // The text of a row is that of now, and after the next step it would be another.
    const texts = changes.map(({ key, text }) => ({ key, text }));
    this.#written.push({ step: transaction.step, record: JSON.stringify(record), journal: JSON.stringify(journal), changes: texts });
    this.#recorder.add({ kind: 'committed', step: transaction.step, hash: transaction.hash });
  }

  flush(step: number): void {
    if (step <= this.flushedStep) return;
    for (let next = this.#written[this.#flushed]; next !== undefined && next.step <= step; next = this.#written[this.#flushed]) {
      apply(this.#rows, next.changes);
      this.#flushed++;
    }
    this.#recorder.add({ kind: 'flushed', step: this.flushedStep });
  }

  /** Takes away a suffix of what was not flushed; what is left is on disk when the machine comes up again. */
  losePower(random: Random): void {
    const unflushed = this.#written.length - this.#flushed;
    this.#written.length -= random.between(0, unflushed);
    this.flush(this.lastStep);
    this.#recorder.add({ kind: 'lost', after: this.lastStep });
  }

  /** As LmdbStore does it. */
  load(): State {
    const rows = new Map(this.#rows);
    for (const { changes } of this.#written.slice(this.#flushed)) apply(rows, changes);
    const state = new State();
    for (const key of [...rows.keys()].sort()) state.load(key, rows.get(key)!);
    const last = this.#lastRecord();
    if (last !== undefined && (last.step !== state.position.step || last.hash !== state.hash)) {
      throw new HomeostatError('H302', `the state is not that of its last step: hash ${state.hash}; stored was ${last.hash}`);
    }
    return state;
  }

  withheld(): readonly Withheld[] {
    return this.#lastRecord()?.withheld ?? [];
  }

  #lastRecord(): StepRecord | undefined {
    const last = this.#written.at(-1);
    return last && (JSON.parse(last.record) as StepRecord);
  }

  steps(): StoredStep[] {
    return this.#written.map(({ record, journal, changes }) => ({
      record: JSON.parse(record) as StepRecord,
      journal: JSON.parse(journal) as JournalEntry[],
      changes,
    }));
  }
}

function apply(rows: Map<string, string>, changes: readonly Change[]): void {
  for (const { key, text } of changes) {
    if (text === null) rows.delete(key);
    else rows.set(key, text);
  }
}
