import { feeder } from './harness.ts';

test('it is the newest value, of whatever type', () => {
  const { observe, read } = feeder({ kind: 'last' });
  expect(read(0)).toEqual({ why: 'nothing has been observed yet' });
  observe(1_000, 5);
  expect(read(1_000)).toEqual({ value: 5 });
  observe(2_000, 'up');
  expect(read(2_000)).toEqual({ value: 'up' });
  observe(2_000, false);
  expect(read(2_000)).toEqual({ value: false });
});

test('exact rule 9: late values never enter last', () => {
  const { observe, read } = feeder({ kind: 'last' });
  observe(2_000, 5);
  observe(1_000, 4, { late: true });
  expect(read(3_000)).toEqual({ value: 5 });
});
