import fc from 'fast-check';
import type { WindowSample } from '../../../src/monitor/gauges/gauge.ts';
import { apart, everySecond, readWindow, sample } from './harness.ts';

const of = (methods: string[], more: object = {}) => ({ kind: 'anomaly', window: '100d', methods, values: 10, ...more });

const middle = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const n = sorted.length;
  return (sorted[Math.floor((n - 1) / 2)]! + sorted[Math.ceil((n - 1) / 2)]!) / 2;
};
const average = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b) / numbers.length;

/** The formula of the page. */
function band(x: number, past: readonly number[], width: number): number {
  const off = past.map((value) => Math.abs(value - middle(past)));
  const sigma = middle(off) > 0 ? 1.4826 * middle(off) : 1.2533 * average(off);
  const distance = Math.abs(x - middle(past));
  return distance === 0 ? 0 : Math.min(100, sigma === 0 ? 100 : distance / (width * sigma));
}

function range(x: number, past: readonly number[], margin: number): number {
  const sorted = [...past].sort((a, b) => a - b);
  const m = middle(past);
  // Nearest rank.
  const edge = x > m ? sorted[Math.ceil(0.999 * sorted.length) - 1]! : sorted[Math.max(0, Math.ceil(0.001 * sorted.length) - 1)]!;
  const reach = Math.max(Math.abs(edge - m), 1.2533 * average(past.map((value) => Math.abs(value - m))));
  return x === m ? 0 : Math.min(100, reach === 0 ? 100 : Math.abs(x - m) / (margin * reach));
}

const numbers = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 12, maxLength: 80 });
const spaced = fc.array(fc.tuple(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: -20, max: 20 })), { minLength: 12, maxLength: 80 });
const inTime = (pairs: readonly (readonly [number, number])[]): WindowSample[] => {
  let at = 0;
  return pairs.map(([gap, value]) => {
    at += gap;
    return sample(at, value);
  });
};

test('range and band agree with their formulas', () => {
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 10 }), (list, width) => {
      const [past, x] = [list.slice(0, -1), list.at(-1)!];
      const samples = everySecond(...list);
      expect(apart(readWindow(of(['band'], { width }), samples).value, band(x, past, width))).toBeLessThan(1e-9);
      expect(apart(readWindow(of(['range'], { margin: width }), samples).value, range(x, past, width))).toBeLessThan(1e-9);
    }),
  );
});

test('rate agrees with its formula for values of any spacing', () => {
  fc.assert(
    fc.property(spaced, (pairs) => {
      const rates = pairs.slice(1).map(([gap, value], i) => ((value - pairs[i]![1]) / gap) * 1_000);
      const [past, x] = [rates.slice(0, -1), rates.at(-1)!];
      expect(apart(readWindow(of(['rate'], { width: 3 }), inTime(pairs)).value, band(x, past, 3))).toBeLessThan(1e-6);
    }),
  );
});

test('stuck agrees with its formula for values of any spacing', () => {
  fc.assert(
    fc.property(spaced, (pairs) => {
      const samples = inTime(pairs.map(([gap, value]) => [gap, value > 5 ? 1 : 0] as const));
      const starts = samples.filter(({ value }, i) => i === 0 || value !== samples[i - 1]!.value).map(({ time }) => time);
      const stretches = starts.map((from, i) => (starts[i + 1] ?? samples.at(-1)!.time) - from);
      const longest = Math.max(0, ...stretches.slice(0, -1));
      const right = longest === 0 ? 0 : Math.min(100, stretches.at(-1)! / (2 * longest));
      expect(apart(readWindow(of(['stuck'], { width: 2 }), samples).value, right)).toBeLessThan(1e-9);
    }),
  );
});

test('season judges the step that is over against the same steps before', () => {
  const MINUTE = 60_000;
  const document = of(['season'], { window: '1h', season: '8m', step: '1m', width: 4 });
  // Loud at the start of each season; the noise is the same in all phases.
  const usual = (i: number): number => (i % 8 === 0 ? 100 : 10) + (Math.floor(i / 8) % 3);
  const minutes = (n: number, last: number) => Array.from({ length: n }, (_, i) => sample(i * MINUTE + 500, i === n - 1 ? last : usual(i)));
  expect(readWindow(document, minutes(41, 101), true, 41 * MINUTE).value).toBeLessThan(1);
  expect(readWindow(document, minutes(42, 100), true, 42 * MINUTE)).toEqual({ value: expect.any(Number), nextAt: 43 * MINUTE });
  expect(readWindow(document, minutes(42, 100), true, 42 * MINUTE).value).toBeGreaterThan(10);
  // A peak that does not come is one too.
  expect(readWindow(document, minutes(41, 11), true, 41 * MINUTE).value).toBeGreaterThan(10);
  expect(readWindow(document, minutes(12, 10), true, 12 * MINUTE).why).toBe('it needs 2 seasons to compare with, and there are 1');
});

test('of several methods the greatest score counts, and those that cannot judge are left out', () => {
  const list = [...Array.from({ length: 20 }, (_, i) => 10 + (i % 3)), 50];
  const one = (method: string) => readWindow(of([method]), everySecond(...list)).value as number;
  expect(readWindow(of(['range', 'band', 'rate', 'stuck']), everySecond(...list)).value).toBe(
    Math.max(one('range'), one('band'), one('rate'), one('stuck')),
  );
  const eleven = everySecond(...list.slice(0, 11));
  expect(readWindow(of(['rate']), eleven).why).toBe('it needs 10 changes to compare with, and there are 9');
  expect(readWindow(of(['rate', 'band']), eleven).value).toBeLessThan(1);
});

test('the median of the recent values is judged, so that a single outlier is none', () => {
  const list = [...Array.from({ length: 20 }, (_, i) => 10 + (i % 3)), 11, 500, 11];
  expect(readWindow(of(['band'], { recent: 3 }), everySecond(...list)).value).toBeLessThan(1);
  expect(readWindow(of(['band'], { recent: 3 }), everySecond(...list, 500)).value).toBeGreaterThan(50);
});

test('what never differed is as expected, and the first difference the most there is, unless a floor allows it', () => {
  const flat = Array.from({ length: 20 }, () => 7);
  expect(readWindow(of(['range', 'band', 'rate', 'stuck']), everySecond(...flat))).toEqual({ value: 0 });
  expect(readWindow(of(['range']), everySecond(...flat, 7.1))).toEqual({ value: 100 });
  expect(readWindow(of(['range'], { floor: 1 }), everySecond(...flat, 7.6)).value).toBeCloseTo(0.5, 9);
});

test('it is a number from 0 to 100, or unknown, however extreme the values', () => {
  const extreme = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 12, maxLength: 30 });
  fc.assert(
    fc.property(extreme, (list) => {
      const { value, why } = readWindow(of(['range', 'band', 'rate', 'stuck']), everySecond(...list));
      if (value === undefined) return expect(why).toBe('the numbers are too large');
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(100);
    }),
  );
});

test('a season without its options is refused, and so is a window too short for it', () => {
  expect(() => readWindow(of(['season']), [])).toThrow('an anomaly of the season needs "season", "step"');
  expect(() => readWindow(of(['season'], { window: '1h', season: '30m', step: '1m' }), [])).toThrow('window must hold three seasons');
  expect(() => readWindow(of(['season'], { season: '90s', step: '1m' }), [])).toThrow('season must be two steps or more');
});

test('exact rule 9: anomaly of an empty window is unknown', () => {
  expect(readWindow(of(['band']), [])).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: a value that is no number makes anomaly unknown', () => {
  expect(readWindow(of(['band']), everySecond(1, 2, 'off')).why).toBe('"off" is not a number');
});

test('exact rule 9: coalesced telemetry lowers the confidence of anomaly', () => {
  const samples = everySecond(...Array.from({ length: 20 }, () => 7)).map((one, i) => ({ ...one, coalesced: i === 3 ? 5 : 0 }));
  expect(readWindow(of(['band']), samples)).toEqual({ value: 0, confidence: 0.8 });
});

test('exact rule 9: late values enter the window of anomaly', () => {
  const samples = everySecond(...Array.from({ length: 20 }, (_, i) => i % 5));
  const late = samples.map((one, i) => ({ ...one, late: i % 2 === 0 }));
  expect(readWindow(of(['band']), late)).toEqual(readWindow(of(['band']), samples));
});
