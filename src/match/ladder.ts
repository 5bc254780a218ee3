/**
 * The limits that one number is compared with, lowest first, like the rungs of a ladder. How many of them a number is above is its height; when it moves, the limits
 * between its old and its new height are the only ones whose answer changes, and they lie side by side.
 */

/** To each limit, so that most have none or one. */
const BUCKETS = 4;
const MOST_BUCKETS = 1 << 16;
/** As many limits are looked at one by one. */
const FEW = 4;

export class Ladder {
  readonly #limits: Float64Array;
  /** By bucket of the span from the lowest limit to the highest: the first limit there. It makes finding a height a step or two. */
  readonly #buckets: Int32Array;
  readonly #scale: number;

  constructor(unordered: readonly number[]) {
    const limits = Float64Array.from(unordered).sort();
    const size = limits.length;
    this.#limits = limits;
    const buckets = Math.min(MOST_BUCKETS, BUCKETS * size);
    const span = size === 0 ? 0 : limits[size - 1]! - limits[0]!;
    this.#scale = span > 0 ? buckets / span : 0;
    this.#buckets = new Int32Array(buckets + 1).fill(size);
    for (let i = size - 1; i >= 0; i--) this.#buckets[this.#bucketOf(limits[i]!)] = i;
    for (let i = buckets - 1; i >= 0; i--) this.#buckets[i] = Math.min(this.#buckets[i]!, this.#buckets[i + 1]!);
  }

  get size(): number {
    return this.#limits.length;
  }

  #bucketOf(value: number): number {
    return Math.min(this.#buckets.length - 2, ((value - this.#limits[0]!) * this.#scale) >>> 0);
  }

  /** How many limits a number is above; NaN is above none. */
  heightOf(value: number): number {
    const limits = this.#limits;
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
