/** How fast a counter rises. */
import type { GaugeKind, GaugeReading, SeriesGauge } from './gauge.ts';
import { sum } from './statistics.ts';
import { lost, type NumberSample, numberReading, numbersOf, PLAIN, seriesOf, type WindowOptions } from './windowed.ts';

export const rate: GaugeKind<WindowOptions> = {
  kind: 'rate',
  description: 'how fast a counter rises, per second; a fall of the counter is its restart from 0',
  options: PLAIN,
  create: (options): SeriesGauge => ({
    ...seriesOf(options),
    read: (_memo, window) => {
      // Exact rule 9: a late value of a counter would look like a restart.
      const samples = numbersOf(window, (sample) => !sample.late);
      return lost(window) ?? (Array.isArray(samples) ? rising(samples) : samples);
    },
  }),
};

/**
 * Rise from the first value to the last, restarts made good as Prometheus does (promql/functions.go, extrapolatedRate), over the time between
 * the two. Unlike Prometheus it is not extrapolated to the ends of the window: what was not seen is not counted.
 */
function rising(samples: readonly NumberSample[]): GaugeReading {
  const seconds = (samples.at(-1)!.time - samples[0]!.time) / 1_000;
  if (seconds === 0) return { why: 'a rate needs two values of different times in the window' };
  const rises = samples.slice(1).map((sample, i) => (sample.value < samples[i]!.value ? sample.value : sample.value - samples[i]!.value));
  return numberReading(sum(rises) / seconds);
}
