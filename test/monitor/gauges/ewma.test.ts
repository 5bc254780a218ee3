import fc from 'fast-check';
import { apart, feeder } from './harness.ts';

const ewma = { kind: 'ewma', halfLife: '10s' };

test('a value counts half as much for each half-life of its age', () => {
  const { observe, read } = feeder(ewma);
  observe(0, 0);
  observe(10_000, 3);
  expect(read(10_000)).toEqual({ value: 2 });
  expect(read(99_000)).toEqual({ value: 2 });
});

test('it agrees with its formula for samples at any times, late ones included', () => {
  const samples = fc.array(fc.tuple(fc.nat(300_000), fc.double({ min: -1e6, max: 1e6, noNaN: true })), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(samples, (pairs) => {
      const { observe, read } = feeder(ewma);
      let newest = -1;
      for (const [time, value] of pairs) {
        observe(time, value, { late: time < newest });
        newest = Math.max(newest, time);
      }
      const weights = pairs.map(([time]) => 2 ** (-(newest - time) / 10_000));
      const formula = pairs.reduce((s, [, x], i) => s + x * weights[i]!, 0) / weights.reduce((a, b) => a + b);
      expect(apart(read(newest).value, formula, 1e6)).toBeLessThan(1e-9);
    }),
  );
});

test('it stays between the smallest and the largest value, however extreme', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 30 }), (xs) => {
      const { observe, read } = feeder(ewma);
      for (const [i, x] of xs.entries()) observe(i * 700, x);
      const { value } = read(0);
      expect(value).toBeGreaterThanOrEqual(Math.min(...xs));
      expect(value).toBeLessThanOrEqual(Math.max(...xs));
    }),
  );
});

test('a value that is no number makes it unknown until the next number', () => {
  const { observe, read } = feeder(ewma);
  expect(read(0)).toEqual({ why: 'nothing has been observed yet' });
  observe(0, 4);
  observe(1_000, 'unavailable');
  expect(read(1_000)).toEqual({ why: '"unavailable" is not a number' });
  observe(2_000, 4);
  expect(read(2_000)).toEqual({ value: 4 });
});

test('exact rule 9: coalesced telemetry lowers the confidence of ewma, less and less as it ages', () => {
  const { observe, read } = feeder(ewma);
  observe(0, 4, { coalesced: 1 });
  expect(read(0)).toEqual({ value: 4, confidence: 0.5 });
  observe(10_000, 4);
  expect(read(10_000)).toEqual({ value: 4, confidence: 0.75 });
});
