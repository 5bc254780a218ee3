import fc from 'fast-check';
import { quantileOf, since } from '../../../src/monitor/probes/histogram.ts';

const buckets = (...counts: readonly (readonly [number, number])[]) => new Map(counts);

test('within its bucket a quantile lies as if measurements were spread evenly', () => {
  const some = buckets([0.1, 10], [0.5, 30], [1, 40], [Infinity, 40]);
  expect(quantileOf(0.5, some)).toBeCloseTo(0.1 + 0.4 * (10 / 20), 12);
  expect(quantileOf(1, some)).toBe(1);
  expect(quantileOf(0.125, some)).toBeCloseTo(0.05, 12);
});

test('above the highest bound nothing is known but the bound; below a first bound that is not positive neither', () => {
  expect(quantileOf(0.9, buckets([1, 1], [Infinity, 10]))).toBe(1);
  expect(quantileOf(0.1, buckets([-5, 5], [0, 6], [Infinity, 10]))).toBe(-5);
});

test.each([
  ['nothing was measured', buckets([1, 0], [Infinity, 0])],
  ['there is no bucket without an upper bound', buckets([1, 3], [2, 5])],
  ['there is no other bucket', buckets([Infinity, 5])],
  ['there is none at all', buckets()],
])('where %s there is none', (_, none) => {
  expect(quantileOf(0.5, none)).toBeUndefined();
});

test('a count that fell is a restart, after which all that is counted is new; a bucket that is new counts whole', () => {
  expect([...since(buckets([1, 5], [Infinity, 9]), buckets([1, 7], [2, 8], [Infinity, 12]))]).toEqual([
    [1, 2],
    [2, 8],
    [Infinity, 3],
  ]);
  expect([...since(buckets([1, 5], [Infinity, 9]), buckets([1, 1], [Infinity, 10]))]).toEqual([
    [1, 1],
    [Infinity, 10],
  ]);
});

test('it lies in the bucket of the measurement that it is of, and grows with its share', () => {
  const bounds = [0.5, 1, 2, 4, 8];
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 8, noNaN: true }), { minLength: 1, maxLength: 50 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (values, share) => {
        const counted = buckets(...bounds.map((bound) => [bound, values.filter((value) => value <= bound).length] as const), [
          Infinity,
          values.length,
        ]);
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(share * values.length - 1e-9) - 1)]!;
        const upper = bounds.find((bound) => exact <= bound)!;
        const lower = bounds[bounds.indexOf(upper) - 1] ?? 0;
        const found = quantileOf(share, counted)!;
        expect(found).toBeGreaterThanOrEqual(lower - 1e-9);
        expect(found).toBeLessThanOrEqual(upper + 1e-9);
        expect(quantileOf(share / 2, counted)!).toBeLessThanOrEqual(found + 1e-9);
      },
    ),
    { numRuns: 1_000, seed: 5 },
  );
});
