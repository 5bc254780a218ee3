/** What the gauges over a window share: the option, and how samples that are missing or are no numbers are answered (exact rule 9). */

import { type Static, type TProperties, Type } from '../../documents/schema.ts';
import { Duration } from '../../duration.ts';
import { Name, type Value } from '../../messages.ts';
import type { GaugeReading, SeriesGauge, WindowSample, WindowView } from './gauge.ts';
import { spanMs } from './spans.ts';

export const closed = { additionalProperties: false } as const;

/** Most samples of a window by count; `limits.windowSamples` may be lower. */
const LONGEST_COUNT = 100_000;

export const Of = Type.Optional(Type.Unsafe<string>({ ...Name, description: 'the observed property; that of its own name if not given' }));

export const Window = Type.Union([Duration, Type.Object({ count: Type.Integer({ minimum: 1, maximum: LONGEST_COUNT }) }, closed)], {
  description: 'a span such as "10s": the samples of the last 10 s; or { "count": 20 }: the last 20 samples',
});
export type Window = Static<typeof Window>;

export interface WindowOptions {
  readonly of?: string;
  readonly window: Window;
}

/** The options of a gauge over a window, with those of its own. */
export const windowOptions = <P extends TProperties>(own: P) => Type.Object({ of: Of, window: Window, ...own }, closed);

export const windowOf = (window: Window): { ms: number } | { count: number } =>
  typeof window === 'string' ? { ms: spanMs('window', window) } : { count: window.count };

/** `of` and `window` as a gauge has them. */
export const seriesOf = ({ of, window }: WindowOptions): Pick<SeriesGauge, 'over' | 'of' | 'window' | 'start'> => ({
  over: 'series',
  ...(of === undefined ? {} : { of }),
  window: windowOf(window),
  start: () => ({}),
});

/** A gauge without options but `of` and `window`. */
export const PLAIN = windowOptions({});

export const EMPTY: GaugeReading = { why: 'no value in the window' };

/** For gauges that a lost value makes wrong, and not only less sure. */
export const lost = (window: WindowView): GaugeReading | undefined =>
  window.coalesced > 0 ? { why: `${window.coalesced} values were dropped on the way` } : undefined;

export const notANumber = (value: Value): string => `${JSON.stringify(value).slice(0, 40)} is not a number`;

/** A finite number as a reading that JSON can keep: adding 0 makes 0 of -0. */
export const numberReading = (value: number, confidence = 1): GaugeReading => {
  if (!Number.isFinite(value)) return { why: 'the numbers are too large' };
  return confidence < 1 ? { value: value + 0, confidence } : { value: value + 0 };
};

/** Share of the values measured that reached the window. */
export const confidenceOf = (window: WindowView): number => (window.size === 0 ? 1 : window.size / (window.size + window.coalesced));

export type NumberSample = WindowSample & { readonly value: number };

/** The samples as numbers, or the reading that says why they are none. */
export function numbersOf(window: WindowView, keep: (sample: WindowSample) => boolean = () => true): NumberSample[] | GaugeReading {
  const numbers: NumberSample[] = [];
  for (const sample of window.samples) {
    if (!keep(sample)) continue;
    if (typeof sample.value !== 'number') return { why: notANumber(sample.value) };
    numbers.push(sample as NumberSample);
  }
  return numbers.length === 0 ? EMPTY : numbers;
}

/** A gauge that folds the numbers of its window; there is at least one. Lost values lower its confidence. */
export const foldingGauge = (options: WindowOptions, fold: (numbers: readonly number[]) => number): SeriesGauge => ({
  ...seriesOf(options),
  read: (_memo, window) => {
    const samples = numbersOf(window);
    return Array.isArray(samples) ? numberReading(fold(valuesOf(samples)), confidenceOf(window)) : samples;
  },
});

export const valuesOf = (samples: readonly NumberSample[]): number[] => samples.map((sample) => sample.value);
