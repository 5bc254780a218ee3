import type { ObservationEvent } from '../../src/messages.ts';
import { decodeBatch } from '../../src/services/batch-format.ts';
import { batchRecords, LONGEST_TEXT, signalRecord } from '../../src/services/batches.ts';
import { decodeSignal } from '../../src/services/wire.ts';

const NAMES = { observations: 'o', signals: 's' };
const observed = (value: ObservationEvent['value'], element = 'shop/till'): ObservationEvent => ({
  kind: 'observation',
  element,
  property: 'sale',
  value,
  time: 1_000,
  source: 'test',
});
const bytes = (text: string | null) => Buffer.byteLength(text ?? '');

test('a thousand observations are one message, and one more another', () => {
  const records = batchRecords(Array(1_001).fill(observed(1)), NAMES, 1);
  expect(records.map(({ value }) => decodeBatch(value!).length)).toEqual([1_000, 1]);
});

test('long values make more messages, none of them longer than a broker takes, also of characters that JSON writes long', () => {
  const long = Array.from({ length: 30 }, (_, i) => observed(`${i}${'\u0001'.repeat(60_000)}`));
  const records = batchRecords(long, NAMES, 1);
  expect(Math.max(...records.map(({ value }) => bytes(value)))).toBeLessThan(1_000_000);
  expect(records.flatMap(({ value }) => decodeBatch(value!))).toEqual(long);
});

test('a value that no message holds is refused, where its element is, and stops no other', () => {
  const records = batchRecords([observed(1), observed('x'.repeat(LONGEST_TEXT + 1)), observed(2)], NAMES, 1);
  expect(records.map(({ topic }) => topic)).toEqual(['s', 'o']);
  expect(decodeSignal(records[0]!.value!)).toMatchObject({
    kind: 'rejected',
    source: 'test',
    reason: `a value of ${LONGEST_TEXT + 1} characters is too long; ${LONGEST_TEXT} fit`,
    excerpt: expect.stringMatching(/^shop\/till sale: x+$/),
  });
  expect(decodeBatch(records[1]!.value!).map(({ value }) => value)).toEqual([1, 2]);
  expect(bytes(batchRecords([observed('\u0001'.repeat(LONGEST_TEXT))], NAMES, 1)[0]!.value)).toBeLessThan(1_000_000);
});

test('a signal that no message holds is told as refused', () => {
  const document = { type: 'till', labels: { note: 'x'.repeat(1_000_000) } };
  const { value } = signalRecord({ kind: 'appeared', element: 'shop/till', document, source: 'api' }, NAMES, 0);
  expect(bytes(value)).toBeLessThan(1_000);
  expect(decodeSignal(value!)).toMatchObject({
    kind: 'rejected',
    reason: expect.stringMatching(/^a signal \(appeared\) of 1000\d+ bytes is too long/),
  });
});
