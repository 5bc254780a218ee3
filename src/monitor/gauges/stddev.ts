/** The standard deviation of a window. */
import type { GaugeKind } from './gauge.ts';
import { stddev as stddevOf } from './statistics.ts';
import { foldingGauge, PLAIN, type WindowOptions } from './windowed.ts';

export const stddev: GaugeKind<WindowOptions> = {
  kind: 'stddev',
  description: 'the standard deviation of the window, divided by n as in Prometheus',
  options: PLAIN,
  create: (options) => foldingGauge(options, stddevOf),
};
