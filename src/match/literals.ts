/**
 * A condition as comparisons that are wanted to be true, joined by `all` and `any` alone: each `not` is taken down to the comparison below it. In three values a
 * condition is true exactly if this form is, with "known to be true" for each comparison; so two values are enough to find what has become true.
 */
import type { Condition, Test } from '../analyze/conditions.ts';
import { type Compare, isPair, OPERATORS } from '../analyze/operators.ts';

/** What is known of each form, and found out once all are there. */
interface Estimated {
  /** About how often it is true, from 0 to 1: see rarity.ts. */
  rarity: number;
}

interface Compared extends Estimated {
  /** The condition that it is of. */
  readonly condition: number;
  /** Where a row has the height that it asks about. */
  readonly place: number;
  /** What must be true beside it: see company.ts. */
  first: Above | undefined;
  second: Above | undefined;
  /** Whether nothing else must. */
  certain: boolean;
}

/** Is it above a limit, or is its negative? Every comparison with a number can be asked so. */
export interface Above extends Compared {
  readonly kind: 'above';
  readonly limit: number;
  /** How many lower limits the place is compared with. */
  rank: number;
  /** What is no number is compared as it is written. */
  readonly compare: Compare;
  readonly operand: unknown;
  readonly wanted: boolean;
}

/** Is it one of these values, or none of them? */
export interface Among extends Compared {
  readonly kind: 'among';
  readonly values: ReadonlySet<unknown>;
  readonly wanted: boolean;
}

/** Whatever else. */
export interface Other extends Compared {
  readonly kind: 'other';
  /** The slots of the facts that it reads. */
  readonly reads: readonly number[];
  readonly judge: (fact: (slot: number) => unknown) => boolean;
}

export type Literal = Above | Among | Other;

export interface Joined extends Estimated {
  readonly kind: 'all' | 'any';
  readonly parts: Form[];
}

export type Form = Joined | Literal;

/** What has been read so far. */
export interface Read {
  /** By fact; one that is new gets the next. */
  readonly slots: Map<string, number>;
  readonly literals: Literal[];
}

/** The form of the condition of a number. */
export function formOf(condition: Condition, number: number, read: Read, wanted = true): Form {
  if (condition.kind === 'not') return formOf(condition.part, number, read, !wanted);
  if (condition.kind === 'test') {
    const form = ofTest(condition, number, read.slots, wanted);
    if (isJoined(form)) for (const part of form.parts) read.literals.push(part as Literal);
    else read.literals.push(form);
    return form;
  }
  const kind = wanted === (condition.kind === 'all') ? 'all' : 'any';
  return { kind, parts: condition.parts.map((part) => formOf(part, number, read, wanted)), rarity: 0 };
}

export const isJoined = (form: Form): form is Joined => form.kind === 'all' || form.kind === 'any';

/** The first place of a row that is a fact's. */
export const FIRST = 2;

/** Where a row has the height of a fact's number; that of its negative is the next. */
export const placeOf = (slot: number): number => FIRST + 2 * slot;

/** Of the height of a number that of its negative, and the other way round. */
export const oppositeOf = (place: number): number => place ^ 1;

export const slotOf = (place: number): number => (place - FIRST) >> 1;

type Operator = '>' | '>=' | '<' | '<=';

const never: Compare = () => undefined;
/** By what compares: a custom operator of the same name is another. */
const NUMERIC = new Map<Compare, Operator>([
  [OPERATORS.greaterThan!.compare, '>'],
  [OPERATORS.greaterThanInclusive!.compare, '>='],
  [OPERATORS.lessThan!.compare, '<'],
  [OPERATORS.lessThanInclusive!.compare, '<='],
]);
const OPPOSITE = { '>': '<=', '>=': '<', '<': '>=', '<=': '>' } as const;

const isPrimitive = (value: unknown): boolean => typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';

function ofTest(test: Test, condition: number, slots: Map<string, number>, wanted: boolean): Form {
  const { compare, reach, value } = test;
  const slot = slotFor(test.fact, slots);
  if (reach === undefined && 'literal' in value && value.ready === undefined) {
    const { literal: operand } = value;
    const above = (operator: Operator, bound: number, how = never): Above =>
      ofBound(condition, slot, operator, bound, how, operand, wanted);
    const among = (values: readonly unknown[], within: boolean): Among => ({
      kind: 'among',
      values: new Set(values),
      wanted: within,
      ...compared(condition, slot),
    });
    const operator = NUMERIC.get(compare);
    if (operator !== undefined && typeof operand === 'number' && Number.isFinite(operand))
      return above(wanted ? operator : OPPOSITE[operator], operand, compare);
    // What is no number is not between any.
    if (compare === OPERATORS.between!.compare && isPair(operand)) {
      const [low, high] = operand;
      return wanted
        ? { kind: 'all', parts: [above('>=', low), above('<=', high)], rarity: 0 }
        : { kind: 'any', parts: [above('<', low), above('>', high)], rarity: 0 };
    }
    const equal = compare === OPERATORS.equal!.compare;
    if ((equal || compare === OPERATORS.notEqual!.compare) && isPrimitive(operand)) return among([operand], equal === wanted);
    const within = compare === OPERATORS.in!.compare;
    if ((within || compare === OPERATORS.notIn!.compare) && Array.isArray(operand) && operand.every(isPrimitive))
      return among(operand, within === wanted);
  }
  return other(test, condition, slots, wanted);
}

const compared = (condition: number, slot: number) => ({
  condition,
  place: placeOf(slot),
  rarity: 0,
  first: undefined,
  second: undefined,
  certain: false,
});

function ofBound(
  condition: number,
  slot: number,
  operator: Operator,
  bound: number,
  compare: Compare,
  operand: unknown,
  wanted: boolean,
): Above {
  const negative = operator === '<' || operator === '<=';
  const signed = negative ? -bound : bound;
  const limit = operator === '>' || operator === '<' ? signed : below(signed);
  const place = placeOf(slot) + Number(negative);
  return {
    kind: 'above',
    limit,
    rank: 0,
    compare,
    operand,
    wanted,
    condition,
    place,
    rarity: 0,
    first: undefined,
    second: undefined,
    certain: false,
  };
}

function other({ fact, compare, reach, value }: Test, condition: number, slots: Map<string, number>, wanted: boolean): Other {
  const left = slotFor(fact, slots);
  const right = 'fact' in value ? slotFor(value.fact, slots) : left;
  const operand =
    'fact' in value
      ? (facts: (slot: number) => unknown) => reached(facts(right), value.reach)
      : () => (value.ready === undefined ? value.literal : value.ready);
  const judge = (facts: (slot: number) => unknown): boolean => {
    const [a, b] = [reached(facts(left), reach), operand(facts)];
    return a !== undefined && b !== undefined && compare(a, b) === wanted;
  };
  return { kind: 'other', reads: left === right ? [left] : [left, right], judge, ...compared(condition, left) };
}

function slotFor(fact: string, slots: Map<string, number>): number {
  const known = slots.get(fact);
  if (known !== undefined) return known;
  slots.set(fact, slots.size);
  return slots.size - 1;
}

const reached = (fact: unknown, reach: Test['reach']): unknown => (reach === undefined || fact === undefined ? fact : reach(fact));

/** A literal that asks nothing. */
export const constant = (truth: boolean): Other => ({ kind: 'other', reads: [], judge: () => truth, ...compared(0, 0) });

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The next number below: one that is nearer to nought has the next smaller bits, one that is farther the next greater. */
function below(number: number): number {
  if (number === 0) return -Number.MIN_VALUE;
  double[0] = number;
  if (number > 0) {
    if (words[0] === 0) words[1]!--;
    words[0]!--;
  } else {
    words[0]!++;
    if (words[0] === 0) words[1]!++;
  }
  return double[0];
}
