import { everySecond, readWindow, sample } from './harness.ts';

const sum = { kind: 'sum', window: '10s' };

test('it is the sum of the window', () => {
  expect(readWindow(sum, everySecond(0.1, 0.2, 0.3, 1))).toEqual({ value: 1.6 });
});

test('a value that is no number makes it unknown', () => {
  expect(readWindow(sum, everySecond(1, true))).toEqual({ why: 'true is not a number' });
});

test('a sum beyond all numbers is unknown, not infinite', () => {
  expect(readWindow(sum, everySecond(1.7e308, 1.7e308))).toEqual({ why: 'the numbers are too large' });
});

test('exact rule 9: the sum of an empty window is 0 while its probe is alive, else unknown', () => {
  expect(readWindow(sum, [], true)).toEqual({ value: 0 });
  expect(readWindow(sum, [], false)).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: coalesced telemetry makes sum unknown', () => {
  expect(readWindow(sum, [sample(1_000, 3), sample(2_000, 3, { coalesced: 2 })])).toEqual({ why: '2 values were dropped on the way' });
});

test('exact rule 9: late values enter the window of sum', () => {
  expect(readWindow(sum, [sample(1_000, 5, { late: true }), sample(2_000, 3)])).toEqual({ value: 8 });
});
