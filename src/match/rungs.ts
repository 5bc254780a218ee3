/**
 * Comparisons in a row, those of a ladder and those that a value makes true side by side, each with what else its condition asks, as far as two more comparisons
 * with limits say it: so most conditions are judged by walking along rows of whole numbers.
 */
import type { Above, Literal } from './literals.ts';

/** The place of a height and the rank that it must be above are one number: what does not fit is not kept beside. */
const HALF = 16;
const LOWER = 0xffff;
const MOST_PLACES = 0x8000;

/** Rungs that lie side by side. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export class Rungs {
  readonly conditions: Int32Array;
  /** 1 if nothing else must be true than what lies beside. */
  readonly certain: Uint8Array;
  /** What else must be. 0: nothing, for the first height is above rank 0. */
  readonly first: Int32Array;
  readonly second: Int32Array;

  constructor(literals: readonly Literal[]) {
    const size = literals.length;
    this.conditions = new Int32Array(size);
    this.certain = new Uint8Array(size);
    this.first = new Int32Array(size);
    this.second = new Int32Array(size);
    for (let i = 0; i < size; i++) {
      const { condition, certain, first, second } = literals[i]!;
      this.conditions[i] = condition;
      this.certain[i] = Number(certain && fits(first) && fits(second));
      this.first[i] = asked(first);
      this.second[i] = asked(second);
    }
  }
}

const fits = (other: Above | undefined): boolean => other === undefined || (other.place < MOST_PLACES && other.rank <= LOWER);

const asked = (other: Above | undefined): number => (other !== undefined && fits(other) ? (other.place << HALF) | other.rank : 0);

/**
 * Writes down the rungs of a stretch beside which the right thing is true, behind as many as are there. Returns how many there are then.
 * Each is written down and then counted or not: which of them it is no processor can foresee, and a jump that was not foreseen costs more than all of this.
 * A rank less a height is negative, which its highest bit says, if the height is above it.
 */
export function sift(
  beside: Int32Array,
  heights: Int32Array,
  base: number,
  hits: Int32Array,
  hit: number,
  from: number,
  to: number,
): number {
  let count = hit;
  for (let i = from; i < to; i++) {
    const asked = beside[i]!;
    hits[count] = i;
    count += ((asked & LOWER) - heights[base + (asked >>> HALF)]!) >>> 31;
  }
  return count;
}

/** Keeps of so many rungs those beside which the right thing is true. Returns how many there are then. */
export function siftAgain(beside: Int32Array, heights: Int32Array, base: number, hits: Int32Array, many: number): number {
  let count = 0;
  for (let k = 0; k < many; k++) {
    const i = hits[k]!;
    const asked = beside[i]!;
    hits[count] = i;
    count += ((asked & LOWER) - heights[base + (asked >>> HALF)]!) >>> 31;
  }
  return count;
}
