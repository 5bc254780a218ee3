/** Quantiles of a histogram with cumulative buckets, as Prometheus' histogram_quantile works them out. */

/** Upper bound → how many measurements were at most that. */
export type Buckets = ReadonlyMap<number, number>;

/** What came between two scrapes. After a restart of the exporter its counts began again: then all that it counts is new. */
export function since(before: Buckets, now: Buckets): Buckets {
  for (const [bound, count] of now) if (count < (before.get(bound) ?? 0)) return now;
  return new Map([...now].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]));
}

/**
 * The value below which the share `quantile` lies, taking measurements as spread evenly within a bucket. Above the highest finite bound nothing is known but the bound. Undefined: nothing was
 * measured, or there is no bucket without an upper bound.
 */
export function quantileOf(quantile: number, buckets: Buckets): number | undefined {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const [last, total] = sorted.at(-1) ?? [0, 0];
  if (last !== Infinity || sorted.length < 2 || !(total > 0)) return undefined;
  const rank = quantile * total;
  // Counts that were read while they changed may fall a little from one bucket to the next.
  let below = 0;
  let lower = 0;
  for (const [i, [bound, count]] of sorted.entries()) {
    const upTo = Math.max(below, count);
    if (upTo >= rank) {
      if (bound === Infinity) return sorted.at(-2)![0];
      if (i === 0 && bound <= 0) return bound;
      return lower + (bound - lower) * ((rank - below) / (upTo - below || 1));
    }
    below = upTo;
    lower = bound;
  }
  return undefined;
}
