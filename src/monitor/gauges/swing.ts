/**
 * How often a value turns: the turning points of its series in the window, without what turns by less than an amplitude.
 *
 * A turning point is where the value has risen by the amplitude or more since the turning point (or the first low) before it and then falls by as much, or the
 * other way round. It is known once the value has come back by the amplitude, so the newest high or low is none yet, and neither is the end of the window.
 * These are the "reversals" of ASTM E1049 (Standard Practices for Cycle Counting in Fatigue Analysis), with small ranges left out; charts know the line
 * between them as a zigzag. No choice of values of the window that goes up and down in turn by the amplitude or more has more turns than that.
 */

import { Type } from '../../documents/schema.ts';
import { HomeostatError } from '../../errors.ts';
import type { GaugeKind, SeriesGauge } from './gauge.ts';
import { mean } from './statistics.ts';
import { confidenceOf, numberReading, numbersOf, seriesOf, valuesOf, type WindowOptions, windowOptions } from './windowed.ts';

interface Options extends WindowOptions {
  readonly by?: number;
  readonly share?: number;
}

export const swing: GaugeKind<Options> = {
  kind: 'swing',
  description: 'how often a value turned in the window, by an amplitude or more: up then down, or down then up',
  options: windowOptions({
    by: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'the least amplitude, in the unit of the property; or give share' })),
    share: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'the least amplitude as a share of the mean of the window, without its sign: 0.1' }),
    ),
  }),
  create: (options): SeriesGauge => {
    const { by, share } = options;
    if ((by === undefined) === (share === undefined))
      throw new HomeostatError('H007', 'gauge "swing" needs the least amplitude: give either "by" or "share"');
    return {
      ...seriesOf(options),
      read: (_memo, window) => {
        const samples = numbersOf(window);
        if (!Array.isArray(samples)) return samples;
        const values = valuesOf(samples);
        const amplitude = by ?? share! * Math.abs(mean(values));
        if (amplitude === 0) return { why: 'the mean of the window is 0, and so is any share of it' };
        return numberReading(turnsOf(values, amplitude), confidenceOf(window));
      },
    };
  },
};

function turnsOf(values: readonly number[], amplitude: number): number {
  let [low, high] = [values[0]!, values[0]!];
  let [way, turns] = [0, 0];
  for (const value of values) {
    const [risen, fallen] = [value - low >= amplitude, high - value >= amplitude];
    if (way <= 0 && risen) {
      if (way < 0) turns++;
      [way, high] = [1, value];
    } else if (way >= 0 && fallen) {
      if (way > 0) turns++;
      [way, low] = [-1, value];
    }
    if (way >= 0) high = Math.max(high, value);
    if (way <= 0) low = Math.min(low, value);
  }
  return turns;
}
