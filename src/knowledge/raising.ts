/** How the symptom of a policy is raised and stays raised, as the step reads it; and the rows that remember it. */
import type { Condition } from '../analyze/conditions.ts';
import type { Value } from '../messages.ts';
import type { State } from './state.ts';
import type { Row } from './table.ts';

/** The policy that this one was written as a part of. */
export interface Family {
  readonly name: string;
  readonly level: string;
  /** The policies that are its higher levels. */
  readonly above: readonly string[];
  /** It acts where the data of the policy is missing, and passes the gates that look at data. */
  readonly failSafe?: true;
}

export interface Raising {
  readonly family: Family | undefined;
  /** Absent: a symptom is over when its conditions are no longer true. */
  readonly latch: Latch | undefined;
  /** What stands for facts that are unknown; absent: nothing does. */
  readonly missing: Missing | undefined;
  readonly zone: { readonly fact: string; readonly in: readonly string[] } | undefined;
  readonly tolerance: Tolerance | undefined;
  /** The least confidence of the readings that the conditions rest on. */
  readonly confidence: number | undefined;
  readonly flapping: { readonly history: number; readonly low: number; readonly high: number } | undefined;
  /** Facts, beside those of the conditions, whose change asks for a judgement. */
  readonly reads: readonly string[];
  /** Facts that anything here reads. */
  readonly needs: readonly string[];
  /** Those that gates read, each with the JSON pointer of its name. */
  readonly names: readonly (readonly [fact: string, pointer: string])[];
}

/** What keeps a symptom raised after its conditions have ended. */
export interface Latch {
  readonly keepForMs: number;
  readonly reset: Condition | undefined;
}

/** What a policy takes in place of an unknown fact of its conditions. */
export interface Missing {
  /** The age up to which the last known value stands; null: none does. */
  readonly holdMs: number | null;
  readonly values: Readonly<Record<string, Value>>;
  /** The facts that this is about. */
  readonly facts: readonly string[];
}

/** Nearness to a target at which nothing need be done: |x − target| ≤ share · |target|, or ≤ within. */
interface Tolerance {
  readonly fact: string;
  readonly target: number | { readonly fact: string };
  readonly share: number | undefined;
  readonly within: number | undefined;
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

/** What stands for one unknown fact. `over`: a value was held, and is too old. */
export interface Stand {
  is: 'held' | 'fallback' | 'over';
  value: Value | null;
  /** When a held value was measured, and until when it is held. */
  time: number | null;
  until: number | null;
}

/** The unknown facts of a policy on an element for which something stands. Its key is that of the symptom. */
export interface AbsenceRow extends Row {
  policy: string;
  element: string;
  facts: Record<string, Stand>;
  /** When the next held value is too old. */
  dueAt: number | null;
}

/** What the last judgements of a policy on an element came to. Its key is that of the symptom. */
export interface FlapRow extends Row {
  policy: string;
  element: string;
  /** One digit a judgement, oldest first: 1 where the symptom was raised. */
  states: string;
  /** Flapping, until the share of changes is under the low mark. */
  flapping: boolean;
}

/** Whether a symptom stays raised whatever becomes of its conditions, until its latch lets go. */
export const isLatched = (state: State, key: string): boolean => (state.latches.get(key)?.since ?? null) !== null;
