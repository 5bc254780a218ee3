/** How fast a value rises or falls. */
import type { GaugeKind, SeriesGauge } from './gauge.ts';
import { confidenceOf, type NumberSample, numberReading, numbersOf, PLAIN, seriesOf, type WindowOptions } from './windowed.ts';

export const derivative: GaugeKind<WindowOptions> = {
  kind: 'derivative',
  description: 'how fast a value rises, or falls, per second: the slope of the straight line through the window',
  options: PLAIN,
  create: (options): SeriesGauge => ({
    ...seriesOf(options),
    read: (_memo, window) => {
      const samples = numbersOf(window);
      if (!Array.isArray(samples)) return samples;
      const slope = slopeOf(samples);
      if (slope === undefined) return { why: 'a derivative needs two values of different times in the window' };
      return numberReading(slope, confidenceOf(window));
    },
  }),
};

/**
 * Least squares, as Prometheus' deriv(); covariance and variance in one pass, in the manner of Welford (see statistics.ts).
 * Undefined: all values are of one time.
 */
function slopeOf(samples: readonly NumberSample[]): number | undefined {
  const start = samples[0]!.time;
  let [meanTime, meanValue, timeSquares, products, n] = [0, 0, 0, 0, 0];
  for (const { time, value } of samples) {
    const seconds = (time - start) / 1_000;
    const off = seconds - meanTime;
    meanTime += off / ++n;
    meanValue += (value - meanValue) / n;
    timeSquares += off * (seconds - meanTime);
    products += off * (value - meanValue);
  }
  return timeSquares === 0 ? undefined : products / timeSquares;
}
