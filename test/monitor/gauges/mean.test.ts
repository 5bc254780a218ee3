import { everySecond, readWindow, sample } from './harness.ts';

const mean = { kind: 'mean', window: '10s' };

test('it is the arithmetic mean of the window', () => {
  expect(readWindow(mean, everySecond(1, 2, 6))).toEqual({ value: 3 });
});

test('a value that is no number makes it unknown, and it recovers when that value has left', () => {
  expect(readWindow(mean, everySecond(1, 'unavailable', 3))).toEqual({ why: '"unavailable" is not a number' });
  expect(readWindow(mean, everySecond(3, 3))).toEqual({ value: 3 });
});

test('exact rule 9: mean of an empty window is unknown, be its probe alive or not', () => {
  expect(readWindow(mean, [], true)).toEqual({ why: 'no value in the window' });
  expect(readWindow(mean, [], false)).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: coalesced telemetry lowers the confidence of mean to the share of samples that came', () => {
  expect(readWindow(mean, [sample(1_000, 3), sample(2_000, 3, { coalesced: 2 })])).toEqual({ value: 3, confidence: 0.5 });
});

test('exact rule 9: late values enter the window of mean', () => {
  expect(readWindow(mean, [sample(1_000, 5, { late: true }), sample(2_000, 3)])).toEqual({ value: 4 });
});
