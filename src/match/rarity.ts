/**
 * Which of the comparisons of a condition are likely to be true, estimated from the policies alone: people put limits where values are, so a limit that lies beyond
 * most others of its fact is passed rarely. It decides what is judged first, and never what is true.
 */
import type { Ladder } from './ladder.ts';
import { type Form, isJoined, type Literal, oppositeOf } from './literals.ts';

/** How likely what cannot be estimated is taken to be, and that a fact is some one value. */
const UNKNOWN = 0.5;
const ONE_VALUE = 0.1;

/** Says how rare a form is, and each part of it, and puts the parts in order: of an `all` the rarest first, of an `any` the likeliest. */
export function weigh(form: Form, ladders: readonly Ladder[]): number {
  if (!isJoined(form)) form.rarity = rarityOf(form, ladders);
  else {
    const isAll = form.kind === 'all';
    let product = 1;
    for (const part of form.parts) {
      const rarity = weigh(part, ladders);
      product *= isAll ? rarity : 1 - rarity;
    }
    form.rarity = isAll ? product : 1 - product;
    form.parts.sort(isAll ? (a, b) => a.rarity - b.rarity : (a, b) => b.rarity - a.rarity);
  }
  return form.rarity;
}

function rarityOf(literal: Literal, ladders: readonly Ladder[]): number {
  if (literal.kind === 'other') return UNKNOWN;
  if (literal.kind === 'among') {
    const share = Math.min(UNKNOWN, literal.values.size * ONE_VALUE);
    return literal.wanted ? share : 1 - share;
  }
  // Among the limits of a fact are those of its negative: they are passed the other way.
  const { place, limit, rank } = literal;
  const opposite = ladders[oppositeOf(place)]!;
  const passed = rank + opposite.size - opposite.heightOf(-limit);
  return 1 - passed / (ladders[place]!.size + opposite.size);
}

/** Adds literals of which at least one is true whenever the form is: the rarest set of them. Returns false if it may be true without any. */
export function addGuards(form: Form, guards: Literal[]): boolean {
  if (!isJoined(form)) return guards.push(form) > 0;
  const before = guards.length;
  if (form.kind === 'all') return form.parts.some((part) => addGuards(part, guards));
  if (form.parts.every((part) => addGuards(part, guards))) return true;
  guards.length = before;
  return false;
}
