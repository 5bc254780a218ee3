/**
 * A condition as comparisons that are wanted to be true, joined by `all` and `any` alone: each `not` is taken down to the comparison below it. In three values a
 * condition is true exactly if this form is, with "known to be true" for each comparison; so two values are enough to find what has become true.
 */
import type { Condition, Test } from '../analyze/conditions.ts';
import { type Compare, isPair, OPERATORS } from '../analyze/operators.ts';

/** What a literal asks of a fact. */
export type Asks =
  /** Is it above a limit, or is its negative? Every comparison with a number can be asked so. */
  | { readonly kind: 'above'; readonly negative: boolean; readonly limit: number }
  /** Is it one of these values, or none of them? */
  | { readonly kind: 'among'; readonly values: ReadonlySet<unknown>; readonly wanted: boolean }
  /** Whatever else. */
  | { readonly kind: 'other'; readonly judge: (facts: (name: string) => unknown) => boolean };

export interface Literal {
  readonly fact: string;
  readonly asks: Asks;
  /** The facts that it reads. */
  readonly reads: readonly string[];
  /** Of `above`: whether a fact that is no number makes it true. */
  readonly odd: (fact: unknown) => boolean;
}

export type Form =
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Form[] }
  | { readonly kind: 'literal'; readonly literal: Literal };

type Facts = (name: string) => unknown;

const never = (): boolean => false;
/** By what compares: a custom operator of the same name is another. */
const NUMERIC = new Map<Compare, '>' | '>=' | '<' | '<='>([
  [OPERATORS.greaterThan!.compare, '>'],
  [OPERATORS.greaterThanInclusive!.compare, '>='],
  [OPERATORS.lessThan!.compare, '<'],
  [OPERATORS.lessThanInclusive!.compare, '<='],
]);
const OPPOSITE = { '>': '<=', '>=': '<', '<': '>=', '<=': '>' } as const;

const isPrimitive = (value: unknown): boolean => typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';

export function formOf(condition: Condition, wanted = true): Form {
  if (condition.kind === 'not') return formOf(condition.part, !wanted);
  if (condition.kind === 'test') return ofTest(condition, wanted);
  const kind = wanted === (condition.kind === 'all') ? 'all' : 'any';
  return { kind, parts: condition.parts.map((part) => formOf(part, wanted)) };
}

function ofTest(test: Test, wanted: boolean): Form {
  const { fact, compare, reach, value } = test;
  if (reach === undefined && 'literal' in value && value.ready === undefined) {
    const { literal: operand } = value;
    const operator = NUMERIC.get(compare);
    if (operator !== undefined && typeof operand === 'number' && Number.isFinite(operand))
      return above(fact, wanted ? operator : OPPOSITE[operator], operand, (found) => compare(found, operand) === wanted);
    // What is no number is not between any.
    if (compare === OPERATORS.between!.compare && isPair(operand)) {
      const [low, high] = operand;
      return wanted
        ? { kind: 'all', parts: [above(fact, '>=', low, never), above(fact, '<=', high, never)] }
        : { kind: 'any', parts: [above(fact, '<', low, never), above(fact, '>', high, never)] };
    }
    const equal = compare === OPERATORS.equal!.compare;
    if ((equal || compare === OPERATORS.notEqual!.compare) && isPrimitive(operand)) return among(fact, [operand], equal === wanted);
    const within = compare === OPERATORS.in!.compare;
    if ((within || compare === OPERATORS.notIn!.compare) && Array.isArray(operand) && operand.every(isPrimitive))
      return among(fact, operand, within === wanted);
  }
  return other(test, wanted);
}

function above(fact: string, operator: '>' | '>=' | '<' | '<=', bound: number, odd: (found: unknown) => boolean): Form {
  const negative = operator === '<' || operator === '<=';
  const signed = negative ? -bound : bound;
  const limit = operator === '>' || operator === '<' ? signed : below(signed);
  return { kind: 'literal', literal: { fact, asks: { kind: 'above', negative, limit }, reads: [fact], odd } };
}

const among = (fact: string, values: readonly unknown[], wanted: boolean): Form => ({
  kind: 'literal',
  literal: { fact, asks: { kind: 'among', values: new Set(values), wanted }, reads: [fact], odd: never },
});

function other({ fact, compare, reach, value }: Test, wanted: boolean): Form {
  const left = (facts: Facts) => reached(facts(fact), reach);
  const right =
    'fact' in value
      ? (facts: Facts) => reached(facts(value.fact), value.reach)
      : () => (value.ready === undefined ? value.literal : value.ready);
  const judge = (facts: Facts): boolean => {
    const [a, b] = [left(facts), right(facts)];
    return a !== undefined && b !== undefined && compare(a, b) === wanted;
  };
  const reads = 'fact' in value ? [...new Set([fact, value.fact])] : [fact];
  return { kind: 'literal', literal: { fact, asks: { kind: 'other', judge }, reads, odd: never } };
}

const reached = (fact: unknown, reach: Test['reach']): unknown => (reach === undefined || fact === undefined ? fact : reach(fact));

/** A literal that asks nothing. */
export const constant = (truth: boolean): Literal => ({ fact: '', asks: { kind: 'other', judge: () => truth }, reads: [], odd: never });

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The next number below. */
function below(number: number): number {
  if (number === 0) return -Number.MIN_VALUE;
  double[0] = number;
  bits[0]! += number > 0 ? -1n : 1n;
  return double[0];
}

/** The literals of a form, in order. */
export const literalsOf = (form: Form): readonly Literal[] => (form.kind === 'literal' ? [form.literal] : form.parts.flatMap(literalsOf));
