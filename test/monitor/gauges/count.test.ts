import { everySecond, readWindow, sample } from './harness.ts';

const count = { kind: 'count', window: { count: 100 } };

test('it counts values of whatever type', () => {
  expect(readWindow(count, everySecond(1, 'unavailable', false))).toEqual({ value: 3 });
});

test('exact rule 9: the count of an empty window is 0 while its probe is alive, else unknown', () => {
  expect(readWindow(count, [], true)).toEqual({ value: 0 });
  expect(readWindow(count, [], false)).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: coalesced telemetry makes count unknown', () => {
  expect(readWindow(count, [sample(1_000, 3, { coalesced: 1 })])).toEqual({ why: '1 values were dropped on the way' });
});

test('exact rule 9: late values enter the window of count', () => {
  expect(readWindow(count, [sample(1_000, 5, { late: true }), sample(2_000, 3)])).toEqual({ value: 2 });
});

test('with bounds it counts the numbers from one on and below the other', () => {
  const within = { ...count, from: 10, below: 20 };
  expect(readWindow(within, everySecond(9.9, 10, 15, 19.9, 20))).toEqual({ value: 3 });
  expect(readWindow({ ...count, from: 10 }, everySecond(9.9, 10, 20))).toEqual({ value: 2 });
  expect(readWindow({ ...count, below: 10 }, everySecond(9.9, 10, 20))).toEqual({ value: 1 });
  expect(readWindow(within, everySecond(1, 2))).toEqual({ value: 0 });
  expect(readWindow(within, everySecond(12, 'unavailable'))).toEqual({ why: '"unavailable" is not a number' });
});
