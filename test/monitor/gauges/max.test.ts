import { everySecond, readWindow, sample } from './harness.ts';

const max = { kind: 'max', window: '10s' };

test('it is the largest number of the window', () => {
  expect(readWindow(max, everySecond(4, -2, 6))).toEqual({ value: 6 });
});

test('a value that is no number makes it unknown, and it recovers when that value has left', () => {
  expect(readWindow(max, everySecond(1, 'unavailable', 3))).toEqual({ why: '"unavailable" is not a number' });
  expect(readWindow(max, everySecond(3, 3))).toEqual({ value: 3 });
});

test('exact rule 9: max of an empty window is unknown, be its probe alive or not', () => {
  expect(readWindow(max, [], true)).toEqual({ why: 'no value in the window' });
  expect(readWindow(max, [], false)).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: coalesced telemetry lowers the confidence of max to the share of samples that came', () => {
  expect(readWindow(max, [sample(1_000, 3), sample(2_000, 3, { coalesced: 2 })])).toEqual({ value: 3, confidence: 0.5 });
});

test('exact rule 9: late values enter the window of max', () => {
  expect(readWindow(max, [sample(1_000, 9, { late: true }), sample(2_000, 3)])).toEqual({ value: 9 });
});
