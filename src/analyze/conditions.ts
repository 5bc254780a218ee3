/** Conditions: from the words of a policy to a tree that can be judged and explained. */
import type { Reach } from '../path.ts';
import { type Compare, combine, not, type Truth } from './operators.ts';

/** What a comparison is made with. `ready`: the literal as it is compared, where that is not as it is written. */
export type Operand =
  | { readonly literal: unknown; readonly ready?: unknown }
  | { readonly fact: string; readonly reach?: Reach; readonly path?: string };

export interface Test {
  readonly kind: 'test';
  readonly fact: string;
  /** Leads to the part of the fact that is compared. */
  readonly reach?: Reach;
  readonly path?: string;
  readonly operator: string;
  readonly compare: Compare;
  readonly value: Operand;
  /** The JSON pointer of the comparison in its file. */
  readonly at: string;
  /** What the person wrote, where the fact is one that answers a question such as `changed`. */
  readonly said?: { readonly fact: string; readonly operator: string; readonly value: unknown };
}

export type Condition =
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | Test;

/** The value of a fact; undefined: unknown. */
export type Facts = (name: string) => unknown;

/** True, false, or undefined for unknown. Every part is judged in the same order, and stops early where the answer is sure. */
export function judge(condition: Condition, facts: Facts): Truth {
  switch (condition.kind) {
    case 'test': {
      const fact = reached(facts(condition.fact), condition.reach);
      const value = rightOf(condition.value, facts);
      return fact === undefined || value === undefined ? undefined : condition.compare(fact, value);
    }
    case 'not':
      return not(judge(condition.part, facts));
    default: {
      const sure = condition.kind === 'any';
      let result: Truth = !sure;
      for (const part of condition.parts) {
        const truth = judge(part, facts);
        if (truth === sure) return sure;
        if (truth === undefined) result = undefined;
      }
      return result;
    }
  }
}

function rightOf(operand: Operand, facts: Facts): unknown {
  if ('fact' in operand) return reached(facts(operand.fact), operand.reach);
  return operand.ready === undefined ? operand.literal : operand.ready;
}

const reached = (fact: unknown, reach: Reach | undefined): unknown => (reach === undefined || fact === undefined ? fact : reach(fact));

/** A condition with its truth and, for a comparison, what was compared. */
export type Judged =
  | { readonly kind: 'all' | 'any' | 'not'; readonly truth: Truth; readonly parts: readonly Judged[] }
  | {
      readonly kind: 'test';
      readonly truth: Truth;
      readonly fact: string;
      readonly operator: string;
      readonly actual: unknown;
      readonly expected: unknown;
      /** The fact that the right side came from. */
      readonly expectedFact?: string;
      readonly said?: Test['said'];
    };

/** Like `judge`, with the whole tree judged and shown. */
export function judgeAll(condition: Condition, facts: Facts): Judged {
  if (condition.kind === 'test') {
    const expected = 'fact' in condition.value ? rightOf(condition.value, facts) : condition.value.literal;
    return {
      kind: 'test',
      truth: judge(condition, facts),
      fact: condition.fact,
      operator: condition.operator,
      actual: reached(facts(condition.fact), condition.reach),
      expected,
      ...(condition.said === undefined ? {} : { said: condition.said }),
      ...('fact' in condition.value ? { expectedFact: condition.value.fact } : {}),
    };
  }
  const parts = (condition.kind === 'not' ? [condition.part] : condition.parts).map((part) => judgeAll(part, facts));
  const truths = parts.map((part) => part.truth);
  return { kind: condition.kind, truth: condition.kind === 'not' ? not(truths[0]) : combine[condition.kind](truths), parts };
}

/** The comparisons of a condition, in order. */
export function testsOf(condition: Condition): readonly Test[] {
  if (condition.kind === 'test') return [condition];
  return condition.kind === 'not' ? testsOf(condition.part) : condition.parts.flatMap(testsOf);
}

/** The facts that a comparison reads, each with the JSON pointer of its name. */
export const mentionsOf = ({ fact, value, at }: Test): (readonly [fact: string, pointer: string])[] => [
  [fact, `${at}/fact`],
  ...('fact' in value ? [[value.fact, `${at}/value/fact`] as const] : []),
];

/** The facts that a condition reads, in order. */
export const factsOf = (condition: Condition): string[] =>
  [...new Set(testsOf(condition).flatMap((test) => mentionsOf(test).map(([fact]) => fact)))].sort();
