/**
 * The limits that one number is compared with, lowest first. The number is above all up to a rung; when it moves, the limits that it passes are the only ones whose
 * answer changes, and they lie side by side. Each rung has beside it what else its condition asks, as far as two more comparisons say it, so that
 * most conditions are judged without leaving the ladder.
 */

/** A comparison, and the place of its number in a row of values. */
export interface Above {
  readonly place: number;
  readonly limit: number;
}

export interface Rung {
  readonly limit: number;
  readonly condition: number;
  /** What else must be so; two at most. */
  readonly and: readonly Above[];
}

/** A bucket holds about as many limits as it has places, where limits are spread evenly. */
const PER_BUCKET = 1;
const MOST_BUCKETS = 1 << 16;

export class Ladder {
  readonly limits: Float64Array;
  readonly conditions: Uint32Array;
  /** What else is asked: where the first and the second number are, and what they must be above. */
  readonly firstPlaces: Uint32Array;
  readonly firstLimits: Float64Array;
  readonly secondPlaces: Uint32Array;
  readonly secondLimits: Float64Array;
  /** By bucket of the span from the lowest limit to the highest: the first rung there. It makes finding a number's place a step or two. */
  readonly #buckets: Uint32Array;
  readonly #scale: number;

  /** `anything`: the place of the number that is above every limit. */
  constructor(rungs: readonly Rung[], anything: number) {
    const sorted = [...rungs].sort((a, b) => a.limit - b.limit || a.condition - b.condition);
    this.limits = Float64Array.from(sorted, ({ limit }) => limit);
    this.conditions = Uint32Array.from(sorted, ({ condition }) => condition);
    this.firstPlaces = Uint32Array.from(sorted, ({ and: [first] }) => first?.place ?? anything);
    this.firstLimits = Float64Array.from(sorted, ({ and: [first] }) => first?.limit ?? 0);
    this.secondPlaces = Uint32Array.from(sorted, ({ and: [, second] }) => second?.place ?? anything);
    this.secondLimits = Float64Array.from(sorted, ({ and: [, second] }) => second?.limit ?? 0);
    const size = sorted.length;
    const buckets = Math.min(MOST_BUCKETS, Math.ceil(size / PER_BUCKET));
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
    while (high - low > 4) {
      const middle = (low + high) >>> 1;
      if (limits[middle]! < value) low = middle + 1;
      else high = middle;
    }
    while (low < high && limits[low]! < value) low++;
    return low;
  }
}
