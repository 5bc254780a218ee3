import fc from 'fast-check';
import type { Value } from '../../../src/messages.ts';
import { createGauge } from '../../../src/monitor/gauges/create.ts';
import { everySecond, readWindow, sample } from './harness.ts';

const swing = { kind: 'swing', window: '10m', by: 10 };
const turns = (...values: Value[]): Value | undefined => readWindow(swing, everySecond(...values)).value;

test('it counts highs and lows from which the value came back by the amplitude', () => {
  expect(turns(0, 10, 0, 10, 0)).toBe(3);
  expect(turns(50, 20, 35, 20)).toBe(2);
});

test('what only rises, stays or falls does not turn, and neither does one value', () => {
  expect(turns(7)).toBe(0);
  expect(turns(0, 10, 20, 30)).toBe(0);
  expect(turns(5, 5, 5)).toBe(0);
});

test('noise below the amplitude is no turn, on the way and at the top', () => {
  expect(turns(0, 5, 1, 9, 2, 9.9)).toBe(0);
  expect(turns(0, 8, 4, 16, 11, 20, 12, 10)).toBe(1);
});

test('many small steps back are one, and the newest high is no turn before the value has come back', () => {
  expect(turns(0, 20, 17, 14, 11)).toBe(0);
  expect(turns(0, 20, 17, 14, 10)).toBe(1);
});

test('the end of a range counts: exactly the amplitude is enough', () => {
  expect(turns(0, 10, 0)).toBe(1);
  expect(turns(0, 10, 0.001)).toBe(0);
});

/** Most values in turn up and down by the amplitude or more that can be chosen from a series, by trying all that may come before each. */
function mostTurns(values: readonly number[], by: number): number {
  const legs = values.map(() => ({ up: 0, down: 0 }));
  for (const [i, value] of values.entries()) {
    for (let j = 0; j < i; j++) {
      if (value - values[j]! >= by) legs[i]!.up = Math.max(legs[i]!.up, legs[j]!.down + 1);
      if (values[j]! - value >= by) legs[i]!.down = Math.max(legs[i]!.down, legs[j]!.up + 1);
    }
  }
  return Math.max(0, ...legs.map(({ up, down }) => Math.max(up, down) - 1));
}

test('no choice of values that goes up and down by the amplitude has more turns', () => {
  const series = fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.double({ min: -20, max: 20, noNaN: true })), {
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(series, fc.oneof(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0.01, max: 20, noNaN: true })), (values, by) => {
      expect(readWindow({ ...swing, by }, everySecond(...values)).value).toBe(mostTurns(values, by));
    }),
    { numRuns: 1_000 },
  );
});

test('a series turned upside down turns as often', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 60 }), (values) => {
      expect(turns(...values.map((value) => -value))).toBe(turns(...values));
    }),
  );
});

test('a share is one of the mean of the window, whatever its sign', () => {
  const share = { kind: 'swing', window: '10m', share: 0.1 };
  expect(readWindow(share, everySecond(95, 105, 95, 105))).toEqual({ value: 2 });
  expect(readWindow(share, everySecond(-95, -105, -95, -105))).toEqual({ value: 2 });
  expect(readWindow(share, everySecond(96, 105, 96, 105))).toEqual({ value: 0 });
  expect(readWindow(share, everySecond(-1, 1))).toEqual({ why: 'the mean of the window is 0, and so is any share of it' });
});

test.each([{}, { by: 1, share: 0.1 }])('the amplitude is said once: %j is refused', (amplitude) => {
  expect(() => createGauge({ kind: 'swing', window: '10m', ...amplitude })).toThrow(
    'gauge "swing" needs the least amplitude: give either "by" or "share"',
  );
});

test('a value that is no number makes it unknown', () => {
  expect(readWindow(swing, everySecond(1, 'unavailable', 3))).toEqual({ why: '"unavailable" is not a number' });
});

test('exact rule 9: swing of an empty window is unknown, be its probe alive or not', () => {
  expect(readWindow(swing, [], true)).toEqual({ why: 'no value in the window' });
  expect(readWindow(swing, [], false)).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: coalesced telemetry lowers the confidence of swing to the share of samples that came', () => {
  expect(readWindow(swing, [sample(1_000, 0), sample(2_000, 20, { coalesced: 2 }), sample(3_000, 0)])).toEqual({
    value: 1,
    confidence: 0.6,
  });
});

test('exact rule 9: late values enter the window of swing in their place', () => {
  expect(readWindow(swing, [sample(1_000, 0), sample(2_000, 20, { late: true }), sample(3_000, 0)])).toEqual({ value: 1 });
});
