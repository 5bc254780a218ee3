/** Conditions as alternatives: a list of clauses, each of comparisons that hold together. Kleene's logic obeys the same laws, so unknowns change nothing. */
import type { Condition } from '../analyze/conditions.ts';

export type Test = Extract<Condition, { kind: 'test' }>;

/** A comparison that must be true, or (`holds: false`) must be known to be false. */
export interface Literal {
  readonly test: Test;
  readonly holds: boolean;
}

export type Clause = readonly Literal[];

/** More alternatives than this are not looked into. */
const MOST_CLAUSES = 512;

/** The alternatives under which a condition is true; undefined: there are too many, or something in it is not understood. */
export function clausesOf(condition: Condition, holds = true): readonly Clause[] | undefined {
  switch (condition.kind) {
    case 'test':
      return [[{ test: condition, holds }]];
    case 'not':
      return clausesOf(condition.part, !holds);
    case 'all':
    case 'any':
      return (condition.kind === 'all') === holds ? product(condition.parts, holds) : sum(condition.parts, holds);
    default:
      return undefined;
  }
}

function sum(parts: readonly Condition[], holds: boolean): readonly Clause[] | undefined {
  const all: Clause[] = [];
  for (const part of parts) {
    const clauses = clausesOf(part, holds);
    if (clauses === undefined || all.length + clauses.length > MOST_CLAUSES) return undefined;
    all.push(...clauses);
  }
  return all;
}

function product(parts: readonly Condition[], holds: boolean): readonly Clause[] | undefined {
  let all: readonly Clause[] = [[]];
  for (const part of parts) {
    const clauses = clausesOf(part, holds);
    if (clauses === undefined || all.length * clauses.length > MOST_CLAUSES) return undefined;
    all = all.flatMap((clause) => clauses.map((more) => [...clause, ...more]));
  }
  return all;
}

/** What a comparison is made with, where that is written out, as it is compared. */
export const rightOf = ({ value }: Test): unknown => ('fact' in value ? undefined : (value.ready ?? value.literal));

/** An operator of json-rules-engine as it stands, on a whole fact: what the comparison means is known. Else the comparison is opaque. */
const UNDERSTOOD = [
  'between',
  'equal',
  'greaterThan',
  'greaterThanInclusive',
  'in',
  'lessThan',
  'lessThanInclusive',
  'notEqual',
  'notIn',
] as const;
export type Understood = (typeof UNDERSTOOD)[number];

/** What a comparison means; undefined: it is opaque. `not:` before an operator is taken into `holds`. */
export function meaningOf({ test, holds }: Literal): { readonly operator: Understood; readonly holds: boolean } | undefined {
  if (!isWhole(test)) return undefined;
  let [operator, positive] = [test.operator, holds];
  while (operator.startsWith('not:')) [operator, positive] = [operator.slice('not:'.length), !positive];
  const understood = UNDERSTOOD.find((name) => name === operator);
  return understood === undefined ? undefined : { operator: understood, holds: positive };
}

/** Whether whole facts are compared as they are: no path leads into them, and no operator of another name was written. */
export function isWhole(test: Test): boolean {
  const { path, reach, said, value } = test;
  return (
    said === undefined && [{ path, reach }, 'fact' in value ? value : {}].every((way) => way.path === undefined && way.reach === undefined)
  );
}

/** Every comparison of a condition, in order. */
export function testsIn(condition: Condition): readonly Test[] {
  switch (condition.kind) {
    case 'test':
      return [condition];
    case 'not':
      return testsIn(condition.part);
    case 'all':
    case 'any':
      return condition.parts.flatMap(testsIn);
    default:
      return [];
  }
}
