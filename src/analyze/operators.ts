/**
 * The operators and decorators of json-rules-engine, evaluated at once and in three values: a comparison that json-rules-engine would
 * answer with `false` only because a side is no number is *unknown* here.
 */

/** Kleene's three truth values: undefined is unknown. */
export type Truth = boolean | undefined;

export const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);

/** Compares a known fact with a known value. */
export type Compare = (fact: unknown, value: unknown) => Truth;

/** What json-rules-engine takes for a number: whatever `parseFloat` reads one from. */
const isNumeric = (x: unknown): boolean => !Number.isNaN(Number.parseFloat(x as string));

const numeric =
  (holds: (a: number, b: number) => boolean): Compare =>
  (fact, value) =>
    isNumeric(fact) && isNumeric(value) ? holds(fact as number, value as number) : undefined;

const within = (member: unknown, list: unknown): Truth =>
  Array.isArray(list) || typeof list === 'string' ? (list as unknown[]).indexOf(member) > -1 : undefined;

/** What the right side of an operator must be. */
export type ValueType = 'any' | 'number' | 'list';

export interface Operator {
  readonly compare: Compare;
  readonly value: ValueType;
}

const contains = (fact: unknown, value: unknown): Truth => Array.isArray(fact) && fact.includes(value);
const containsNot = (fact: unknown, value: unknown): Truth => Array.isArray(fact) && !fact.includes(value);

export const OPERATORS: Readonly<Record<string, Operator>> = {
  contains: { compare: contains, value: 'any' },
  doesNotContain: { compare: containsNot, value: 'any' },
  equal: { compare: (fact, value) => fact === value, value: 'any' },
  greaterThan: { compare: numeric((a, b) => a > b), value: 'number' },
  greaterThanInclusive: { compare: numeric((a, b) => a >= b), value: 'number' },
  in: { compare: within, value: 'list' },
  lessThan: { compare: numeric((a, b) => a < b), value: 'number' },
  lessThanInclusive: { compare: numeric((a, b) => a <= b), value: 'number' },
  notEqual: { compare: (fact, value) => fact !== value, value: 'any' },
  notIn: { compare: (fact, value) => not(within(fact, value)), value: 'list' },
};

/** Kleene's "some": true wins, then unknown. */
const some = (truths: Iterable<Truth>): Truth => {
  let result: Truth = false;
  for (const truth of truths) {
    if (truth === true) return true;
    if (truth === undefined) result = undefined;
  }
  return result;
};

/** Kleene's "every": false wins, then unknown. */
const every = (truths: Iterable<Truth>): Truth => {
  let result: Truth = true;
  for (const truth of truths) {
    if (truth === false) return false;
    if (truth === undefined) result = undefined;
  }
  return result;
};

export const DECORATORS: Readonly<Record<string, (next: Compare) => Compare>> = {
  everyFact: (next) => (fact, value) => Array.isArray(fact) && every(fact.map((f) => next(f, value))),
  everyValue: (next) => (fact, value) => every(Array.isArray(value) ? value.map((v) => next(fact, v)) : [undefined]),
  not: (next) => (fact, value) => not(next(fact, value)),
  someFact: (next) => (fact, value) => Array.isArray(fact) && some(fact.map((f) => next(f, value))),
  someValue: (next) => (fact, value) => some(Array.isArray(value) ? value.map((v) => next(fact, v)) : [undefined]),
  swap: (next) => (fact, value) => next(value, fact),
};

export const combine = { all: every, any: some } as const;

/** Resolves `someFact:not:equal` and the like; undefined: some part of it is not known. */
export function operatorOf(name: string): Operator | undefined {
  const parts = name.split(':');
  const base = Object.hasOwn(OPERATORS, parts.at(-1)!) ? OPERATORS[parts.at(-1)!] : undefined;
  if (base === undefined) return undefined;
  let compare = base.compare;
  for (const part of parts.slice(0, -1).reverse()) {
    const decorate = Object.hasOwn(DECORATORS, part) ? DECORATORS[part] : undefined;
    if (decorate === undefined) return undefined;
    compare = decorate(compare);
  }
  return { compare, value: parts.length === 1 ? base.value : 'any' };
}
