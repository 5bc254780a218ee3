/** The arithmetic mean of a window. */
import type { GaugeKind } from './gauge.ts';
import { mean as meanOf } from './statistics.ts';
import { foldingGauge, PLAIN, type WindowOptions } from './windowed.ts';

export const mean: GaugeKind<WindowOptions> = {
  kind: 'mean',
  description: 'the arithmetic mean of the window',
  options: PLAIN,
  create: (options) => foldingGauge(options, meanOf),
};
