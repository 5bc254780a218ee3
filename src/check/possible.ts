/**
 * Whether the comparisons of a clause can all hold at once. "No" is said only where it is certain, for any facts that the matcher may meet:
 * numbers, texts that read as numbers, texts that begin with one ("5 apples", which no ordering holds for and which `not` makes true), and truth values.
 */
import { isEmpty, roomOf } from './bounds.ts';
import { type Clause, isWhole, type Literal, meaningOf, rightOf, type Understood } from './clauses.ts';

export function isPossible(clause: Clause): boolean {
  const facts = new Set(clause.map(({ test }) => test.fact));
  return [...facts].every((fact) => isPossibleFor(fact, clause)) && pairsArePossible(clause);
}

function isPossibleFor(fact: string, clause: Clause): boolean {
  const left = choicesOf(fact, clause);
  if (left !== undefined) return left.length > 0;
  const { bounds, isNumber } = roomOf(fact, clause);
  return !isNumber || !isEmpty(bounds);
}

/** Where a clause leaves a fact only certain values: those of them that pass every comparison with a literal. Undefined: there are no such. */
export function choicesOf(fact: string, clause: Clause): readonly unknown[] | undefined {
  const own = clause.filter(({ test }) => test.fact === fact && 'literal' in test.value && isWhole(test));
  const choices = own.flatMap((literal) => {
    const meaning = meaningOf(literal);
    const value = (literal.test.value as { readonly literal: unknown }).literal;
    if (meaning?.operator === 'equal' && meaning.holds) return [[value]];
    if (meaning?.operator === 'notEqual' && !meaning.holds) return [[value]];
    const among = (meaning?.operator === 'in' && meaning.holds) || (meaning?.operator === 'notIn' && !meaning.holds);
    return among && Array.isArray(value) ? [value as unknown[]] : [];
  });
  return choices[0]?.filter((choice) => own.every((literal) => passes(choice, literal)));
}

const passes = (choice: unknown, { test, holds }: Literal): boolean =>
  'literal' in test.value && test.compare(choice, rightOf(test)) === holds;

/**
 * How two known values can stand to each other: less, equal and the same, equal and not the same (5 and "5"), greater, numbers of which no ordering
 * holds ("5 apples" and 3), no numbers and the same, no numbers and different.
 */
const STANDS = ['less', 'same', 'alike', 'greater', 'odd', 'text', 'texts'] as const;
type Stand = (typeof STANDS)[number];

/** The stands under which an operator is true, and those under which it is false; under the others it is unknown. */
const ORDERED: readonly Stand[] = ['less', 'same', 'alike', 'greater', 'odd'];
const TRUE: Partial<Record<Understood, readonly Stand[]>> = {
  equal: ['same', 'text'],
  greaterThan: ['greater'],
  greaterThanInclusive: ['greater', 'same', 'alike'],
  lessThan: ['less'],
  lessThanInclusive: ['less', 'same', 'alike'],
  notEqual: ['less', 'alike', 'greater', 'odd', 'texts'],
};
const SWAPPED: Partial<Record<Stand, Stand>> = { less: 'greater', greater: 'less' };

/** Comparisons of one fact with another: some stand must satisfy all that are between the same two. */
function pairsArePossible(clause: Clause): boolean {
  const left = new Map<string, readonly Stand[]>();
  for (const literal of clause) {
    const { test } = literal;
    const meaning = meaningOf(literal);
    if (meaning === undefined || !('fact' in test.value)) continue;
    const always = TRUE[meaning.operator];
    if (always === undefined) continue;
    const possible = meaning.operator === 'equal' || meaning.operator === 'notEqual' ? STANDS : ORDERED;
    const allowed = possible.filter((stand) => always.includes(stand) === meaning.holds);
    const other = test.value.fact;
    const turned = test.fact > other;
    const key = turned ? `${other}\t${test.fact}` : `${test.fact}\t${other}`;
    const before: readonly Stand[] = left.get(key) ?? (test.fact === other ? ['same', 'text'] : STANDS);
    const now = turned ? allowed.map((stand) => SWAPPED[stand] ?? stand) : allowed;
    left.set(
      key,
      before.filter((stand) => now.includes(stand)),
    );
  }
  return [...left.values()].every((stands) => stands.length > 0);
}
