/** How many values a window holds, or how many numbers of it lie within bounds. */
import { Type } from '../../documents/schema.ts';
import type { GaugeKind } from './gauge.ts';
import { EMPTY, lost, numbersOf, seriesOf, valuesOf, type WindowOptions, windowOptions } from './windowed.ts';

interface Options extends WindowOptions {
  readonly from?: number;
  readonly below?: number;
}

export const count: GaugeKind<Options> = {
  kind: 'count',
  description: 'how many values, of whatever type, the window holds; with bounds, how many numbers within them',
  options: windowOptions({
    from: Type.Optional(Type.Number({ description: 'only numbers from this on' })),
    below: Type.Optional(Type.Number({ description: 'only numbers below this' })),
  }),
  create: ({ from, below, ...options }) => ({
    ...seriesOf(options),
    read: (_memo, window, _now, probeAlive) => {
      const unsure = lost(window);
      if (unsure !== undefined) return unsure;
      // Exact rule 9: nothing came in is 0 only while who would have told is alive.
      if (window.size === 0) return probeAlive ? { value: 0 } : EMPTY;
      if (from === undefined && below === undefined) return { value: window.size };
      const samples = numbersOf(window);
      if (!Array.isArray(samples)) return samples;
      const within = valuesOf(samples).filter((x) => (from === undefined || x >= from) && (below === undefined || x < below));
      return { value: within.length };
    },
  }),
};
