/** The arithmetic mean of a window. */
import type { GaugeKind } from './gauge.ts';
import { mean as meanOf } from './statistics.ts';
import { foldingGauge, type WindowOptions, windowOptions } from './windowed.ts';

export const mean: GaugeKind<WindowOptions> = {
  kind: 'mean',
  description: 'the arithmetic mean of the window',
  options: windowOptions({}),
  create: (options) => foldingGauge(options, meanOf),
};
