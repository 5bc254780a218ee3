/** How the symptom of a policy is raised and stays raised, as the step reads it; and the rows that remember it. */
import type { Condition } from '../analyze/conditions.ts';
import type { State } from './state.ts';
import type { Row } from './table.ts';

export interface Raising {
  /** Absent: a symptom is over when its conditions are no longer true. */
  readonly latch: Latch | undefined;
  /** Facts, beside those of the conditions, whose change asks for a judgement. */
  readonly reads: readonly string[];
  /** Facts that anything here reads. */
  readonly needs: readonly string[];
}

/** What keeps a symptom raised after its conditions have ended. */
export interface Latch {
  readonly keepForMs: number;
  readonly reset: Condition | undefined;
}

/** A symptom with a latch, from the step in which its conditions became true. Its key is that of the symptom. */
export interface LatchRow extends Row {
  policy: string;
  element: string;
  /** Since when it is latched; null: its conditions have not been true for their `for` yet. */
  since: number | null;
  /** When its conditions ended, or its reset was seen; null: they have not. */
  endedAt: number | null;
  /** When it latches, or lets go, by itself. */
  dueAt: number | null;
}

/** Whether a symptom stays raised whatever becomes of its conditions, until its latch lets go. */
export const isLatched = (state: State, key: string): boolean => (state.latches.get(key)?.since ?? null) !== null;
