import fc from 'fast-check';
import { apart, everySecond, readWindow, sample } from './harness.ts';

const derivative = { kind: 'derivative', window: '1m' };

test('it is the slope per second, and may be negative', () => {
  expect(readWindow(derivative, everySecond(10, 8, 6, 4))).toEqual({ value: -2 });
});

test('it is the slope of least squares at any spacing of the values', () => {
  const series = fc.uniqueArray(fc.tuple(fc.nat(60_000), fc.integer({ min: -1_000_000, max: 1_000_000 })), {
    minLength: 2,
    maxLength: 40,
    selector: ([t]) => t,
  });
  fc.assert(
    fc.property(series, (pairs) => {
      const ordered = [...pairs].sort(([a], [b]) => a - b);
      const t0 = ordered.reduce((s, [t]) => s + t / 1_000, 0) / ordered.length;
      const x0 = ordered.reduce((s, [, x]) => s + x, 0) / ordered.length;
      const above = ordered.reduce((s, [t, x]) => s + (t / 1_000 - t0) * (x - x0), 0);
      const below = ordered.reduce((s, [t]) => s + (t / 1_000 - t0) ** 2, 0);
      // Instants as they are in use: far from zero, where careless sums of squares lose everything.
      const { value } = readWindow(
        derivative,
        ordered.map(([t, x]) => sample(1_700_000_000_000 + t, x)),
      );
      expect(apart(value, above / below)).toBeLessThan(1e-6);
    }),
  );
});

test('values of one time make no slope', () => {
  expect(readWindow(derivative, [sample(1_000, 1), sample(1_000, 2)])).toEqual({
    why: 'a derivative needs two values of different times in the window',
  });
});

test('exact rule 9: derivative of an empty window is unknown', () => {
  expect(readWindow(derivative, [])).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: coalesced telemetry lowers the confidence of derivative', () => {
  expect(readWindow(derivative, [sample(1_000, 1), sample(2_000, 2, { coalesced: 2 })])).toEqual({ value: 1, confidence: 0.5 });
});

test('exact rule 9: late values enter the window of derivative', () => {
  expect(readWindow(derivative, [sample(1_000, 1, { late: true }), sample(2_000, 3)])).toEqual({ value: 2 });
});
