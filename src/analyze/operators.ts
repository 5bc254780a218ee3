/**
 * The operators and decorators of json-rules-engine and two of ours, evaluated at once and in three values: a comparison that
 * json-rules-engine would answer with `false`, or with an exception, only because a side is of the wrong kind is *unknown* here.
 */
import { compilePattern, type Pattern } from '../pattern.ts';

/** Kleene's three truth values: undefined is unknown. */
export type Truth = boolean | undefined;

export const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);

/** Compares a known fact with a known value. */
export type Compare = (fact: unknown, value: unknown) => Truth;

/** What json-rules-engine takes for a number: whatever `parseFloat` reads one from. */
function isNumeric(x: unknown): boolean {
  try {
    return !Number.isNaN(Number.parseFloat(x as string));
  } catch {
    return false; // An object whose own toString is no function.
  }
}

const numeric =
  (holds: (a: number, b: number) => boolean): Compare =>
  (fact, value) =>
    isNumeric(fact) && isNumeric(value) ? holds(fact as number, value as number) : undefined;

function within(member: unknown, list: unknown): Truth {
  if (Array.isArray(list)) return list.indexOf(member) > -1;
  if (typeof list !== 'string') return undefined;
  try {
    return list.indexOf(member as string) > -1;
  } catch {
    return undefined;
  }
}

const contains = (fact: unknown, value: unknown): Truth => Array.isArray(fact) && fact.includes(value);
const containsNot = (fact: unknown, value: unknown): Truth => Array.isArray(fact) && !fact.includes(value);

export const isPair = (x: unknown): x is readonly [number, number] =>
  Array.isArray(x) && x.length === 2 && typeof x[0] === 'number' && typeof x[1] === 'number' && x[0] <= x[1];

const between: Compare = (fact, value) => (typeof fact === 'number' && isPair(value) ? value[0] <= fact && fact <= value[1] : undefined);

const matches: Compare = (fact, pattern) => (typeof fact === 'string' ? (pattern as Pattern).found(fact) : undefined);

/** What a side of an operator must be. `pattern`: a literal that becomes a compiled regular expression. */
export type SideType = 'any' | 'number' | 'list' | 'pair' | 'pattern' | { readonly listOf: SideType };

export interface Operator {
  readonly compare: Compare;
  readonly fact: SideType;
  readonly value: SideType;
}

const operator = (compare: Compare, value: SideType = 'any', fact: SideType = 'any'): Operator => ({ compare, fact, value });

export const OPERATORS: Readonly<Record<string, Operator>> = {
  between: operator(between, 'pair', 'number'),
  contains: operator(contains, 'any', 'list'),
  doesNotContain: operator(containsNot, 'any', 'list'),
  equal: operator((fact, value) => fact === value),
  greaterThan: operator(
    numeric((a, b) => a > b),
    'number',
    'number',
  ),
  greaterThanInclusive: operator(
    numeric((a, b) => a >= b),
    'number',
    'number',
  ),
  in: operator(within, 'list'),
  lessThan: operator(
    numeric((a, b) => a < b),
    'number',
    'number',
  ),
  lessThanInclusive: operator(
    numeric((a, b) => a <= b),
    'number',
    'number',
  ),
  matches: operator(matches, 'pattern'),
  notEqual: operator((fact, value) => fact !== value),
  notIn: operator((fact, value) => not(within(fact, value)), 'list'),
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

export const combine = { all: every, any: some } as const;

export type Decorate = (next: Operator) => Operator;

const decorator =
  (
    compare: (next: Compare) => Compare,
    sides: (next: Operator) => Pick<Operator, 'fact' | 'value'> = ({ fact, value }) => ({ fact, value }),
  ): Decorate =>
  (next) => ({ compare: compare(next.compare), ...sides(next) });

const ofFacts = ({ fact, value }: Operator) => ({ fact: { listOf: fact }, value });
const ofValues = ({ fact, value }: Operator) => ({ fact, value: { listOf: value } });

export const DECORATORS: Readonly<Record<string, Decorate>> = {
  everyFact: decorator((next) => (fact, value) => Array.isArray(fact) && every(fact.map((f) => next(f, value))), ofFacts),
  everyValue: decorator((next) => (fact, value) => (Array.isArray(value) ? every(value.map((v) => next(fact, v))) : undefined), ofValues),
  not: decorator((next) => (fact, value) => not(next(fact, value))),
  someFact: decorator((next) => (fact, value) => Array.isArray(fact) && some(fact.map((f) => next(f, value))), ofFacts),
  someValue: decorator((next) => (fact, value) => (Array.isArray(value) ? some(value.map((v) => next(fact, v))) : undefined), ofValues),
  swap: decorator(
    (next) => (fact, value) => next(value, fact),
    ({ fact, value }) => ({ fact: value, value: fact }),
  ),
};

/** The words that conditions may use: the table of operators and that of decorators. */
export interface Words {
  readonly operators: Readonly<Record<string, Operator>>;
  readonly decorators: Readonly<Record<string, Decorate>>;
}

export const WORDS: Words = { operators: OPERATORS, decorators: DECORATORS };

/** More decorators before one operator are a mistake. */
export const MAX_DECORATORS = 10;

/** Resolves `someFact:not:equal` and the like; undefined: some part of it is not known. */
export function operatorOf(name: string, words: Words = WORDS): Operator | undefined {
  const parts = name.includes(':') ? name.split(':') : [name];
  const base = parts.pop()!;
  if (parts.length > MAX_DECORATORS || !Object.hasOwn(words.operators, base)) return undefined;
  let found = words.operators[base]!;
  for (const part of parts.reverse()) {
    if (!Object.hasOwn(words.decorators, part)) return undefined;
    found = words.decorators[part]!(found);
  }
  return found;
}

const plainType = (type: SideType): Exclude<SideType, object> => (typeof type === 'object' ? plainType(type.listOf) : type);

/** A pattern must be written down where it is used, so that it is compiled before anything runs: `swap` would take it from a fact. */
export const takesPatternFromFact = ({ fact }: Operator): boolean => plainType(fact) === 'pattern';
export const takesPattern = ({ value }: Operator): boolean => plainType(value) === 'pattern';

/** What a literal must be and is not; undefined: it fits. */
export function misfit(value: unknown, type: SideType): string | undefined {
  if (typeof type === 'object') {
    if (!Array.isArray(value)) return 'a list';
    const wrong = value.map((v) => misfit(v, type.listOf)).find((w) => w !== undefined);
    return wrong === undefined ? undefined : `a list, each of it ${wrong}`;
  }
  if (type === 'number') return typeof value === 'number' ? undefined : 'a number';
  if (type === 'list') return Array.isArray(value) ? undefined : 'a list';
  if (type === 'pair') return isPair(value) ? undefined : 'a list [low, high] of two numbers, low not above high';
  if (type === 'pattern') return typeof value === 'string' ? undefined : 'a text with a regular expression';
  return undefined;
}

/** A literal as its operator compares it: patterns are compiled. @throws HomeostatError H122 for a pattern that is wrong */
export function prepare(value: unknown, type: SideType): unknown {
  if (typeof type === 'object') return plainType(type) === 'pattern' ? (value as unknown[]).map((v) => prepare(v, type.listOf)) : value;
  return type === 'pattern' ? compilePattern(value as string) : value;
}
