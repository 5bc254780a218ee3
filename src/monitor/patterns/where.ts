/**
 * The `where` of a step: the language of conditions over an event and those before it. Two things are said beside it: `unknown` may have a path,
 * and `{ "expression": … }` is a condition too, for calculations.
 */
import { type Condition, judge, type Operand, type Test, testsOf } from '../../analyze/conditions.ts';
import { parseCondition } from '../../analyze/parse.ts';
import { isTemporal } from '../../analyze/temporal.ts';
import { HomeostatError } from '../../errors.ts';
import { compileExpression, type Expression } from '../../expression.ts';
import { isObject } from '../../json.ts';
import type { Value } from '../../messages.ts';
import { nearest } from '../../suggest.ts';
import type { Json } from '../gauges/gauge.ts';
import type { Bound } from './memo.ts';
import { WHOLE } from './values.ts';

/** The event in hand. */
export const EVENT = 'event';

/** A part of an event: its name and a path. */
export type Part = readonly [name: string, path: string];

export interface Where {
  /** Whether it is true of the event in hand, with those before it; what is missing is unknown, and unknown is not true. */
  readonly holds: (bound: Bound) => boolean;
  /** Whether it is true as far as the event alone tells, and what it would be compared with may still come. */
  readonly could: (bound: Bound) => boolean;
  /** All that it reads. */
  readonly parts: readonly Part[];
}

/** What stands for a fact in the parsed condition: a part, whether a part is missing, or an expression. */
const slot = (name: string, path: string): string => `${name}\t${path}`;
const partOf = (text: string): Part => [text.slice(0, text.indexOf('\t')), text.slice(text.indexOf('\t') + 1)];

/** A part of an event that is there; undefined: it is missing, or the event is. */
export const partAt = (bound: Bound, [name, path]: Part): Json | undefined => {
  const values = Object.hasOwn(bound, name) ? bound[name] : undefined;
  return values !== undefined && Object.hasOwn(values, path) ? values[path] : undefined;
};

/** Reads a `where`. `names`: events before it. @throws HomeostatError H102 to H107, H121, H122 with the place in the gauge */
export function compileWhere(document: unknown, names: readonly string[], place: string): Where {
  if (document === undefined) return { holds: () => true, could: () => true, parts: [] };
  const expressions = new Map<string, Expression>();
  const wrong = (code: HomeostatError['code'], pointer: string, message: string, remedy?: string): never => {
    throw new HomeostatError(code, `pattern: ${place}${pointer}: ${message}${remedy === undefined ? '' : `; ${remedy}`}`);
  };
  const parsed = parseCondition(rewrite(document, '', expressions, wrong), {}, wrong)!;
  const condition = slotted(parsed);
  for (const test of testsOf(condition))
    for (const [name] of readBy(test, expressions))
      if (name !== EVENT && !names.includes(name))
        wrong(
          'H103',
          test.at,
          `no event before it is named "${name}"${nearest(name, [EVENT, ...names])}`,
          `known: ${[EVENT, ...names].join(', ')}`,
        );
  const facts = (bound: Bound) => (fact: string) => factOf(fact, bound, expressions);
  const parts = testsOf(condition).flatMap((test) => readBy(test, expressions));
  return {
    holds: (bound) => judge(condition, facts(bound)) === true,
    could: (bound) => possible(condition, bound, (test) => readBy(test, expressions), facts(bound)),
    parts,
  };
}

type Wrong = (code: HomeostatError['code'], pointer: string, message: string, remedy?: string) => never;

/** Puts what this language has beside that of conditions into its words. */
function rewrite(document: unknown, pointer: string, expressions: Map<string, Expression>, wrong: Wrong): unknown {
  if (!isObject(document)) return document;
  const { all, any, not, expression, fact, operator, path, value } = document;
  const list = (parts: unknown, key: string) =>
    Array.isArray(parts) ? parts.map((part, i) => rewrite(part, `${pointer}/${key}/${i}`, expressions, wrong)) : parts;
  if (all !== undefined) return { ...document, all: list(all, 'all') };
  if (any !== undefined) return { ...document, any: list(any, 'any') };
  if (not !== undefined) return { ...document, not: rewrite(not, `${pointer}/not`, expressions, wrong) };
  if (expression !== undefined) {
    if (typeof expression !== 'string' || Object.keys(document).length > 1)
      return wrong('H102', pointer, 'an expression stands alone, as { "expression": "event.cost > 2 * first.cost" }');
    expressions.set(expression, compileExpression(expression));
    return { fact: `=${expression}`, operator: 'equal', value: true };
  }
  if (typeof fact === 'string' && /^[=?]/.test(fact))
    return wrong('H103', `${pointer}/fact`, `no event has a name such as ${JSON.stringify(fact)}`);
  const asks = typeof operator === 'string' ? operator.slice(operator.lastIndexOf(':') + 1) : '';
  if (!isTemporal(asks) || typeof fact !== 'string') return document;
  if (asks !== 'unknown') return wrong('H104', `${pointer}/operator`, `an event has no past, which "${asks}" asks about`);
  if (typeof value !== 'boolean') return wrong('H105', `${pointer}/value`, `${operator as string} needs true or false`);
  const rest = typeof path === 'string' ? path : WHOLE;
  return { fact: `?${slot(fact, rest)}`, operator: (operator as string).replace(/unknown$/, 'equal'), value };
}

/** The condition with one name for each fact and its path. */
function slotted(condition: Condition): Condition {
  if (condition.kind === 'not') return { kind: 'not', part: slotted(condition.part) };
  if (condition.kind !== 'test') return { kind: condition.kind, parts: condition.parts.map(slotted) };
  const { fact, path = WHOLE, operator, compare, value, at } = condition;
  const own = /^[=?]/.test(fact) ? fact : slot(fact, path);
  const right: Operand = 'fact' in value ? { fact: slot(value.fact, value.path ?? WHOLE) } : value;
  return { kind: 'test', fact: own, operator, compare, value: right, at };
}

/** `first.nested.i` in an expression. */
function partIn(fact: string): Part {
  const dot = fact.indexOf('.');
  return dot < 0 ? [fact, WHOLE] : [fact.slice(0, dot), `$.${fact.slice(dot + 1)}`];
}

/** The parts that a comparison reads. */
function readBy({ fact, value }: Test, expressions: ReadonlyMap<string, Expression>): readonly Part[] {
  const left = fact.startsWith('=')
    ? expressions.get(fact.slice(1))!.facts.map(partIn)
    : [partOf(fact.startsWith('?') ? fact.slice(1) : fact)];
  return 'fact' in value ? [...left, partOf(value.fact)] : left;
}

function factOf(fact: string, bound: Bound, expressions: ReadonlyMap<string, Expression>): unknown {
  if (fact.startsWith('?')) return partAt(bound, partOf(fact.slice(1))) === undefined;
  if (!fact.startsWith('=')) return partAt(bound, partOf(fact));
  return expressions.get(fact.slice(1))!.evaluate((name) => scalar(partAt(bound, partIn(name)))).value;
}

const scalar = (part: unknown): Value | undefined =>
  typeof part === 'number' || typeof part === 'string' || typeof part === 'boolean' ? part : undefined;

/** Whether a condition could be true if events that are not there yet were what it needs. */
function possible(condition: Condition, bound: Bound, reads: (test: Test) => readonly Part[], facts: (fact: string) => unknown): boolean {
  const there = ([name]: Part): boolean => Object.hasOwn(bound, name);
  const waits = (test: Test): boolean => !reads(test).every(there);
  if (condition.kind === 'all') return condition.parts.every((part) => possible(part, bound, reads, facts));
  if (condition.kind === 'any') return condition.parts.some((part) => possible(part, bound, reads, facts));
  if (condition.kind === 'not' && testsOf(condition).some(waits)) return true;
  if (condition.kind === 'test' && waits(condition))
    return condition.fact.startsWith('?') || reads(condition).every((part) => !there(part) || partAt(bound, part) !== undefined);
  return judge(condition, facts) === true;
}
