/** The largest number of a window. */
import type { GaugeKind } from './gauge.ts';
import { max as maxOf } from './statistics.ts';
import { foldingGauge, PLAIN, type WindowOptions } from './windowed.ts';

export const max: GaugeKind<WindowOptions> = {
  kind: 'max',
  description: 'the largest number of the window',
  options: PLAIN,
  create: (options) => foldingGauge(options, maxOf),
};
