import fc from 'fast-check';
import { everySecond, feeder, readWindow, sample, seriesGauge, view } from './harness.ts';

test('it is the time since the value became what it is, in steps of `every`', () => {
  const { observe, read } = feeder({ kind: 'timeInState' });
  expect(read(0)).toEqual({ why: 'nothing has been observed yet' });
  observe(1_000, 'open');
  expect(read(1_400)).toEqual({ value: 0, nextAt: 2_000 });
  observe(3_000, 'open');
  expect(read(4_999)).toEqual({ value: 3_000, nextAt: 5_000 });
  observe(5_500, 'shut');
  expect(read(5_500)).toEqual({ value: 0, nextAt: 6_500 });
});

test('with a state it is 0, and needs no timer, while the value is another', () => {
  const { observe, read } = feeder({ kind: 'timeInState', state: 'open', every: '10s' });
  observe(0, 'shut');
  expect(read(60_000)).toEqual({ value: 0 });
  observe(60_000, 'open');
  expect(read(85_000)).toEqual({ value: 20_000, nextAt: 90_000 });
});

test('a reading made when its timer is due has just reached the next step', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(100_000), fc.integer({ min: 1, max: 5_000 }), (since, later, every) => {
      const { observe, read } = feeder({ kind: 'timeInState', every: `${every}ms` });
      observe(since, true);
      const { value, nextAt } = read(since + later);
      expect(nextAt).toBeGreaterThan(since + later);
      expect(read(nextAt!).value).toBe((value as number) + every);
      expect(read(nextAt! - 1).value).toBe(value);
    }),
  );
});

test('exact rule 9: late values do not change how long the newest has been there', () => {
  const { observe, read } = feeder({ kind: 'timeInState' });
  observe(1_000, 'open');
  observe(500, 'shut', { late: true });
  expect(read(3_000)).toMatchObject({ value: 2_000 });
});

test('over a window it is the share of the time that was spent in the state', () => {
  const up = { kind: 'timeInState', state: 'up', window: '10s' };
  const samples = [sample(50_000, 'up'), sample(52_000, 'down'), sample(57_000, 'up')];
  expect(readWindow(up, samples)).toEqual({ value: 0.5, nextAt: 61_000 });
  expect(readWindow(up, everySecond('up', 'up'))).toEqual({ value: 1 });
  expect(readWindow(up, everySecond('down'))).toEqual({ value: 0 });
});

test('time before the first value of the window is not known, and lowers the confidence', () => {
  expect(readWindow({ kind: 'timeInState', state: 1, window: '10s' }, [sample(55_000, 1)])).toEqual({ value: 1, confidence: 0.5 });
});

test('the shares of all states are 1 together', () => {
  const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 9_000 }), fc.constantFrom('a', 'b', 'c')), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(runs, (steps) => {
      let time = 0;
      const samples = steps.map(([ms, value]) => {
        time += ms;
        return sample(time, value);
      });
      const share = (state: string) => {
        const gauge = seriesGauge({ kind: 'timeInState', state, window: { count: 100 } });
        return gauge.read({}, view(samples), time + 1, true).value as number;
      };
      expect(share('a') + share('b') + share('c')).toBeCloseTo(1, 9);
    }),
  );
});

test('exact rule 9: timeInState of an empty window is unknown', () => {
  expect(readWindow({ kind: 'timeInState', state: 'up', window: '10s' }, [])).toEqual({ why: 'no value in the window' });
});

test('a window without a state is refused', () => {
  expect(() => seriesGauge({ kind: 'timeInState', window: '10s' })).toThrow('timeInState over a window needs a "state" to time');
});
