/** What the tests of gauges share: samples, windows and a way to feed a gauge. */
import type { GaugeDocument } from '../../../src/documents/manager.ts';
import type { Value } from '../../../src/messages.ts';
import { createGauge } from '../../../src/monitor/gauges/create.ts';
import type { GaugeReading, Lookup, SeriesGauge, WindowSample, WindowView } from '../../../src/monitor/gauges/gauge.ts';

export const sample = (time: number, value: Value, more: Partial<WindowSample> = {}): WindowSample => ({
  time,
  value,
  coalesced: 0,
  late: false,
  ...more,
});

/** Samples one second apart, the first at 1 s. */
export const everySecond = (...values: Value[]): WindowSample[] => values.map((value, i) => sample((i + 1) * 1_000, value));

export const view = (samples: readonly WindowSample[]): WindowView => ({
  size: samples.length,
  coalesced: samples.reduce((n, s) => n + s.coalesced, 0),
  samples,
});

export const seriesGauge = (document: GaugeDocument): SeriesGauge => {
  const gauge = createGauge(document);
  if (gauge.over !== 'series') throw new Error(`${document.kind} is not over a series`);
  return gauge;
};

/** The reading of a window gauge without a memo. */
export const readWindow = (document: GaugeDocument, samples: readonly WindowSample[], alive = true, now = 60_000): GaugeReading => {
  const gauge = seriesGauge(document);
  return gauge.read(gauge.start(0), view(samples), now, alive);
};

/** A gauge with its memo, fed by hand. */
export function feeder(document: GaugeDocument, createdAt = 0) {
  const gauge = seriesGauge(document);
  const memo = gauge.start(createdAt);
  return {
    gauge,
    memo,
    observe: (time: number, value: Value, more: Partial<WindowSample> = {}) => gauge.observe?.(memo, sample(time, value, more)),
    sense: (lookup: Lookup, now: number) => gauge.sense?.(memo, lookup, now),
    read: (now: number) => gauge.read(memo, view([]), now, true),
  };
}

/** |a − b| relative to the larger of them and `scale`. */
export const apart = (a: Value | undefined, b: number, scale = 1): number =>
  typeof a === 'number' ? Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), scale) : Number.POSITIVE_INFINITY;
