/** The sum of a window. */
import type { GaugeKind } from './gauge.ts';
import { sum as sumOf } from './statistics.ts';
import { EMPTY, lost, numberReading, numbersOf, PLAIN, seriesOf, valuesOf, type WindowOptions } from './windowed.ts';

export const sum: GaugeKind<WindowOptions> = {
  kind: 'sum',
  description: 'the sum of the window',
  options: PLAIN,
  create: (options) => ({
    ...seriesOf(options),
    read: (_memo, window, _now, probeAlive) => {
      const samples = numbersOf(window);
      // Exact rule 9: nothing came in is 0 only while who would have told is alive.
      if (samples === EMPTY && probeAlive) return { value: 0 };
      return lost(window) ?? (Array.isArray(samples) ? numberReading(sumOf(valuesOf(samples))) : samples);
    },
  }),
};
