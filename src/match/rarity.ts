/**
 * Which of the comparisons of a condition are likely to be true, estimated from the policies alone: people put limits where values are, so a limit that lies beyond
 * most others of its fact is passed rarely. It decides what is judged first, and never what is true.
 */
import type { Form, Literal } from './literals.ts';

/** About how often a form is true, from 0 to 1. */
export type Rarity = (form: Form) => number;

/** How likely what cannot be estimated is taken to be, and that a fact is some one value. */
const UNKNOWN = 0.5;
const ONE_VALUE = 0.1;

export function rarityOf(literals: readonly Literal[]): Rarity {
  const lists = new Map<string, number[]>();
  for (const { fact, asks } of literals) {
    if (asks.kind !== 'above') continue;
    const bound = asks.negative ? -asks.limit : asks.limit;
    const list = lists.get(fact);
    if (list === undefined) lists.set(fact, [bound]);
    else list.push(bound);
  }
  const bounds = new Map([...lists].map(([fact, list]) => [fact, Float64Array.from(list).sort()]));
  const ofLiteral = ({ fact, asks }: Literal): number => {
    if (asks.kind === 'other') return UNKNOWN;
    if (asks.kind === 'among') {
      const share = Math.min(UNKNOWN, asks.values.size * ONE_VALUE);
      return asks.wanted ? share : 1 - share;
    }
    const sorted = bounds.get(fact)!;
    const below = countBelow(sorted, asks.negative ? -asks.limit : asks.limit) / sorted.length;
    return asks.negative ? below : 1 - below;
  };
  const seen = new Map<Form, number>();
  const rarity: Rarity = (form) => {
    const known = seen.get(form);
    if (known !== undefined) return known;
    let found: number;
    if (form.kind === 'literal') found = ofLiteral(form.literal);
    else if (form.kind === 'all') found = form.parts.reduce((product, part) => product * rarity(part), 1);
    else found = 1 - form.parts.reduce((product, part) => product * (1 - rarity(part)), 1);
    seen.set(form, found);
    return found;
  };
  return rarity;
}

function countBelow(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Literals of which at least one is true whenever the form is: the rarest set of them. Undefined: it may be true without any. */
export function guardsOf(form: Form, rarity: Rarity): readonly Literal[] | undefined {
  if (form.kind === 'literal') return [form.literal];
  if (form.kind === 'any') {
    const each = form.parts.map((part) => guardsOf(part, rarity));
    return each.includes(undefined) ? undefined : each.flatMap((guards) => guards!);
  }
  let best: readonly Literal[] | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const part of form.parts) {
    const guards = rarity(part) < least ? guardsOf(part, rarity) : undefined;
    if (guards === undefined) continue;
    best = guards;
    least = rarity(part);
  }
  return best;
}
