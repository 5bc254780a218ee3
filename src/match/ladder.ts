/**
 * The limits that one number is compared with, lowest first. The number is above all up to a rung; when it moves, the limits that it passes are the only ones whose
 * answer changes, and they lie side by side. Each rung has beside it what else its condition asks, as far as two more comparisons say it, so that
 * most conditions are judged without leaving the ladder.
 */

/** What rungs say, one after the other, as a ladder is put together. */
export interface Rungs {
  readonly limits: number[];
  readonly conditions: number[];
  /** What else is asked: where the first and the second number are, and what they must be above. */
  readonly firstPlaces: number[];
  readonly firstLimits: number[];
  readonly secondPlaces: number[];
  readonly secondLimits: number[];
}

export const noRungs = (): Rungs => ({ limits: [], conditions: [], firstPlaces: [], firstLimits: [], secondPlaces: [], secondLimits: [] });

const MOST_BUCKETS = 1 << 16;
/** As many limits are looked at one by one. */
const FEW = 4;

export class Ladder {
  readonly limits: Float64Array;
  readonly conditions: Uint32Array;
  readonly firstPlaces: Uint32Array;
  readonly firstLimits: Float64Array;
  readonly secondPlaces: Uint32Array;
  readonly secondLimits: Float64Array;
  /** By bucket of the span from the lowest limit to the highest, of which there are as many as limits: the first rung there. It makes finding a number's place a step or two. */
  readonly #buckets: Uint32Array;
  readonly #scale: number;

  constructor(rungs: Rungs) {
    const size = rungs.limits.length;
    const { limits } = rungs;
    const order = Uint32Array.from(limits.keys()).sort((a, b) => limits[a]! - limits[b]! || a - b);
    const numbers = (column: readonly number[]) => Float64Array.from(order, (i) => column[i]!);
    const places = (column: readonly number[]) => Uint32Array.from(order, (i) => column[i]!);
    this.limits = numbers(limits);
    this.conditions = places(rungs.conditions);
    this.firstPlaces = places(rungs.firstPlaces);
    this.firstLimits = numbers(rungs.firstLimits);
    this.secondPlaces = places(rungs.secondPlaces);
    this.secondLimits = numbers(rungs.secondLimits);
    const buckets = Math.min(MOST_BUCKETS, size);
    const span = size === 0 ? 0 : this.limits[size - 1]! - this.limits[0]!;
    this.#scale = span > 0 ? buckets / span : 0;
    this.#buckets = new Uint32Array(buckets + 1).fill(size);
    for (let i = size - 1; i >= 0; i--) this.#buckets[this.#bucketOf(this.limits[i]!)] = i;
    for (let i = buckets - 1; i >= 0; i--) this.#buckets[i] = Math.min(this.#buckets[i]!, this.#buckets[i + 1]!);
  }

  #bucketOf(value: number): number {
    return Math.min(this.#buckets.length - 2, ((value - this.limits[0]!) * this.#scale) >>> 0);
  }

  /** How many limits a number is above. */
  cut(value: number): number {
    const { limits } = this;
    const size = limits.length;
    if (size === 0 || !(value > limits[0]!)) return 0;
    if (value > limits[size - 1]!) return size;
    const bucket = this.#bucketOf(value);
    let low = this.#buckets[bucket]!;
    let high = this.#buckets[bucket + 1]!;
    while (high - low > FEW) {
      const middle = (low + high) >>> 1;
      if (limits[middle]! < value) low = middle + 1;
      else high = middle;
    }
    while (low < high && limits[low]! < value) low++;
    return low;
  }
}
