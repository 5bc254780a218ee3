import fc from 'fast-check';
import { feeder } from './harness.ts';

const suspicion = { kind: 'suspicion', pause: '2s', deviation: '200ms' };

/** φ by the formula of Akka, of an interval's mean and deviation, both in ms. */
const phi = (silence: number, mean: number, deviation: number): number => {
  const y = (silence - mean) / deviation;
  const e = Math.exp(-y * (1.5976 + 0.070566 * y * y));
  return silence > mean ? -Math.log10(e / (1 + e)) : -Math.log10(1 - 1 / (1 + e));
};

test('a source that beats each second is suspected after its pause, more with each moment of silence', () => {
  const { observe, read } = feeder(suspicion);
  for (let at = 0; at <= 500_000; at += 1_000) observe(at, 1);
  expect(read(500_000)).toEqual({ value: 0, nextAt: 503_257 });
  expect(read(503_256).value).toBe(0);
  expect(read(503_257)).toEqual({ value: 1, nextAt: 503_465 });
  expect(read(504_200).value).toBe(10);
  expect(read(9_000_000)).toEqual({ value: 16 });
});

test('it agrees with the formula for intervals of any length, moments reckoned anew', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 2_500 }), { maxLength: 80 });
  fc.assert(
    fc.property(gaps, fc.nat(12_000), (list, silence) => {
      const { observe, read } = feeder(suspicion);
      let at = 10_000;
      observe(at, 1);
      // Akka begins with two intervals, a quarter below and above the estimate.
      const known = [750, 1_250];
      for (const gap of list) {
        at += gap;
        observe(at, 'any');
        known.push(gap);
      }
      const mean = known.reduce((a, b) => a + b) / known.length;
      const deviation = Math.max(200, Math.sqrt(known.reduce((s, x) => s + (x - mean) ** 2, 0) / known.length));
      const formula = phi(silence, mean + 2_000, deviation);
      const { value } = read(at + silence);
      expect(value).toBeGreaterThanOrEqual(Math.min(16, Math.floor(phi(silence - 1, mean + 2_000, deviation) - 1e-6)));
      expect(value).toBeLessThanOrEqual(Math.min(16, Math.max(0, formula + 1e-6)));
    }),
  );
});

test('the reading changes exactly when it said, and at most sixteen times in a silence', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 30 }), (gaps) => {
      const { observe, read } = feeder(suspicion);
      let at = 0;
      for (const gap of gaps) {
        at += gap;
        observe(at, 1);
      }
      let [reading, changes] = [read(at), 0];
      while (reading.nextAt !== undefined) {
        expect(read(reading.nextAt - 1).value).toBe(reading.value);
        const next = read(reading.nextAt);
        expect(next.value).toBeGreaterThan(reading.value as number);
        reading = next;
        changes++;
      }
      expect(reading.value).toBe(16);
      expect(changes).toBeLessThanOrEqual(16);
    }),
  );
});

test('an irregular source is given more time than a regular one', () => {
  const [regular, irregular] = [feeder(suspicion), feeder(suspicion)];
  for (let i = 0; i < 200; i++) {
    regular.observe(i * 1_000, 1);
    irregular.observe(i * 1_000 + (i % 2) * 700, 1);
  }
  expect(regular.read(199_000 + 4_300).value).toBeGreaterThan(irregular.read(199_700 + 4_300).value as number);
});

test('a failure is not learnt as an interval: it counts as the silence of which phi is 8', () => {
  const [failed, slow] = [feeder(suspicion), feeder(suspicion)];
  for (const { observe } of [failed, slow]) for (let at = 0; at <= 100_000; at += 1_000) observe(at, 1);
  const eight = 100_000 + Array.from({ length: 9_000 }, (_, i) => i).find((ms) => slow.read(100_000 + ms).value === 8)!;
  failed.observe(9_000_000, 1);
  slow.observe(eight, 1);
  expect(failed.memo.mean).toBeCloseTo(slow.memo.mean as number, 0);
});

test('from then on old intervals fade: a source that beats more seldom for good is believed', () => {
  const { observe, read } = feeder({ ...suspicion, samples: 10 });
  let at = 0;
  for (; at < 10_000; at += 100) observe(at, 1);
  for (let i = 0; i < 200; i++, at += 30_000) observe(at, 1);
  expect(read(at).value).toBe(0);
});

test('without any beat it counts from the creation of the element, by the interval that is expected', () => {
  const { read } = feeder({ ...suspicion, first: '10s' }, 5_000);
  expect(read(5_000 + 12_000).value).toBe(0);
  expect(read(5_000 + 60_000).value).toBe(16);
});

test('what was not heard while the manager was away proves nothing, and is no interval', () => {
  const { gauge, memo, observe, read } = feeder(suspicion);
  for (let at = 0; at <= 10_000; at += 1_000) observe(at, 1);
  const { mean } = memo;
  gauge.restarted!(memo, 60_000);
  expect(read(62_000).value).toBe(0);
  observe(60_400, 1);
  expect(memo.mean).toBe(mean);
  observe(61_400, 1);
  expect(memo.n).toBe(13);
});

test('its reading does not grow stale: silence is what it tells', () => {
  expect(feeder(suspicion).gauge.tellsSilence).toBe(true);
});

test('exact rule 9: a late beat is a sign of life of its time, and no interval', () => {
  const { memo, observe, read } = feeder(suspicion);
  observe(10_000, 1);
  const before = { ...memo };
  observe(9_500, 1, { late: true });
  expect(memo).toEqual(before);
  expect(read(10_000).value).toBe(0);
});

test('exact rule 9: the interval before a coalesced beat is not learnt, for others were in between', () => {
  const { memo, observe } = feeder(suspicion);
  observe(10_000, 1);
  observe(14_000, 1, { coalesced: 3 });
  expect(memo.n).toBe(2);
  expect(memo.since).toBe(14_000);
});

test('a least deviation of nothing is refused', () => {
  expect(() => feeder({ kind: 'suspicion', deviation: '0s' })).toThrow('deviation must be between 1ms and 3653d; found "0s" (0 ms)');
});
