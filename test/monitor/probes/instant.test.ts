import fc from 'fast-check';
import { instantOf } from '../../../src/monitor/probes/instant.ts';

test('an instant of RFC 3339 is what the language makes of it', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }), (date) => {
      expect(instantOf(date.toISOString(), 'iso')).toBe(date.getTime());
    }),
  );
});

test.each([
  ['2024-02-29T12:00:00+02:00', Date.UTC(2024, 1, 29, 10)],
  ['2024-02-29 12:00:00.123456-0130', Date.UTC(2024, 1, 29, 13, 30, 0, 123) + 0.456],
  ['1970-01-01t00:00:00z', 0],
])('%s is %d', (written, instant) => {
  expect(instantOf(written, 'iso')).toBe(instant);
});

test.each([
  '2023-02-29T12:00:00Z',
  '2023-13-01T00:00:00Z',
  '2023-01-01T24:00:00Z',
  '2023-01-01T12:00:00',
  '1969-12-31T23:59:59Z',
  'now',
  5,
])('%s is no instant', (written) => {
  expect(instantOf(written, 'iso')).toBeUndefined();
});

test('numbers are milliseconds or seconds, written as numbers or as text', () => {
  expect(instantOf(1_500.4, 'ms')).toBe(1_500.4);
  expect(instantOf(1_500.000_4, 'ms')).toBe(1_500);
  expect(instantOf(' 1500 ', 'ms')).toBe(1_500);
  expect(instantOf(1.5, 's')).toBe(1_500);
  for (const wrong of ['', ' ', 'x', -1, Number.NaN, null, undefined, true]) expect(instantOf(wrong, 'ms')).toBeUndefined();
});
