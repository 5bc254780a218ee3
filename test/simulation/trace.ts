/** What happened in one run, as seen from outside the manager. Checkers read this and nothing else. */
import { createHash } from 'node:crypto';
import type { Change } from '../../src/knowledge/change.ts';
import type { StepRecord } from '../../src/knowledge/store.ts';
import type { Command, JournalEntry, OutcomeStatus } from '../../src/messages.ts';

export type Entry =
  /** A life of the manager began on what the store kept. `contents`: the hash of all rows of its state, computed anew. */
  | {
      readonly kind: 'life';
      readonly life: number;
      readonly step: number;
      readonly hash: string;
      readonly contents: string;
      readonly now: number;
      readonly term: number;
    }
  | { readonly kind: 'ended'; readonly life: number; readonly where: string; readonly power: boolean }
  | { readonly kind: 'committed'; readonly step: number; readonly hash: string }
  | { readonly kind: 'flushed'; readonly step: number }
  /** Power was lost: steps after this one are gone. */
  | { readonly kind: 'lost'; readonly after: number }
  /** A fault of a port that did not end the life. */
  | { readonly kind: 'fault'; readonly what: string }
  /** An actuator's port was called to carry a command out. `flushed`: the last step that was on disk then. */
  | { readonly kind: 'execute'; readonly life: number; readonly command: Command; readonly flushed: number; readonly by?: string }
  | { readonly kind: 'inquire'; readonly life: number; readonly command: Command }
  /** An attempt reached the world, and may have an effect from now on. */
  | { readonly kind: 'attempt'; readonly actuator: string; readonly idempotent: boolean; readonly command: Command }
  | { readonly kind: 'effect'; readonly actuator: string; readonly command: string }
  | { readonly kind: 'told'; readonly command: string; readonly status: OutcomeStatus | 'withheld' }
  /** The second evaluator was made to disagree, about these commands. */
  | { readonly kind: 'disagreed'; readonly commands: readonly string[] }
  | { readonly kind: 'hand'; readonly what: string }
  /** Of the services: what became of a process, and at which call. */
  | { readonly kind: 'process'; readonly name: string; readonly what: string; readonly where: string }
  /** Of the services: a group has given a process its place there, with these partitions. */
  | { readonly kind: 'assigned'; readonly group: string; readonly name: string; readonly partitions: readonly number[] }
  | { readonly kind: 'healed' };

export type Timed = Entry & { readonly at: number };

/** A step that survived to the end, as it was stored. */
export interface StoredStep {
  readonly record: StepRecord;
  readonly changes: readonly Change[];
  readonly journal: readonly JournalEntry[];
}

/** What could be seen when all faults had ended and the system had had time to settle. */
export interface Rest {
  readonly now: number;
  readonly lastStepAt: number;
  readonly storeFailure: string | null;
  /** Commands without outcome whose deadline is over. */
  readonly overdue: readonly string[];
  readonly stillRunning: number;
  /** What is not as the policies want it, with what holds the policies back; null: nothing does. */
  readonly unwell: readonly { readonly what: string; readonly heldBy: string | null }[];
  /** Promises that were rejected and nobody looked at. */
  readonly unhandled: readonly string[];
}

export interface Trace {
  readonly seed: number;
  readonly entries: readonly Timed[];
  readonly steps: readonly StoredStep[];
  readonly rest: Rest;
  /** Differs if anything at all went otherwise. */
  readonly hash: string;
}

export class Recorder {
  readonly entries: Timed[] = [];
  readonly #now: () => number;
  readonly #hash = createHash('sha256');

  constructor(now: () => number) {
    this.#now = now;
  }

  get now(): number {
    return this.#now();
  }

  add(entry: Entry): void {
    const timed = { ...entry, at: this.#now() };
    this.entries.push(timed);
    this.#hash.update(JSON.stringify(timed));
  }

  digest(rest: unknown): string {
    return this.#hash.update(JSON.stringify(rest)).digest('hex').slice(0, 32);
  }
}

/** What a checker found. */
export interface Violation {
  readonly checker: string;
  readonly step: number;
  readonly message: string;
}

/** Looks at a whole run from outside. */
export interface Checker {
  readonly name: string;
  readonly check: (trace: Trace) => Omit<Violation, 'checker'> | undefined;
}
