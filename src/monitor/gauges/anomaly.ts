/**
 * How far a value is from what is to be expected of it: 0 is just as expected, 1 the edge of the band, more is outside.
 * All that it expects is taken from the window, by medians, so that outliers in the past do not widen the band.
 */

import { type Static, Type } from '../../documents/schema.ts';
import { Duration } from '../../duration.ts';
import { HomeostatError } from '../../errors.ts';
import { binsOf, lastBin } from './bins.ts';
import type { GaugeKind, GaugeReading, WindowView } from './gauge.ts';
import { quantile } from './quantiles.ts';
import { spanMs } from './spans.ts';
import { mean, median } from './statistics.ts';
import { confidenceOf, type NumberSample, numberReading, numbersOf, seriesOf, valuesOf, type Window, windowOptions } from './windowed.ts';

const METHODS = ['range', 'band', 'rate', 'stuck', 'season'] as const;
const Method = Type.Enum([...METHODS]);
type Method = Static<typeof Method>;

interface Options {
  readonly of?: string;
  readonly window: Window;
  readonly methods?: readonly Method[];
  readonly width?: number;
  readonly margin?: number;
  readonly floor?: number;
  readonly recent?: number;
  readonly values?: number;
  readonly season?: string;
  readonly step?: string;
}

/** Scores end here: a value that differs where none ever did has no finite one. */
const MOST = 100;
const DEFAULT_WIDTH = 6;
const DEFAULT_MARGIN = 1.2;
const DEFAULT_VALUES = 100;
/** The share of the past that makes the range; what is rarer is an outlier already. */
const INSIDE = 0.999;
const MOST_BINS = 10_000;

export const anomaly: GaugeKind<Options> = {
  kind: 'anomaly',
  description: 'how far the newest value is from what the window lets expect: 0 as expected, above 1 outside of the band, 100 at most',
  options: windowOptions({
    methods: Type.Optional(
      Type.Array(Method, {
        minItems: 1,
        uniqueItems: true,
        default: ['range'],
        description:
          'what is judged, the greatest score counts: range (the value, against all but the rarest so far), band (the value, in deviations), rate (its change), stuck (no change), season (against the same time before)',
      }),
    ),
    width: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        default: DEFAULT_WIDTH,
        description:
          'half the width of the band of band, rate and season, in standard deviations; for stuck, how many times the longest stretch so far',
      }),
    ),
    margin: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        default: DEFAULT_MARGIN,
        description: 'for range: how many times as far from the median as all but a thousandth of the past',
      }),
    ),
    floor: Type.Optional(
      Type.Number({
        minimum: 0,
        default: 0,
        description: 'least standard deviation, in the unit of the property: what is closer is never an anomaly',
      }),
    ),
    recent: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        default: 1,
        description: 'range and band judge the median of so many newest values, so that a single one is none',
      }),
    ),
    values: Type.Optional(
      Type.Integer({
        minimum: 3,
        maximum: 100_000,
        default: DEFAULT_VALUES,
        description: 'how many values must lie before the newest ones',
      }),
    ),
    season: Type.Optional(Type.Unsafe<string>({ ...Duration, description: 'for season: after which time things repeat: "24h"' })),
    step: Type.Optional(
      Type.Unsafe<string>({ ...Duration, description: 'for season: the steps over which values are averaged, a fraction of season' }),
    ),
  }),
  create: (options) => {
    const {
      of,
      window,
      methods = ['range'],
      width = DEFAULT_WIDTH,
      margin = DEFAULT_MARGIN,
      floor = 0,
      recent = 1,
      values = DEFAULT_VALUES,
    } = options;
    const judges = methods.map((method) =>
      method === 'season' ? seasonJudge(options, width, floor) : JUDGES[method]({ width, margin, floor, recent, values }),
    );
    return {
      ...seriesOf({ ...(of === undefined ? {} : { of }), window }),
      read: (_memo, view, now) => {
        const samples = numbersOf(view);
        if (!Array.isArray(samples)) return samples;
        return worst(
          judges.map((judge) => judge(samples, view, now)),
          confidenceOf(view),
        );
      },
    };
  },
};

/** A score, or why there is none yet. */
type Judgement = { readonly score: number; readonly nextAt?: number } | { readonly why: string; readonly nextAt?: number };
type Judge = (samples: readonly NumberSample[], view: WindowView, now: number) => Judgement;

/** The greatest score of those that can judge; unknown if none can. */
function worst(judgements: readonly Judgement[], confidence: number): GaugeReading {
  const scores = judgements.flatMap((one) => ('score' in one ? [one.score] : []));
  const nextAt = Math.min(...judgements.map((one) => one.nextAt ?? Number.POSITIVE_INFINITY));
  const reading = scores.length === 0 ? { why: (judgements[0] as { why: string }).why } : numberReading(Math.max(...scores), confidence);
  return nextAt === Number.POSITIVE_INFINITY ? reading : { ...reading, nextAt };
}

interface Measure {
  readonly width: number;
  readonly margin: number;
  readonly floor: number;
  readonly recent: number;
  readonly values: number;
}

const few = (there: number, needed: number, what: string): Judgement => ({
  why: `it needs ${needed} ${what} to compare with, and there are ${there}`,
});

/** Judges the median of the newest values by those before them. */
const judged =
  (recent: number, values: number, score: (x: number, past: readonly number[]) => number): Judge =>
  (samples) => {
    const numbers = valuesOf(samples);
    const past = numbers.slice(0, -recent);
    return past.length < values ? few(past.length, values, 'values') : { score: score(median(numbers.slice(-recent)), past) };
  };

const JUDGES: Readonly<Record<Exclude<Method, 'season'>, (measure: Measure) => Judge>> = {
  range: ({ margin, floor, recent, values }) => judged(recent, values, (x, past) => rangeScore(x, past, margin, floor)),
  band: ({ width, floor, recent, values }) => judged(recent, values, (x, past) => scoreOf(x, past, width, floor)),
  rate:
    ({ width, floor, values }) =>
    (samples) => {
      const rates: number[] = [];
      for (const [i, { time, value }] of samples.entries()) {
        const before = samples[i - 1];
        if (before !== undefined && time > before.time) rates.push(((value - before.value) / (time - before.time)) * 1_000);
      }
      const newest = rates.pop();
      if (newest === undefined || rates.length < values) return few(rates.length, values, 'changes');
      return { score: scoreOf(newest, rates, width, floor) };
    },
  stuck:
    ({ width, values }) =>
    (samples) => {
      if (samples.length <= values) return few(samples.length - 1, values, 'values');
      let [since, longest] = [samples[0]!.time, 0];
      for (const [i, { time, value }] of samples.entries()) {
        if (i === 0 || value === samples[i - 1]!.value) continue;
        longest = Math.max(longest, time - since);
        since = time;
      }
      // What never varied is not stuck.
      return { score: longest === 0 ? 0 : Math.min(MOST, (samples.at(-1)!.time - since) / (width * longest)) };
    },
};

/** Each step against the median of the same steps of earlier seasons, and its distance against those of all steps. */
function seasonJudge({ window, season, step }: Options, width: number, floor: number): Judge {
  if (season === undefined || step === undefined || typeof window !== 'string')
    throw new HomeostatError('H007', 'an anomaly of the season needs "season", "step" and a "window" that is a span');
  const [windowMs, stepMs] = [spanMs('window', window), spanMs('step', step)];
  const length = spanMs('season', season) / stepMs;
  if (!Number.isInteger(length) || length < 2)
    throw new HomeostatError('H007', `season must be two steps or more, and a whole number of them; found "${season}"`);
  if (windowMs < 3 * length * stepMs + stepMs || windowMs > MOST_BINS * stepMs)
    throw new HomeostatError('H007', `window must hold three seasons and a step, and at most ${MOST_BINS} steps; found "${window}"`);
  return (_samples, view, now) => {
    const nextAt = (lastBin(stepMs, now) + 2) * stepMs;
    const bins = binsOf(view, windowMs, stepMs, now);
    if (!('values' in bins)) return { why: bins.why!, nextAt };
    const past = bins.values.slice(0, -1);
    const phases: number[][] = Array.from({ length }, () => []);
    for (const [i, value] of past.entries()) if (value !== undefined) phases[i % length]!.push(value);
    const newest = bins.values.at(-1);
    const same = phases[past.length % length]!;
    if (newest === undefined) return { why: 'nothing was observed in the step that is over', nextAt };
    if (same.length < 2) return { ...few(same.length, 2, 'seasons'), nextAt };
    const expected = phases.map((values) => (values.length < 2 ? undefined : median(values)));
    const off = past.flatMap((value, i) =>
      value === undefined || expected[i % length] === undefined ? [] : [value - expected[i % length]!],
    );
    return { score: scoreOf(newest - median(same), off, width, floor), nextAt };
  };
}

/**
 * |x − median| / (width · σ), with σ = 1.4826 MAD, or 1.2533 times the mean absolute deviation where more than half of the past is one value, so that
 * the MAD is 0. B. Iglewicz, D. C. Hoaglin, "How to Detect and Handle Outliers", ASQC 1993, 3.3 and its appendix.
 */
function scoreOf(x: number, past: readonly number[], width: number, floor: number): number {
  const middle = median(past);
  const off = past.map((value) => Math.abs(value - middle));
  const mad = 1.4826 * median(off);
  const sigma = Math.max(floor, mad > 0 ? mad : 1.2533 * mean(off));
  return ratio(Math.abs(x - middle), width * sigma);
}

/**
 * |x − median| / (margin · reach), the reach being that of the past on the side of x: from the median to the quantile (nearest rank) that all but a
 * thousandth do not go beyond. So what happens now and then, as a peak each night, is no anomaly. Where nothing was on that side, the mean deviation.
 */
function rangeScore(x: number, past: readonly number[], margin: number, floor: number): number {
  const middle = median(past);
  const [above, edge] = [x > middle, quantile(past, x > middle ? INSIDE : 1 - INSIDE)];
  const off = 1.2533 * mean(past.map((value) => Math.abs(value - middle)));
  return ratio(Math.abs(x - middle), margin * Math.max(floor, above ? edge - middle : middle - edge, off));
}

/** At most 100: of a distance where none is allowed, and of numbers so large that their distance is none. */
const ratio = (distance: number, allowed: number): number => (distance === 0 ? 0 : distance < MOST * allowed ? distance / allowed : MOST);
