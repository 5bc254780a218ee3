/** What a course decided, as it can be held beside what another decided: commands, what would have been commanded, questions to people, and what held symptoms back. */
import type { JournalEntry, Value } from '../messages.ts';

/** `command`: it was committed. `would`: by a policy that observes. `advice`: a person was asked. `held`, `lost`: a gate, or arbitration, held it back. */
export const DECISION_KINDS = ['command', 'would', 'advice', 'held', 'lost'] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/** Kinds by which something is done, or would be. */
export const DEEDS: readonly DecisionKind[] = ['command', 'would', 'advice'];

export interface Decision {
  /** Of the step that decided, ms since 1970. */
  readonly time: number;
  /** What it acts on; of what was held back, the element whose symptom it is. */
  readonly element: string;
  readonly policy: string;
  readonly kind: DecisionKind;
  /** `scale to 2`; of what was held back the gate, or the rule and the winner. The same words are the same decision. */
  readonly what: string;
  /** The sentence of the journal, with the numbers that count. */
  readonly text: string;
}

/** The decision that an entry of the journal tells of; undefined: it tells of none. */
export function decisionOf(entry: JournalEntry): Decision | undefined {
  const { time, policy, data, text } = entry;
  const kind = DECISION_KINDS.find((one) => one === entry.kind);
  if (kind === undefined || policy === undefined || (kind === 'advice' && data.is !== 'asked')) return undefined;
  const element = kind === 'advice' ? textOf(data.target) : entry.element!;
  return { time, element, policy, kind, what: wordsOf(kind, data), text };
}

function wordsOf(kind: DecisionKind, data: JournalEntry['data']): string {
  if (kind === 'held') return data.gate === null ? 'nothing' : textOf(data.gate);
  if (kind === 'lost') return `${textOf(data.rule)} ${textOf(data.winner)}`;
  return deedText(textOf(data.command), (data.params ?? {}) as Readonly<Record<string, Value>>);
}

/** A command with its parameters by name, in words. */
export const deedText = (command: string, params: Readonly<Record<string, Value>>): string =>
  [
    command,
    ...Object.keys(params)
      .sort()
      .map((name) => `${name} ${typeof params[name] === 'string' ? params[name] : JSON.stringify(params[name])}`),
  ].join(' ');

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
