import fc from 'fast-check';
import { max, mean, min, stddev, sum } from '../../../src/monitor/gauges/statistics.ts';
import { apart } from './harness.ts';

const numbers = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 200 });

test('a sum keeps what plain addition loses', () => {
  expect(sum([1e16, 1, -1e16])).toBe(1);
  expect(sum([1, 1e100, 1, -1e100])).toBe(2);
  expect(sum(Array<number>(10).fill(0.1))).toBe(1);
});

test('sum, mean, deviation, smallest and largest agree with their definitions', () => {
  fc.assert(
    fc.property(numbers, (xs) => {
      const total = xs.reduce((a, b) => a + b, 0);
      const average = total / xs.length;
      const variance = xs.reduce((a, x) => a + (x - average) ** 2, 0) / xs.length;
      expect(apart(sum(xs), total, 1e9)).toBeLessThan(1e-12);
      expect(apart(mean(xs), average, 1e9)).toBeLessThan(1e-12);
      expect(apart(stddev(xs), Math.sqrt(variance), 1e9)).toBeLessThan(1e-9);
      expect(min(xs)).toBe(Math.min(...xs));
      expect(max(xs)).toBe(Math.max(...xs));
    }),
  );
});

test('a deviation survives a large offset, where the mean of squares would not', () => {
  expect(stddev([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])).toBeCloseTo(Math.sqrt(22.5), 9);
});
