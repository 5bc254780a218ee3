/** Samples of any spacing as steps of equal length, for gauges whose formulas know only those. */
import type { GaugeReading, WindowView } from './gauge.ts';
import { mean } from './statistics.ts';
import { numbersOf } from './windowed.ts';

export interface Bins {
  /** The number of the first bin: bin k is the time [k · step, (k + 1) · step) since the epoch. */
  readonly first: number;
  /** Mean of each bin; undefined: nothing was observed in it. The first has a value. */
  readonly values: readonly (number | undefined)[];
}

/** The newest bin that is over. */
export const lastBin = (stepMs: number, now: number): number => Math.floor(now / stepMs) - 1;

/**
 * The means of the bins that are over and lie in the window as a whole, from the first that has a value. Bins stand still in time, so that the same
 * samples make the same bins for as long as they are in the window. Without any, or with a value that is no number: why.
 */
export function binsOf(window: WindowView, windowMs: number, stepMs: number, now: number): Bins | GaugeReading {
  const samples = numbersOf(window);
  if (!Array.isArray(samples)) return samples;
  const oldest = Math.floor((now - windowMs) / stepMs) + 1;
  const newest = lastBin(stepMs, now);
  const bins: number[][] = [];
  let first: number | undefined;
  for (const { time, value } of samples) {
    const bin = Math.floor(time / stepMs);
    if (bin < oldest || bin > newest) continue;
    first ??= bin;
    const members = bins[bin - first];
    if (members === undefined) bins[bin - first] = [value];
    else members.push(value);
  }
  if (first === undefined) return { why: 'no step is over yet' };
  const values = Array.from({ length: newest - first + 1 }, (_, i) => (bins[i] === undefined ? undefined : mean(bins[i])));
  return { first, values };
}
