/** The smallest number of a window. */
import type { GaugeKind } from './gauge.ts';
import { min as minOf } from './statistics.ts';
import { foldingGauge, PLAIN, type WindowOptions } from './windowed.ts';

export const min: GaugeKind<WindowOptions> = {
  kind: 'min',
  description: 'the smallest number of the window',
  options: PLAIN,
  create: (options) => foldingGauge(options, minOf),
};
