import fc from 'fast-check';
import { feeder } from './harness.ts';

const heartbeat = { kind: 'heartbeat', deadline: '2s' };

test('it is 0 from a beat until the deadline, and wants to be read exactly then', () => {
  const { observe, read } = feeder(heartbeat);
  observe(10_000, 1);
  expect(read(10_000)).toEqual({ value: 0, nextAt: 12_000 });
  expect(read(11_999)).toEqual({ value: 0, nextAt: 12_000 });
  expect(read(12_000)).toEqual({ value: 2_000, nextAt: 13_000 });
});

test('after the deadline it is the age in steps of half a deadline, until the next beat', () => {
  const { observe, read } = feeder(heartbeat);
  observe(10_000, 1);
  expect(read(12_999)).toEqual({ value: 2_000, nextAt: 13_000 });
  expect(read(15_100)).toEqual({ value: 5_000, nextAt: 16_000 });
  observe(15_200, 'whatever');
  expect(read(15_200)).toEqual({ value: 0, nextAt: 17_200 });
});

test('without any beat it counts from the creation of the element', () => {
  expect(feeder(heartbeat, 5_000).read(7_000)).toEqual({ value: 2_000, nextAt: 8_000 });
});

test('a beat that comes late does not turn the age back', () => {
  const { observe, read } = feeder(heartbeat);
  observe(10_000, 1);
  observe(9_000, 1, { late: true });
  expect(read(12_000).value).toBe(2_000);
});

test('what was not heard while the manager was away proves nothing', () => {
  const { gauge, memo, observe, read } = feeder(heartbeat);
  observe(10_000, 1);
  gauge.restarted!(memo, 60_000);
  expect(read(60_000)).toEqual({ value: 0, nextAt: 62_000 });
  expect(read(62_000).value).toBe(2_000);
});

test('its reading does not grow stale: silence is what it tells', () => {
  expect(feeder(heartbeat).gauge.tellsSilence).toBe(true);
});

test('a reading made once more in between is the same reading', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 10_000 }), (later, deadline) => {
      const { read } = feeder({ kind: 'heartbeat', deadline: `${deadline}ms` });
      const { value, nextAt } = read(later);
      expect(nextAt).toBeGreaterThan(later);
      expect(read(nextAt! - 1).value).toBe(value);
      expect(read(nextAt!).value).not.toBe(value);
      expect(value).toBeLessThanOrEqual(later);
      expect(value === 0).toBe(later < deadline);
    }),
  );
});

test('a deadline of nothing is refused', () => {
  expect(() => feeder({ kind: 'heartbeat', deadline: '0s' })).toThrow('deadline must be between 1ms and 3653d; found "0s" (0 ms)');
});
