/** Advice: what an advising policy has asked people, and what they said. One row for each action of a raised symptom that was asked for. */
import type { Value } from '../messages.ts';
import type { State } from './state.ts';
import type { Row } from './table.ts';

/** What happens without an answer. `act`: it counts as approved. */
export type Otherwise = 'drop' | 'act';

export interface AdviceRow extends Row {
  /** What people call it: `domain.step.letter`, short enough to type. */
  id: string;
  policy: string;
  /** The version of the policy that asked: another one withdraws it. */
  version: string;
  /** The element whose symptom asks. */
  element: string;
  /** Index of the action in its policy. */
  action: number;
  target: string;
  command: string;
  /** As they were settled when it was asked: nothing else is done in its name. */
  params: Record<string, Value>;
  why: string | null;
  /** The evidence: the facts as they were, and the comparisons in words. */
  facts: Record<string, Value>;
  conditions: string[];
  /** What the policy would do next if the effect were missed, in words. */
  follows: string[];
  askedAt: number;
  /** When its phase ends by itself; null: with the raise. */
  until: number | null;
  otherwise: Otherwise;
  /** `rejected` and `expired` say that it is not asked again yet. */
  phase: 'open' | 'approved' | 'rejected' | 'expired';
  author: string | null;
  reason: string | null;
  answeredAt: number | null;
  answeredStep: number | null;
}

export const adviceKey = (policy: string, element: string, action: number): string => `${policy}\t${element}\t${action}`;

/** Whether people may still say something about it. */
export const isPending = ({ phase }: AdviceRow): boolean => phase === 'open' || phase === 'approved';

/** Those that people may still say something about: open ones first, then by when they were asked and by id. */
export function pendingAdvice(state: State): AdviceRow[] {
  const order = (row: AdviceRow) => (row.phase === 'open' ? 0 : 1);
  return [...state.advice.rows()]
    .filter(isPending)
    .sort((a, b) => order(a) - order(b) || a.askedAt - b.askedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** `a`, `b`, … `z`, `aa`, …: the last part of an id, so that no advice is called like a command. */
export function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
