import fc from 'fast-check';
import { EXACT_UP_TO, exactQuantile, quantile, sketchedQuantile } from '../../../src/monitor/gauges/quantiles.ts';
import { everySecond, readWindow, sample } from './harness.ts';

const p95 = { kind: 'quantile', window: '10s', q: 0.95 };
const oneTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test('it is the smallest number that at least a share q of all do not exceed', () => {
  expect(exactQuantile(oneTo(100), 0.95)).toBe(95);
  expect(exactQuantile(oneTo(100), 0.07)).toBe(7);
  expect(exactQuantile(oneTo(1_000), 0.999)).toBe(999);
  expect(exactQuantile([3, 1, 2], 0.5)).toBe(2);
  expect(exactQuantile([3, 1, 2], 0)).toBe(1);
  expect(exactQuantile([3, 1, 2], 1)).toBe(3);
  expect(exactQuantile([10, 9, -1], 0.5)).toBe(9);
});

test('the definition holds for any numbers and share', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 1_000 }), (xs, thousandths) => {
      const answer = exactQuantile(xs, thousandths / 1_000);
      const atMost = (x: number) => xs.filter((y) => y <= x).length * 1_000;
      expect(atMost(answer)).toBeGreaterThanOrEqual(thousandths * xs.length);
      for (const x of xs) if (x < answer) expect(atMost(x)).toBeLessThan(thousandths * xs.length);
    }),
  );
});

test('a window is exact up to the named size, and within the stated error above it', () => {
  const short = oneTo(EXACT_UP_TO);
  expect(quantile(short, 0.5)).toBe(EXACT_UP_TO / 2);
  const long = oneTo(10 * EXACT_UP_TO);
  const exact = exactQuantile(long, 0.95);
  expect(quantile(long, 0.95)).not.toBe(exact);
  expect(Math.abs(quantile(long, 0.95) - exact)).toBeLessThanOrEqual(0.01 * exact);
});

test('the sketch keeps its relative error for numbers of any size and sign, and any share', () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.integer({ min: -100, max: 100 }),
    fc.constantFrom(5e-324, 1.7e308, -1.7e308, 1e-310),
  );
  const accuracies = fc.constantFrom(0.1, 0.01, 0.001);
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 1, maxLength: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      accuracies,
      (xs, q, accuracy) => {
        const exact = exactQuantile(xs, q);
        // The least numbers of all have too few digits of their own to be met more closely than by the last of these.
        const allowed = accuracy * (1 + 1e-9) * Math.abs(exact) + Number.MIN_VALUE;
        expect(Math.abs(sketchedQuantile(xs, q, accuracy) - exact)).toBeLessThanOrEqual(allowed);
      },
    ),
    { numRuns: 500 },
  );
});

test('the kind reads its share from the window', () => {
  expect(readWindow(p95, everySecond(...oneTo(20)))).toEqual({ value: 19 });
});

test('a value that is no number makes it unknown', () => {
  expect(readWindow(p95, everySecond(1, 'n/a'))).toEqual({ why: '"n/a" is not a number' });
});

test('exact rule 9: quantile of an empty window is unknown', () => {
  expect(readWindow(p95, [])).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: coalesced telemetry lowers the confidence of quantile', () => {
  expect(readWindow(p95, [sample(1_000, 3), sample(2_000, 4, { coalesced: 2 })])).toEqual({ value: 4, confidence: 0.5 });
});
