/** What all conditions together ask of one fact. */
import { Ladder, noRungs, type Rungs } from './ladder.ts';
import { type Form, type Literal, literalsOf } from './literals.ts';
import { placeOf } from './program.ts';
import { Values } from './values.ts';

/** A condition with what is asked of it again and again. */
export interface Asking {
  readonly form: Form;
  readonly literals: readonly Literal[];
  /** Whether all of its comparisons must be true. */
  readonly plain: boolean;
  /** Whether each of its rungs asks all that it asks. */
  readonly onRungs: boolean;
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

export function askingOf(form: Form): Asking {
  const literals = literalsOf(form);
  const plain = isPlain(form);
  return { form, literals, plain, onRungs: plain && literals.length <= 1 + ROOM && literals.every(({ asks }) => asks.kind === 'above') };
}

const isPlain = (form: Form): boolean =>
  form.kind === 'literal' || (form.kind === 'all' && form.parts.length > 0 && form.parts.every(isPlain));

/** Gathers what is asked of the facts, literal by literal. */
export class Asked {
  readonly #slots: ReadonlyMap<string, number>;
  readonly #facts: {
    readonly up: Rungs;
    readonly down: Rungs;
    readonly among: { readonly values: ReadonlySet<unknown>; readonly wanted: boolean; readonly condition: number }[];
    readonly others: number[];
    readonly numeric: number[];
  }[];

  constructor(slots: ReadonlyMap<string, number>) {
    this.#slots = slots;
    this.#facts = Array.from(slots, () => ({ up: noRungs(), down: noRungs(), among: [], others: [], numeric: [] }));
  }

  /** One literal of a condition; those of a condition follow each other. */
  add(literal: Literal, condition: number, asking: Asking): void {
    const { asks, reads } = literal;
    if (asks.kind === 'other') {
      for (const fact of reads) pushOnce(this.#facts[this.#slots.get(fact)!]!.others, condition);
      return;
    }
    const fact = this.#facts[this.#slots.get(literal.fact)!]!;
    if (asks.kind === 'among') return void fact.among.push({ values: asks.values, wanted: asks.wanted, condition });
    pushOnce(fact.numeric, condition);
    const rungs = asks.negative ? fact.down : fact.up;
    rungs.limits.push(asks.limit);
    rungs.conditions.push(condition);
    this.#beside(rungs, literal, asking);
  }

  /** Up to two other comparisons of the same condition, and in place of those that there are not what is always so. */
  #beside({ firstPlaces, firstLimits, secondPlaces, secondLimits }: Rungs, literal: Literal, { plain, literals }: Asking): void {
    const anything = 2 * this.#slots.size;
    let [places, limits] = [firstPlaces, firstLimits];
    let count = 0;
    for (let i = 0; plain && i < literals.length && count < ROOM; i++) {
      const other = literals[i]!;
      if (other === literal || other.asks.kind !== 'above') continue;
      places.push(placeOf(other, this.#slots));
      limits.push(other.asks.limit);
      [places, limits] = [secondPlaces, secondLimits];
      count++;
    }
    for (; count < ROOM; count++) {
      places.push(anything);
      limits.push(0);
      [places, limits] = [secondPlaces, secondLimits];
    }
  }

  /** By fact, in the order of the slots. */
  facts(): AskedFact[] {
    return this.#facts.map(({ up, down, among, others, numeric }) => ({
      up: new Ladder(up),
      down: new Ladder(down),
      values: new Values(among),
      others,
      numeric,
    }));
  }
}

function pushOnce(list: number[], condition: number): void {
  if (list[list.length - 1] !== condition) list.push(condition);
}
