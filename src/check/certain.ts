/** What a clause makes certain: whether a condition is true, or false, whenever the clause holds. Undefined: it may be either, or unknown. */
import type { Condition } from '../analyze/conditions.ts';
import { not } from '../analyze/operators.ts';
import { type Bounds, boundsOf, intersect, isEmpty, isWithin, roomOf } from './bounds.ts';
import { type Clause, clausesOf, meaningOf, rightOf, type Test } from './clauses.ts';
import { choicesOf, isPossible } from './possible.ts';

export function certain(condition: Condition, clause: Clause): boolean | undefined {
  switch (condition.kind) {
    case 'test':
      return certainTest(condition, clause);
    case 'not':
      return not(certain(condition.part, clause));
    case 'all':
    case 'any': {
      const sure = condition.kind === 'any';
      const truths = condition.parts.map((part) => certain(part, clause));
      if (truths.includes(sure)) return sure;
      return truths.includes(undefined) ? undefined : !sure;
    }
    default:
      return undefined;
  }
}

/** Whether `then` is true whenever `when` is; undefined: it cannot be told. */
export function implies(when: Condition, then: Condition): boolean | undefined {
  const clauses = clausesOf(when)?.filter(isPossible);
  if (clauses === undefined || clauses.length === 0) return undefined;
  return clauses.every((clause) => certain(then, clause) === true) ? true : undefined;
}

function certainTest(test: Test, clause: Clause): boolean | undefined {
  const same = clause.find((literal) => sameTest(literal.test, test));
  if (same !== undefined) return same.holds;
  const meaning = meaningOf({ test, holds: true });
  if (meaning === undefined || !('literal' in test.value)) return undefined;
  const { literal } = test.value;
  const choices = choicesOf(test.fact, clause);
  if (choices !== undefined && choices.length > 0) {
    const truths = new Set(choices.map((choice) => test.compare(choice, rightOf(test))));
    return truths.size === 1 ? [...truths][0] : undefined;
  }
  const { bounds, isNumber } = roomOf(test.fact, clause);
  if (!isNumber || typeof literal !== 'number') return undefined;
  if (meaning.operator === 'equal' || meaning.operator === 'notEqual')
    return isWithin(literal, bounds) ? undefined : (meaning.operator === 'notEqual') === meaning.holds;
  const wanted = boundsOf(meaning.operator, literal, meaning.holds);
  if (wanted === undefined) return undefined;
  if (isInside(bounds, wanted)) return true;
  return isEmpty(intersect(bounds, wanted)) ? false : undefined;
}

const isInside = (inner: Bounds, outer: Bounds): boolean => {
  const both = intersect(inner, outer);
  return both.low === inner.low && both.lowOpen === inner.lowOpen && both.high === inner.high && both.highOpen === inner.highOpen;
};

const sameTest = (a: Test, b: Test): boolean => textOf(a) === textOf(b);

const textOf = ({ fact, path, operator, value, said }: Test): string =>
  JSON.stringify([fact, path, operator, 'fact' in value ? [value.fact, value.path] : value.literal, said]);
