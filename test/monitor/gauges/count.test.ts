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
