import type { Value } from '../../../src/messages.ts';
import { feeder } from './harness.ts';

const progress = { kind: 'progress', of: 'done', pending: 'pending', deadline: '2s' };
const pending = (value: Value | undefined) => (fact: string) => (fact === 'pending' ? value : undefined);

test('an idle process is not a frozen one: 0 while nothing is pending, however long the counter stands still', () => {
  const { observe, sense, read } = feeder(progress);
  observe(1_000, 7);
  sense(pending(0), 1_000);
  expect(read(60_000)).toEqual({ value: 0 });
});

test('a counter that stands still while work is pending is told at the deadline, then each half of it', () => {
  const { observe, sense, read } = feeder(progress);
  observe(1_000, 7);
  sense(pending(3), 1_000);
  expect(read(1_000)).toEqual({ value: 0, nextAt: 3_000 });
  observe(2_500, 7);
  expect(read(3_000)).toEqual({ value: 2_000, nextAt: 4_000 });
  expect(read(4_700)).toEqual({ value: 3_000, nextAt: 5_000 });
  observe(4_800, 8);
  expect(read(4_800)).toEqual({ value: 0, nextAt: 6_800 });
});

test('the wait begins when work begins to be pending, not when the counter last moved', () => {
  const { observe, sense, read } = feeder(progress);
  observe(1_000, 7);
  sense(pending(0), 1_000);
  sense(pending(1), 50_000);
  expect(read(50_000)).toEqual({ value: 0, nextAt: 52_000 });
  sense(pending(9), 51_000);
  expect(read(52_000).value).toBe(2_000);
  sense(pending(0), 52_500);
  expect(read(52_500)).toEqual({ value: 0 });
});

test('it tells a process that never did anything', () => {
  const { sense, read } = feeder(progress);
  sense(pending(true), 1_000);
  expect(read(3_000).value).toBe(2_000);
});

test('a process that froze at work is told, although it fell silent about its work too', () => {
  const { observe, sense, read } = feeder(progress);
  observe(1_000, 7);
  sense(pending(3), 1_000);
  sense(pending(undefined), 2_000);
  expect(read(3_000).value).toBe(2_000);
});

test('a process that fell silent while idle is unknown, for it may be frozen or not', () => {
  const { observe, sense, read } = feeder(progress);
  observe(1_000, 7);
  sense(pending(0), 1_000);
  sense(pending(undefined), 2_000);
  expect(read(9_000)).toEqual({ why: 'pending is unknown' });
  sense(pending('?'), 9_500);
  expect(read(9_500)).toEqual({ why: 'pending is unknown' });
});

test('an advance while pending is unknown ends the wait: what was known of the work is out of date', () => {
  const { observe, sense, read } = feeder(progress);
  sense(pending(3), 1_000);
  sense(pending(undefined), 2_000);
  observe(2_100, 8);
  expect(read(60_000)).toEqual({ why: 'pending is unknown' });
});

test('a counter that falls is a new process, and that is an advance', () => {
  const { observe, sense, read } = feeder(progress);
  sense(pending(3), 1_000);
  observe(1_000, 7);
  observe(2_900, 0);
  expect(read(3_000).value).toBe(0);
});

test('sensing more often than needed changes nothing', () => {
  const { memo, observe, sense } = feeder(progress);
  observe(1_000, 7);
  sense(pending(3), 1_500);
  const before = JSON.stringify(memo);
  sense(pending(3), 1_900);
  sense(pending(2), 2_400);
  expect(JSON.stringify(memo)).toBe(before);
});

test('without `pending` there always is work, from the creation on', () => {
  const { gauge, read, observe } = feeder({ kind: 'progress', deadline: '2s' }, 1_000);
  expect(gauge.facts).toBeUndefined();
  expect(read(3_000).value).toBe(2_000);
  observe(3_500, 1);
  expect(read(3_500)).toEqual({ value: 0, nextAt: 5_500 });
});

test('what stood still while the manager was away proves nothing', () => {
  const { gauge, memo, sense, read } = feeder(progress);
  sense(pending(3), 1_000);
  gauge.restarted!(memo, 60_000);
  expect(read(60_000)).toEqual({ value: 0, nextAt: 62_000 });
});

test('a counter that is no number makes it unknown until the next number', () => {
  const { observe, sense, read } = feeder(progress);
  sense(pending(3), 1_000);
  observe(1_000, 'NaN');
  expect(read(60_000)).toEqual({ why: '"NaN" is not a number' });
  observe(60_000, 1);
  expect(read(60_000).value).toBe(0);
});

test('exact rule 9: a late count is no advance', () => {
  const { observe, sense, read } = feeder(progress);
  observe(1_000, 7);
  sense(pending(3), 1_000);
  observe(900, 6, { late: true });
  expect(read(3_000).value).toBe(2_000);
});
