import fc from 'fast-check';
import type { WindowSample } from '../../../src/monitor/gauges/gauge.ts';
import { apart, readWindow, sample } from './harness.ts';

const MINUTE = 60_000;
const forecast = { kind: 'forecast', window: '1h', step: '1m', horizon: '10m' };

/** A value at each minute, the first at 0. */
const minutes = (n: number, value: (i: number) => number): WindowSample[] =>
  Array.from({ length: n }, (_, i) => sample(i * MINUTE, value(i)));
const at = (n: number): number => n * MINUTE;

test('a straight line goes on, as far as damping lets it', () => {
  const straight = readWindow(
    { ...forecast, damping: 1 },
    minutes(40, (i) => 100 + 2 * i),
    true,
    at(40),
  );
  // Forty steps are over; in ten minutes it is the fiftieth.
  expect(straight.value).toBeCloseTo(200, 9);
  expect(straight.confidence ?? 1).toBeCloseTo(1, 9);
  expect(straight.nextAt).toBe(at(41));
  const { value } = readWindow(
    forecast,
    minutes(40, (i) => 100 + 2 * i),
    true,
    at(40),
  );
  expect(value).toBeGreaterThan(180);
  expect(value).toBeLessThan(200);
});

test('what repeats is forecast in its season', () => {
  const wave = (i: number): number => 50 + 20 * Math.sin((2 * Math.PI * i) / 8);
  const seasonal = { ...forecast, season: '8m', horizon: '3m' };
  for (let n = 30; n < 46; n++) {
    const { value, confidence } = readWindow(seasonal, minutes(n, wave), true, at(n));
    expect(apart(value, wave(n + 3))).toBeLessThan(0.001);
    expect(confidence ?? 1).toBeGreaterThan(0.999);
  }
});

/** The equations as the textbook has them, over bins made by a map; no step shared with the gauge. */
function reference(samples: readonly WindowSample[], now: number, windowMs: number, stepMs: number, m: number, h: number) {
  const [alpha, beta, gamma, phi] = [0.3, 0.1, 0.3, 0.98];
  const bins = new Map<number, number[]>();
  for (const { time, value } of samples) {
    const k = Math.floor(time / stepMs);
    if (k * stepMs <= now - windowMs || (k + 1) * stepMs > now) continue;
    bins.set(k, [...(bins.get(k) ?? []), value as number]);
  }
  const begin = Math.min(...bins.keys());
  const end = Math.floor(now / stepMs) - 1;
  const y = (k: number): number | undefined => {
    const members = bins.get(k);
    return members === undefined ? undefined : members.reduce((a, b) => a + b) / members.length;
  };
  const from = begin + (m === 0 ? 10 : 2 * m);
  if (end - begin + 1 < from - begin + h + 2) return undefined;
  const first = Array.from({ length: from - begin }, (_, i) => begin + i).filter((k) => y(k) !== undefined);
  const l: Record<number, number> = {};
  const b: Record<number, number> = {};
  const s: Record<number, number> = {};
  if (m === 0) {
    if (first.length < 2) return undefined;
    const [k0, y0] = [first.reduce((a, k) => a + k, 0) / first.length, first.reduce((a, k) => a + y(k)!, 0) / first.length];
    b[from - 1] = first.reduce((a, k) => a + (k - k0) * (y(k)! - y0), 0) / first.reduce((a, k) => a + (k - k0) ** 2, 0);
    l[from - 1] = y0 + b[from - 1]! * (from - 1 - k0);
  } else {
    const pairs = first.filter((k) => k < begin + m && y(k + m) !== undefined);
    if (pairs.length === 0) return undefined;
    b[from - 1] = pairs.reduce((a, k) => a + (y(k + m)! - y(k)!) / m, 0) / pairs.length;
    const flat = (k: number): number => y(k)! + b[from - 1]! * (from - 1 - k);
    l[from - 1] = first.reduce((a, k) => a + flat(k), 0) / first.length;
    for (let k = from - m; k < from; k++) {
      const own = first.filter((j) => j === k || j === k - m);
      s[k] = own.length === 0 ? 0 : own.reduce((a, j) => a + flat(j), 0) / own.length - l[from - 1]!;
    }
  }
  for (let k = from; k <= end; k++) {
    const before = s[k - m] ?? 0;
    const value = y(k) ?? l[k - 1]! + phi * b[k - 1]! + before;
    l[k] = alpha * (value - before) + (1 - alpha) * (l[k - 1]! + phi * b[k - 1]!);
    b[k] = beta * (l[k]! - l[k - 1]!) + (1 - beta) * phi * b[k - 1]!;
    s[k] = gamma * (value - l[k - 1]! - phi * b[k - 1]!) + (1 - gamma) * before;
  }
  const said = (k: number): number => {
    let damped = 0;
    for (let i = 1; i <= h; i++) damped += phi ** i;
    return l[k]! + damped * b[k]! + (m === 0 ? 0 : s[k + h - m * Math.ceil(h / m)]!);
  };
  const judged = Array.from({ length: end - from - h + 2 }, (_, i) => from - 1 + h + i).filter((k) => y(k) !== undefined);
  if (judged.length < 3) return undefined;
  const errors = judged.reduce((a, k) => a + Math.abs(y(k)! - said(k - h)), 0);
  const sizes = judged.reduce((a, k) => a + Math.abs(y(k)!), 0);
  return { value: said(end), confidence: Math.max(0, 1 - errors / sizes) };
}

test.each([
  ['no season', undefined, 0],
  ['a season of seven steps', '7m', 7],
])('with %s it agrees with the equations, for values of any spacing', (_, season, m) => {
  const series = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 * MINUTE }), fc.double({ min: 1, max: 1e6, noNaN: true })), {
    minLength: 1,
    maxLength: 150,
    size: 'max',
  });
  let known = 0;
  fc.assert(
    fc.property(series, fc.integer({ min: 0, max: 20 * MINUTE }), fc.integer({ min: 1, max: 9 }), (pairs, later, ahead) => {
      const now = 50 * MINUTE + later;
      const samples = pairs
        .filter(([time]) => time > now - 50 * MINUTE && time <= now)
        .sort(([a], [b]) => a - b)
        .map(([time, value]) => sample(time, value));
      const document = { kind: 'forecast', window: '50m', step: '1m', horizon: `${ahead}m`, ...(season === undefined ? {} : { season }) };
      const reading = readWindow(document, samples, true, now);
      const right = samples.length === 0 ? undefined : reference(samples, now, 50 * MINUTE, MINUTE, m, ahead + 1);
      if (right === undefined) return expect(typeof reading.why).toBe('string');
      known++;
      expect(apart(reading.value, right.value, 1e6)).toBeLessThan(1e-9);
      expect(reading.confidence ?? 1).toBeCloseTo(right.confidence, 9);
    }),
  );
  expect(known).toBeGreaterThan(10);
});

test('a reading made once more within a step is the same reading', () => {
  const samples = minutes(41, (i) => 100 + ((i * 37) % 11));
  const reading = readWindow(forecast, samples, true, at(40));
  expect(readWindow(forecast, samples, true, at(41) - 1)).toEqual(reading);
  expect(reading.nextAt).toBe(at(41));
  expect(readWindow(forecast, samples, true, at(41)).value).not.toBe(reading.value);
});

test('noise makes it less sure', () => {
  const noisy = (i: number): number => 100 + 30 * (((i * 7_919) % 101) / 50 - 1);
  const calm = readWindow(
    forecast,
    minutes(50, (i) => 100 + i / 100),
    true,
    at(50),
  );
  const wild = readWindow(forecast, minutes(50, noisy), true, at(50));
  expect(calm.confidence).toBeGreaterThan(0.99);
  expect(wild.confidence).toBeLessThan(0.9);
  expect(wild.confidence).toBeGreaterThan(0);
});

test('until there are enough steps it is unknown, and says how many there are', () => {
  expect(
    readWindow(
      forecast,
      minutes(12, () => 1),
      true,
      at(12),
    ),
  ).toEqual({ why: 'it needs 23 steps of 60 s, and there are 12', nextAt: at(13) });
  expect(
    readWindow(
      forecast,
      minutes(1, () => 1),
      true,
      10,
    ),
  ).toEqual({ why: 'no step is over yet', nextAt: at(1) });
  expect(readWindow(forecast, [sample(0, 1), sample(at(30), 1)], true, at(31))).toEqual({
    why: 'too many steps of the window have no value',
    nextAt: at(32),
  });
});

test('what never can be enough is refused', () => {
  expect(() => readWindow({ ...forecast, window: '20m' }, [])).toThrow('window must be between 24 min and');
  expect(() => readWindow({ ...forecast, season: '90s' }, [])).toThrow('season must be two steps or more, and a whole number of them');
  expect(() => readWindow({ ...forecast, window: '30d' }, [])).toThrow('window must be between');
});

test('exact rule 9: forecast of an empty window is unknown', () => {
  expect(readWindow(forecast, [])).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: a value that is no number makes forecast unknown', () => {
  expect(readWindow(forecast, [...minutes(40, () => 1), sample(at(40), 'off')], true, at(40)).why).toBe('"off" is not a number');
});

test('exact rule 9: coalesced telemetry lowers the confidence of forecast', () => {
  const samples = minutes(40, () => 5).map((one, i) => ({ ...one, coalesced: i === 7 ? 10 : 0 }));
  expect(readWindow(forecast, samples, true, at(40))).toEqual({ value: 5, confidence: 0.8, nextAt: at(41) });
});

test('exact rule 9: late values enter the steps of forecast', () => {
  const samples = minutes(40, (i) => i);
  const late = samples.map((one, i) => ({ ...one, late: i % 3 === 0 }));
  expect(readWindow(forecast, late, true, at(40))).toEqual(readWindow(forecast, samples, true, at(40)));
});
