/** Inputs as they are kept: what is read again is what went in, whatever it was. */
import fc from 'fast-check';
import { decodeRecord, encodeRecord } from '../../src/knowledge/inputs.ts';
import { decodeChanges, encodeChanges } from '../../src/knowledge/pending.ts';
import type { StepRecord } from '../../src/knowledge/store.ts';
import type { Event } from '../../src/messages.ts';

const recordOf = (events: readonly Event[]): StepRecord => ({ step: 3, now: 1_000, hash: 'abc', withheld: [], events });
const seen = (more: object): Event =>
  ({ kind: 'observation', element: 'shop', property: 'load', value: 1, time: 1_700_000_000_000, source: 's', ...more }) as Event;

const observation = fc
  .record(
    {
      element: fc.constantFrom('shop', 'shop/a', 'odd\n"one"'),
      property: fc.constantFrom('load', '__proto__'),
      value: fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(-0), fc.constant(null), fc.constant([1])),
      time: fc.oneof(fc.nat(), fc.double({ min: 0 }), fc.constant(1_700_000_000_123.25)),
      source: fc.string(),
      everyMs: fc.integer({ min: 1 }),
      coalesced: fc.integer({ min: 1 }),
    },
    { requiredKeys: ['element', 'property', 'value', 'time', 'source'] },
  )
  .map((made) => ({ kind: 'observation', ...made }) as unknown as Event);
const event = fc.oneof({ weight: 9, arbitrary: observation }, { weight: 1, arbitrary: fc.constant<Event>({ kind: 'started', wall: 5 }) });

test('what is read again says what JSON would say of it, in the same order', () => {
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const record = recordOf(events);
      expect(decodeRecord(encodeRecord(record))).toEqual(JSON.parse(JSON.stringify(record)));
    }),
    { numRuns: 2_000 },
  );
});

test('a batch of observations takes a fifth of what they take one by one, unless one of them is out of the ordinary', () => {
  const many = Array.from({ length: 100 }, (_, i) => seen({ value: i, time: 1_700_000_000_000 + i, everyMs: 1_000 }));
  const plain = JSON.stringify(recordOf(many)).length;
  expect(encodeRecord(recordOf(many)).length).toBeLessThan(plain / 5);
  expect(encodeRecord(recordOf([...many, seen({ value: Number.NaN })])).length).toBeGreaterThan(plain);
});

test('changes are read again as they were, whatever is in their keys', () => {
  const changes = ['shop\tload', 'a "b"\\\t\n{', ''].flatMap((key) => [
    { key: `readings\t${key}`, text: JSON.stringify({ key, why: '{"\n' }) },
    { key: `latches\t${key}`, text: null },
  ]);
  expect(decodeChanges(encodeChanges(changes))).toEqual(changes);
  expect(decodeChanges(encodeChanges([]))).toEqual([]);
});
