/** What all conditions together ask of one fact. */
import { Ladder, type Rung } from './ladder.ts';
import { type Form, type Literal, literalsOf } from './literals.ts';
import { placeOf } from './program.ts';
import { Values } from './values.ts';

/** One literal of one condition. */
export interface Placed {
  readonly literal: Literal;
  readonly condition: number;
}

export interface AskedFact {
  /** By the number, and by its negative. */
  readonly up: Ladder;
  readonly down: Ladder;
  readonly values: Values;
  /** Conditions that must be judged whenever it changes. */
  readonly others: readonly number[];
  /** All that compare it with a number: what is no number may be read as one. */
  readonly numeric: readonly number[];
}

/** Comparisons that a rung has room for beside its own. */
const ROOM = 2;

/** By fact, in the order of the slots. */
export function askedFacts(placed: readonly Placed[], forms: readonly Form[], slots: ReadonlyMap<string, number>): AskedFact[] {
  const anything = 2 * slots.size;
  const by: Placed[][] = Array.from({ length: slots.size }, () => []);
  for (const one of placed) for (const fact of one.literal.reads) by[slots.get(fact)!]!.push(one);
  return by.map((all) => {
    const rungs = (negative: boolean) =>
      all.flatMap((one) => (one.literal.asks.kind === 'above' && one.literal.asks.negative === negative ? rungOf(one, forms, slots) : []));
    const once = (kind: Literal['asks']['kind']) => [
      ...new Set(all.flatMap(({ literal, condition }) => (literal.asks.kind === kind ? condition : []))),
    ];
    return {
      up: new Ladder(rungs(false), anything),
      down: new Ladder(rungs(true), anything),
      values: new Values(
        all.flatMap(({ literal: { asks }, condition }) =>
          asks.kind === 'among' ? [{ values: asks.values, wanted: asks.wanted, condition }] : [],
        ),
      ),
      others: once('other'),
      numeric: once('above'),
    };
  });
}

function rungOf({ literal, condition }: Placed, forms: readonly Form[], slots: ReadonlyMap<string, number>): Rung[] {
  if (literal.asks.kind !== 'above') return [];
  const { limit } = literal.asks;
  const form = forms[condition]!;
  const others = isPlain(form) ? literalsOf(form).filter((one) => one !== literal) : [];
  const and = others.flatMap((one) => (one.asks.kind === 'above' ? [{ place: placeOf(one, slots), limit: one.asks.limit }] : []));
  return [{ limit, condition, and: and.slice(0, ROOM) }];
}

/** Whether all of its comparisons must be true. */
export const isPlain = (form: Form): boolean =>
  form.kind === 'literal' || (form.kind === 'all' && form.parts.length > 0 && form.parts.every(isPlain));

/** Whether each of its rungs asks all that it asks. */
export const fitsOnRungs = (form: Form): boolean => {
  const literals = literalsOf(form);
  return isPlain(form) && literals.length <= 1 + ROOM && literals.every(({ asks }) => asks.kind === 'above');
};
