/**
 * What a value is expected to be, from its trend and its season: additive Holt-Winters with a damped trend.
 *
 * C. C. Holt 1957; P. R. Winters, "Forecasting Sales by Exponentially Weighted Moving Averages", Management Science 6 (1960); E. S. Gardner, E. McKenzie,
 * "Forecasting Trends in Time Series", Management Science 31 (1985). Equations as in R. J. Hyndman, G. Athanasopoulos, "Forecasting: Principles and Practice",
 * 3rd ed., 8.2 and 8.3; where a bin has no value, its error is taken to be 0, so the state goes on as it was forecast.
 */

import { Type } from '../../documents/schema.ts';
import { Duration, formatMs } from '../../duration.ts';
import { HomeostatError } from '../../errors.ts';
import { binsOf, lastBin } from './bins.ts';
import type { GaugeKind, GaugeReading, WindowView } from './gauge.ts';
import { spanMs } from './spans.ts';
import { closed, confidenceOf, numberReading, Of, seriesOf } from './windowed.ts';

interface Options {
  readonly of?: string;
  readonly window: string;
  readonly step: string;
  readonly horizon: string;
  readonly season?: string;
  readonly level?: number;
  readonly trend?: number;
  readonly seasonal?: number;
  readonly damping?: number;
}

/** A straight line through so many values is where smoothing begins (Hyndman, Koehler, Ord, Snyder, "Forecasting with Exponential Smoothing", 2008, 2.6.1). */
const TO_BEGIN = 10;
/** Past forecasts that must have come true or not before one is given. */
const CHECKED = 3;
const MOST_BINS = 10_000;

interface Smoothing {
  /** Bins of a season; 0: there is none. */
  readonly season: number;
  /** Bins from the newest that is over to the one that is forecast. */
  readonly ahead: number;
  readonly level: number;
  readonly trend: number;
  readonly seasonal: number;
  readonly damping: number;
}

const share = (minimum: number, byDefault: number, description: string) =>
  Type.Optional(Type.Number({ minimum, maximum: 1, default: byDefault, description }));

const span = (description: string) => Type.Unsafe<string>({ ...Duration, description });

export const forecast: GaugeKind<Options> = {
  kind: 'forecast',
  description:
    'what the value will be after the horizon, from its trend and season (Holt-Winters, damped); the confidence is what its past errors leave: 1 − Σ|error| / Σ|value|',
  options: Type.Object(
    {
      of: Of,
      window: span('how far back it looks: at least two seasons and some steps'),
      step: span('values are averaged over steps of this length, and the forecast is made anew at the end of each'),
      horizon: span('how far ahead it looks, in whole steps: "10m"'),
      season: Type.Optional(span('after which time things repeat, a multiple of step: "24h"; none if not given')),
      level: share(0.01, 0.3, 'α: how much of a new value goes into the level'),
      trend: share(0, 0.1, 'β*: how much of a new rise goes into the trend'),
      seasonal: share(0, 0.3, 'γ: how much of a new deviation goes into the season'),
      damping: share(0.5, 0.98, 'φ: the share of the trend that is left after each step; 1: it goes on for ever'),
    },
    closed,
  ),
  create: ({ of, window, step, horizon, season, level = 0.3, trend = 0.1, seasonal = 0.3, damping = 0.98 }) => {
    const [windowMs, stepMs] = [spanMs('window', window), spanMs('step', step)];
    const seasonBins = season === undefined ? 0 : spanMs('season', season) / stepMs;
    const smoothing = { season: seasonBins, ahead: Math.ceil(spanMs('horizon', horizon) / stepMs) + 1, level, trend, seasonal, damping };
    const bins = Math.floor(windowMs / stepMs) - 1;
    if (!Number.isInteger(seasonBins) || seasonBins === 1)
      throw new HomeostatError(
        'H007',
        `season must be two steps or more, and a whole number of them; found "${season}" in steps of "${step}"`,
      );
    if (bins < needed(smoothing) || bins > MOST_BINS) {
      const [least, most] = [formatMs((needed(smoothing) + 1) * stepMs), formatMs((MOST_BINS + 1) * stepMs)];
      throw new HomeostatError('H007', `window must be between ${least} and ${most} with this step, season and horizon; found "${window}"`);
    }
    return {
      ...seriesOf({ ...(of === undefined ? {} : { of }), window }),
      read: (_memo, view, now) => read(view, windowMs, stepMs, now, smoothing),
    };
  },
};

const toBegin = ({ season }: Smoothing): number => (season === 0 ? TO_BEGIN : 2 * season);
const needed = (smoothing: Smoothing): number => toBegin(smoothing) + smoothing.ahead + CHECKED - 1;

function read(view: WindowView, windowMs: number, stepMs: number, now: number, smoothing: Smoothing): GaugeReading {
  const bins = binsOf(view, windowMs, stepMs, now);
  const nextAt = (lastBin(stepMs, now) + 2) * stepMs;
  if (!('values' in bins)) return view.size === 0 ? bins : { ...bins, nextAt };
  const { values, first } = bins;
  const few = (why: string): GaugeReading => ({ why, nextAt });
  if (values.length < needed(smoothing))
    return few(`it needs ${needed(smoothing)} steps of ${formatMs(stepMs)}, and there are ${values.length}`);
  const walked = walk(values, first, smoothing);
  if (walked === undefined) return few('too many steps of the window have no value');
  return { ...numberReading(walked.expected, walked.confidence * confidenceOf(view)), nextAt };
}

interface Smoothed {
  level: number;
  trend: number;
  /** By phase; empty: there is no season. */
  readonly seasons: number[];
}

/** Smooths all bins, and judges each past forecast of the same horizon by what came. Undefined: too few could be judged. */
function walk(
  values: readonly (number | undefined)[],
  first: number,
  smoothing: Smoothing,
): { expected: number; confidence: number } | undefined {
  const { season, ahead, damping } = smoothing;
  const phase = (i: number): number => (season === 0 ? 0 : (first + i) % season);
  const from = toBegin(smoothing);
  const state = season === 0 ? lineThrough(values.slice(0, from)) : seasonsOf(values.slice(0, from), season, phase);
  if (state === undefined) return undefined;
  const reach = damping === 1 ? ahead : (damping * (1 - damping ** ahead)) / (1 - damping);
  const forecasts: number[] = [];
  const expect = (i: number): number => state.level + reach * state.trend + (state.seasons[phase(i + ahead)] ?? 0);
  let [errors, sizes, checked] = [0, 0, 0];
  forecasts[from - 1 + ahead] = expect(from - 1);
  for (let i = from; i < values.length; i++) {
    const [value, said] = [values[i], forecasts[i]];
    if (value !== undefined && said !== undefined) {
      errors += Math.abs(value - said);
      sizes += Math.abs(value);
      checked++;
    }
    smooth(state, value, phase(i), smoothing);
    forecasts[i + ahead] = expect(i);
  }
  return checked < CHECKED ? undefined : { expected: expect(values.length - 1), confidence: sureness(errors, sizes) };
}

/** What the sum of errors leaves of the sum of values: 1 − MAD / mean (S. Kolassa, W. Schütz, Foresight 6, 2007), never below 0. */
function sureness(errors: number, sizes: number): number {
  if (errors === 0) return 1;
  const left = 1 - errors / sizes;
  return left > 0 ? left : 0;
}

function smooth(state: Smoothed, value: number | undefined, phase: number, { level, trend, seasonal, damping }: Smoothing): void {
  const season = state.seasons[phase] ?? 0;
  const before = state.level;
  const rise = damping * state.trend;
  const error = value === undefined ? 0 : value - before - rise - season;
  state.level = before + rise + level * error;
  state.trend = trend * (state.level - before) + (1 - trend) * rise;
  if (state.seasons.length > 0) state.seasons[phase] = season + seasonal * error;
}

/** Level at the last of the values and slope of the straight line through them. Undefined: fewer than two have a value. */
function lineThrough(values: readonly (number | undefined)[]): Smoothed | undefined {
  let [n, meanI, meanValue, squares, products] = [0, 0, 0, 0, 0];
  for (const [i, value] of values.entries()) {
    if (value === undefined) continue;
    const off = i - meanI;
    meanI += off / ++n;
    meanValue += (value - meanValue) / n;
    squares += off * (i - meanI);
    products += off * (value - meanValue);
  }
  if (squares === 0) return undefined;
  const trend = products / squares;
  return { level: meanValue + trend * (values.length - 1 - meanI), trend, seasons: [] };
}

/** Trend from the second season against the first (Winters), and each phase against that line. Undefined: no phase has a value in both. */
function seasonsOf(values: readonly (number | undefined)[], season: number, phase: (i: number) => number): Smoothed | undefined {
  let [rises, both, sum, n] = [0, 0, 0, 0];
  for (let i = 0; i < season; i++) {
    const [a, b] = [values[i], values[i + season]];
    if (a === undefined || b === undefined) continue;
    rises += (b - a) / season;
    both++;
  }
  if (both === 0) return undefined;
  const trend = rises / both;
  const risen = values.map((value, i) => (value === undefined ? undefined : value + trend * (values.length - 1 - i)));
  for (const value of risen) {
    if (value === undefined) continue;
    sum += value;
    n++;
  }
  const level = sum / n;
  const seasons = Array.from({ length: season }, () => 0);
  for (let i = 0; i < season; i++) {
    const known = [risen[i], risen[i + season]].filter((value) => value !== undefined);
    if (known.length > 0) seasons[phase(i)] = known.reduce((a, b) => a + b) / known.length - level;
  }
  return { level, trend, seasons };
}
