/**
 * The values of facts as the matcher last saw them, a row for each element, one after the other. Beside each number lie its two heights, how many limits it is above
 * and how many its negative is: so every comparison with a number is the question whether a height is above a rank. What is no number, or not known, is
 * above nothing; whatever else is known lies in a table. A row of heights begins with one that is above rank 0: what asks nothing asks that.
 */
import type { Ladder } from './ladder.ts';
import { placeOf, slotOf } from './literals.ts';

const FIRST_ROWS = 16;

export class Frames {
  /** Facts of a row. */
  readonly width: number;
  heights: Int32Array;
  #numbers: Float64Array;
  /** By place in `numbers`. */
  readonly #others = new Map<number, unknown>();
  /** By place. */
  readonly #ladders: readonly Ladder[];
  #odd = 0;
  #rows = 0;
  readonly #free: number[] = [];

  constructor(ladders: readonly Ladder[]) {
    this.#ladders = ladders;
    this.width = slotOf(ladders.length);
    this.heights = new Int32Array(FIRST_ROWS * placeOf(this.width));
    this.#numbers = new Float64Array(FIRST_ROWS * this.width).fill(Number.NaN);
  }

  /** Whether anything that is compared with a number is something else: it may still be read as one. */
  get odd(): boolean {
    return this.#odd > 0;
  }

  /** A row of which nothing is known. */
  add(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const row = this.#rows++;
    if ((row + 1) * this.width > this.#numbers.length) {
      const numbers = new Float64Array(this.#numbers.length * 2).fill(Number.NaN);
      numbers.set(this.#numbers);
      this.#numbers = numbers;
      const heights = new Int32Array(this.heights.length * 2);
      heights.set(this.heights);
      this.heights = heights;
    }
    this.heights[this.baseOf(row)] = 1;
    return row;
  }

  /** Where the heights of a row begin. */
  baseOf(row: number): number {
    return row * placeOf(this.width);
  }

  remove(row: number): void {
    for (let slot = 0; slot < this.width; slot++) this.set(row, slot, undefined);
    this.#free.push(row);
  }

  /** Undefined: it is not known. */
  get(row: number, slot: number): unknown {
    const place = row * this.width + slot;
    const number = this.#numbers[place]!;
    return Number.isNaN(number) ? this.#others.get(place) : number;
  }

  set(row: number, slot: number, value: unknown): void {
    const place = row * this.width + slot;
    const number = typeof value === 'number' ? value : Number.NaN;
    const above = placeOf(slot);
    const base = this.baseOf(row) + above;
    const up = this.#ladders[above]!;
    const down = this.#ladders[above + 1]!;
    this.#numbers[place] = number;
    this.heights[base] = up.heightOf(number);
    this.heights[base + 1] = down.heightOf(-number);
    const isOther = typeof value !== 'number' && value !== undefined;
    if (!isOther && this.#others.size === 0) return;
    const wasOther = this.#others.has(place);
    if (isOther) this.#others.set(place, value);
    else if (wasOther) this.#others.delete(place);
    if (up.size + down.size > 0) this.#odd += Number(isOther) - Number(wasOther);
  }
}
