/**
 * Quantiles by the nearest rank: the smallest number that at least a share q of all numbers do not exceed.
 * Exact while that is cheap; above, a sketch.
 */

/** Numbers up to which a quantile is exact: about where sorting begins to cost more than a sketch. */
export const EXACT_UP_TO = 10_000;
/** Relative error of a sketched quantile if the options do not say. */
export const DEFAULT_ACCURACY = 0.01;

/** @param accuracy relative error allowed above EXACT_UP_TO numbers, 0…1. There is at least one number. */
export function quantile(numbers: readonly number[], q: number, accuracy = DEFAULT_ACCURACY): number {
  return numbers.length <= EXACT_UP_TO ? exactQuantile(numbers, q) : sketchedQuantile(numbers, q, accuracy);
}

export const exactQuantile = (numbers: readonly number[], q: number): number => Float64Array.from(numbers).sort()[rank(q, numbers.length)]!;

/** Index of the nearest rank, from 0. The small step down undoes what 0.07 * 100 = 7.000000000000001 does. */
const rank = (q: number, n: number): number => Math.max(0, Math.ceil(q * n - 1e-9) - 1);

/**
 * Counts numbers in buckets whose bounds grow by γ = (1 + α) / (1 − α), so that any number of a bucket is within the share α of the value
 * that stands for it. Negative numbers have buckets of their own; zero is its own bucket.
 * C. Masson, J. E. Rim, H. K. Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", VLDB 12 (2019), section 2.
 */
export function sketchedQuantile(numbers: readonly number[], q: number, accuracy: number): number {
  const gamma = (1 + accuracy) / (1 - accuracy);
  const logGamma = Math.log(gamma);
  const negative = new Map<number, number>();
  const positive = new Map<number, number>();
  let [zeros, lowest, highest] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const x of numbers) {
    lowest = Math.min(lowest, x);
    highest = Math.max(highest, x);
    if (x === 0) zeros++;
    else {
      const bucket = Math.ceil(Math.log(Math.abs(x)) / logGamma);
      const side = x < 0 ? negative : positive;
      side.set(bucket, (side.get(bucket) ?? 0) + 1);
    }
  }
  // The value that stands for a bucket may lie outside of all numbers, or of all that can be written.
  const within = (x: number): number => Math.min(Math.max(x, lowest), highest);
  const middle = (bucket: number): number => Math.exp(bucket * logGamma) * (2 / (gamma + 1));
  let left = rank(q, numbers.length);
  for (const [bucket, count] of [...negative].sort(([a], [b]) => b - a)) {
    if (left < count) return within(-middle(bucket));
    left -= count;
  }
  if (left < zeros) return 0;
  left -= zeros;
  for (const [bucket, count] of [...positive].sort(([a], [b]) => a - b)) {
    if (left < count) return within(middle(bucket));
    left -= count;
  }
  throw new RangeError(`${q} is not between 0 and 1`);
}
