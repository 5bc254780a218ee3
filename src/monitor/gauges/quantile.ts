/** A quantile of a window. */
import { Type } from '../../documents/schema.ts';
import type { GaugeKind } from './gauge.ts';
import { DEFAULT_ACCURACY, EXACT_UP_TO, quantile as quantileOf } from './quantiles.ts';
import { foldingGauge, type WindowOptions, windowOptions } from './windowed.ts';

interface Options extends WindowOptions {
  readonly q: number;
  readonly accuracy?: number;
}

export const quantile: GaugeKind<Options> = {
  kind: 'quantile',
  description: 'the number of the window that a share q of its numbers do not exceed',
  options: windowOptions({
    q: Type.Number({ minimum: 0, maximum: 1, description: 'a share: 0.5 is the median, 0.95 the p95' }),
    accuracy: Type.Optional(
      Type.Number({
        minimum: 0.0001,
        maximum: 0.1,
        default: DEFAULT_ACCURACY,
        description: `largest relative error, as a share, in windows of more than ${EXACT_UP_TO} samples; smaller ones are exact`,
      }),
    ),
  }),
  create: (options) => foldingGauge(options, (numbers) => quantileOf(numbers, options.q, options.accuracy)),
};
