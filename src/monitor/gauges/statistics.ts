/**
 * Sums and moments, folded afresh from the numbers of a window each time. Nothing is added on arrival and subtracted on departure,
 * so no rounding error stays behind when the numbers have left.
 */

/**
 * Sum with the lost low-order bits carried along.
 * A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54 (1974), algorithm IV.
 */
export function sum(numbers: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const x of numbers) {
    const next = total + x;
    lost += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total;
    total = next;
  }
  return total + lost;
}

/**
 * Mean and sum of squared deviations in one pass.
 * B. P. Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products", Technometrics 4 (1962).
 */
function moments(numbers: readonly number[]): { mean: number; squares: number } {
  let [mean, squares, n] = [0, 0, 0];
  for (const x of numbers) {
    const off = x - mean;
    mean += off / ++n;
    squares += off * (x - mean);
  }
  return { mean, squares };
}

/** Arithmetic mean; there is at least one number. */
export const mean = (numbers: readonly number[]): number => moments(numbers).mean;

/** Standard deviation of the numbers themselves (divided by n, as Prometheus' stddev_over_time); 0 for one number. */
export const stddev = (numbers: readonly number[]): number => Math.sqrt(moments(numbers).squares / numbers.length);

export const min = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b));

export const max = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b));

/** The middle one, or between the two in the middle; there is at least one number. */
export function median(numbers: readonly number[]): number {
  const sorted = Float64Array.from(numbers).sort();
  const half = sorted.length >> 1;
  // Halved first, so that two large numbers do not overflow.
  return sorted.length % 2 === 1 ? sorted[half]! : sorted[half - 1]! / 2 + sorted[half]! / 2;
}
