import fc from 'fast-check';
import { apart, everySecond, readWindow, sample } from './harness.ts';

const rate = { kind: 'rate', window: '10s' };

test('it is the rise of the counter per second of the time between the first value and the last', () => {
  expect(readWindow(rate, [sample(1_000, 10), sample(2_500, 11), sample(5_000, 18)])).toEqual({ value: 2 });
});

test('a fall of the counter is its restart from 0', () => {
  expect(readWindow(rate, everySecond(100, 110, 4, 10))).toEqual({ value: (10 + 4 + 6) / 3 });
});

test("it is never negative, and equals Prometheus' last − first + what was lost in restarts", () => {
  const counters = fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 50 });
  fc.assert(
    fc.property(counters, (values) => {
      const lost = values.reduce((total, v, i) => (i > 0 && v < values[i - 1]! ? total + values[i - 1]! : total), 0);
      const { value } = readWindow(rate, everySecond(...values));
      expect(value).toBeGreaterThanOrEqual(0);
      expect(apart(value, (values.at(-1)! - values[0]! + lost) / (values.length - 1))).toBeLessThan(1e-12);
    }),
  );
});

test('one value, or several of one time, make no rate', () => {
  const why = 'a rate needs two values of different times in the window';
  expect(readWindow(rate, everySecond(1))).toEqual({ why });
  expect(readWindow(rate, [sample(1_000, 1), sample(1_000, 2)])).toEqual({ why });
});

test('a value that is no number makes it unknown', () => {
  expect(readWindow(rate, everySecond(1, 'NaN', 3))).toEqual({ why: '"NaN" is not a number' });
});

test('exact rule 9: the rate of an empty window is unknown', () => {
  expect(readWindow(rate, [], true)).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: coalesced telemetry makes rate unknown', () => {
  expect(readWindow(rate, [sample(1_000, 3), sample(2_000, 4, { coalesced: 1 })])).toEqual({ why: '1 values were dropped on the way' });
});

test('exact rule 9: late values never enter rate', () => {
  const late = sample(2_000, 9_999, { late: true });
  expect(readWindow(rate, [sample(1_000, 10), late, sample(3_000, 14)])).toEqual({ value: 2 });
  expect(readWindow(rate, [sample(1_000, 10), { ...late, value: 'late and odd' }, sample(3_000, 14)])).toEqual({ value: 2 });
  expect(readWindow(rate, [late])).toEqual({ why: 'no value in the window' });
});
