import { everySecond, readWindow, sample } from './harness.ts';

const stddev = { kind: 'stddev', window: '10s' };

test('it is the standard deviation of the numbers themselves', () => {
  expect(readWindow(stddev, everySecond(2, 4, 4, 4, 5, 5, 7, 9))).toEqual({ value: 2 });
});

test('one number does not deviate', () => {
  expect(readWindow(stddev, everySecond(7))).toEqual({ value: 0 });
});

test('a value that is no number makes it unknown, and it recovers when that value has left', () => {
  expect(readWindow(stddev, everySecond(1, 'unavailable', 3))).toEqual({ why: '"unavailable" is not a number' });
  expect(readWindow(stddev, everySecond(3, 3))).toEqual({ value: 0 });
});

test('exact rule 9: stddev of an empty window is unknown, be its probe alive or not', () => {
  expect(readWindow(stddev, [], true)).toEqual({ why: 'no value in the window' });
  expect(readWindow(stddev, [], false)).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: coalesced telemetry lowers the confidence of stddev to the share of samples that came', () => {
  expect(readWindow(stddev, [sample(1_000, 3), sample(2_000, 3, { coalesced: 2 })])).toEqual({ value: 0, confidence: 0.5 });
});

test('exact rule 9: late values enter the window of stddev', () => {
  expect(readWindow(stddev, [sample(1_000, 5, { late: true }), sample(2_000, 3)])).toEqual({ value: 1 });
});
