import { everySecond, readWindow, sample } from './harness.ts';

const min = { kind: 'min', window: '10s' };

test('it is the smallest number of the window', () => {
  expect(readWindow(min, everySecond(4, -2, 6))).toEqual({ value: -2 });
});

test('a value that is no number makes it unknown, and it recovers when that value has left', () => {
  expect(readWindow(min, everySecond(1, 'unavailable', 3))).toEqual({ why: '"unavailable" is not a number' });
  expect(readWindow(min, everySecond(3, 3))).toEqual({ value: 3 });
});

test('exact rule 9: min of an empty window is unknown, be its probe alive or not', () => {
  expect(readWindow(min, [], true)).toEqual({ why: 'no value in the window' });
  expect(readWindow(min, [], false)).toEqual({ why: 'no value in the window' });
});

test('exact rule 9: coalesced telemetry lowers the confidence of min to the share of samples that came', () => {
  expect(readWindow(min, [sample(1_000, 3), sample(2_000, 3, { coalesced: 2 })])).toEqual({ value: 3, confidence: 0.5 });
});

test('exact rule 9: late values enter the window of min', () => {
  expect(readWindow(min, [sample(1_000, 1, { late: true }), sample(2_000, 3)])).toEqual({ value: 1 });
});
