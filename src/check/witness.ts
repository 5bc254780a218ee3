/** A witness: facts under which several conditions are true at once. It is found by a bounded search and judged by the matcher itself. */
import { type Condition, judge } from '../analyze/conditions.ts';
import type { Value } from '../messages.ts';
import { roomOf } from './bounds.ts';
import { type Clause, clausesOf, isWhole, type Literal, rightOf } from './clauses.ts';
import { choicesOf, isPossible } from './possible.ts';

type Witness = Readonly<Record<string, Value>>;

/** Clauses that are tried, and assignments of each. */
const MOST_TRIED = 64;
const MOST_STEPS = 5_000;

export function witnessOf(conditions: readonly Condition[]): Witness | undefined {
  const clauses = clausesOf({ kind: 'all', parts: conditions });
  for (const clause of (clauses ?? []).filter(isPossible).slice(0, MOST_TRIED)) {
    const found = solve(clause);
    const lookup = (fact: string) => (found !== undefined && Object.hasOwn(found, fact) ? found[fact] : undefined);
    if (found !== undefined && conditions.every((condition) => judge(condition, lookup) === true)) return found;
  }
  return undefined;
}

function solve(clause: Clause): Witness | undefined {
  // What looks into a fact, or asks how it changed, is no matter of single values.
  if (!clause.every(({ test }) => isWhole(test))) return undefined;
  const facts = [...new Set(clause.flatMap(({ test }) => ('fact' in test.value ? [test.fact, test.value.fact] : [test.fact])))];
  const candidates = new Map(facts.map((fact) => [fact, candidatesFor(fact, clause)]));
  const found = new Map<string, Value>();
  let steps = 0;
  const place = (i: number): boolean => {
    if (i === facts.length) return true;
    for (const value of candidates.get(facts[i]!)!) {
      if (++steps > MOST_STEPS) return false;
      found.set(facts[i]!, value);
      if (clause.every((literal) => agrees(literal, found)) && place(i + 1)) return true;
      found.delete(facts[i]!);
    }
    return false;
  };
  return place(0) ? Object.fromEntries(found) : undefined;
}

/** Whether a comparison holds, as far as its facts have values yet. */
function agrees({ test, holds }: Literal, found: ReadonlyMap<string, Value>): boolean {
  const fact = found.get(test.fact);
  const value = 'fact' in test.value ? found.get(test.value.fact) : rightOf(test);
  return fact === undefined || value === undefined || test.compare(fact, value) === holds;
}

const isValue = (x: unknown): x is Value => typeof x === 'number' || typeof x === 'string' || typeof x === 'boolean';

/** Values to try for a fact, those that a person would write first. */
function candidatesFor(fact: string, clause: Clause): readonly Value[] {
  const choices = choicesOf(fact, clause);
  if (choices !== undefined) return choices.filter(isValue);
  const own = clause.filter(({ test }) => test.fact === fact || ('fact' in test.value && test.value.fact === fact));
  const literals = own.flatMap(({ test }) => ('literal' in test.value && test.fact === fact ? [test.value.literal] : []));
  const related = clause.flatMap(({ test }) =>
    'literal' in test.value && typeof test.value.literal === 'number' ? [test.value.literal] : [],
  );
  const { bounds } = roomOf(fact, clause);
  const { low, high } = bounds;
  const first =
    low > Number.NEGATIVE_INFINITY && high < Number.POSITIVE_INFINITY
      ? [round((low + high) / 2), (low + high) / 2, low, high]
      : low > Number.NEGATIVE_INFINITY
        ? [low + step(low), low]
        : high < Number.POSITIVE_INFINITY
          ? [high - step(high), high]
          : [];
  const numbers = [...first, 1, 2, 0, 3, ...related.flatMap((x) => [x, x + step(x), x - step(x)])];
  const texts: Value[] = literals.flatMap((x): Value[] =>
    typeof x === 'string' ? [`not ${x}`, x] : typeof x === 'boolean' ? [!x, x] : [],
  );
  const lists = literals.flatMap((x) => (Array.isArray(x) ? x.filter(isValue) : []));
  const ordered: Value[] = first.length > 0 ? [...numbers, ...texts] : [...texts, ...numbers];
  return [...new Set<Value>([...ordered, ...lists, 'other', true, false])].filter(
    (value) => typeof value !== 'number' || Number.isFinite(value),
  );
}

/** A small step beside a number: 10 beside 250, 1 beside 12, 0.01 beside 0.9. */
const step = (x: number): number => {
  if (x === 0) return 1;
  const size = 10 ** (Math.floor(Math.log10(Math.abs(x))) - 1);
  return Number.isInteger(x) ? Math.max(1, size) : size;
};

const round = (x: number): number => Number(x.toPrecision(2));
