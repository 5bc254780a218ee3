/**
 * Conditions as one flat program: a row of literals, each with the place to go on at when it is true and when it is not. Judging a condition walks from
 * its first literal until it leaves the program, and touches no object as long as numbers are compared.
 */
import type { Frames } from './frames.ts';
import { constant, type Form, type Literal } from './literals.ts';
import type { Rarity } from './rarity.ts';

/** Places that are none: the condition is true, or is not. */
const YES = -1;
const NO = -2;

interface Placed {
  readonly literal: Literal;
  readonly yes: number;
  readonly no: number;
}

export class Program {
  readonly #start: Uint32Array;
  /** The place, in a row of values, of what is compared; of what is asked otherwise, that of its fact. */
  readonly #place: Uint32Array;
  /** NaN: not a comparison with a limit. */
  readonly #limit: Float64Array;
  readonly #yes: Int32Array;
  readonly #no: Int32Array;
  readonly #literals: readonly Literal[];
  readonly #slots: ReadonlyMap<string, number>;

  /** In an `all` the rarest part is judged first, in an `any` the likeliest. */
  constructor(forms: readonly Form[], slots: ReadonlyMap<string, number>, rarity: Rarity) {
    const placed: Placed[] = [];
    this.#start = Uint32Array.from(forms, (form) => {
      const start = placed.length;
      place(form, YES, NO, placed, rarity);
      return start;
    });
    this.#place = Uint32Array.from(placed, ({ literal }) => placeOf(literal, slots));
    this.#limit = Float64Array.from(placed, ({ literal: { asks } }) => (asks.kind === 'above' ? asks.limit : Number.NaN));
    this.#yes = Int32Array.from(placed, ({ yes }) => yes);
    this.#no = Int32Array.from(placed, ({ no }) => no);
    this.#literals = placed.map(({ literal }) => literal);
    this.#slots = slots;
  }

  /** Whether a condition is known to be true of the facts that begin at a base. */
  holds(condition: number, frames: Frames, base: number): boolean {
    const { numbers, odd } = frames;
    let at = this.#start[condition]!;
    do {
      const limit = this.#limit[at]!;
      const value = numbers[base + this.#place[at]!]!;
      const holds = !Number.isNaN(limit) && !(odd && Number.isNaN(value)) ? value > limit : this.#holdsOther(at, frames, base);
      at = holds ? this.#yes[at]! : this.#no[at]!;
    } while (at >= 0);
    return at === YES;
  }

  #holdsOther(at: number, frames: Frames, base: number): boolean {
    const { asks, odd } = this.#literals[at]!;
    if (asks.kind === 'other') return asks.judge((name) => frames.get(base, this.#slots.get(name)!));
    const found = frames.get(base, this.#place[at]! >> 1);
    if (found === undefined) return false;
    return asks.kind === 'among' ? asks.values.has(found) === asks.wanted : odd(found);
  }
}

/** Where a row of values has what a literal compares. */
export function placeOf({ fact, asks }: Literal, slots: ReadonlyMap<string, number>): number {
  return 2 * (slots.get(fact) ?? 0) + (asks.kind === 'above' && asks.negative ? 1 : 0);
}

/** Puts a form down, to go on at `yes` or `no` after it. An empty `all` is true, an empty `any` is not. */
function place(form: Form, yes: number, no: number, placed: Placed[], rarity: Rarity): void {
  if (form.kind === 'literal') return void placed.push({ literal: form.literal, yes, no });
  const isAll = form.kind === 'all';
  const parts = [...form.parts].sort((a, b) => (isAll ? rarity(a) - rarity(b) : rarity(b) - rarity(a)));
  if (parts.length === 0) placed.push({ literal: constant(isAll), yes, no });
  for (const [i, part] of parts.entries()) {
    const next = placed.length + sizeOf(part);
    const isLast = i === parts.length - 1;
    place(part, isAll && !isLast ? next : yes, !isAll && !isLast ? next : no, placed, rarity);
  }
}

const sizeOf = (form: Form): number =>
  form.kind === 'literal'
    ? 1
    : Math.max(
        1,
        form.parts.reduce((sum, part) => sum + sizeOf(part), 0),
      );
