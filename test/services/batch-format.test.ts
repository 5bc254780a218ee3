import fc from 'fast-check';
import type { Observation } from '../../src/messages.ts';
import { decodeBatch, encodeBatch } from '../../src/services/batch-format.ts';

const observation: fc.Arbitrary<Observation> = fc.record(
  {
    element: fc.constantFrom('shop', 'shop/server-1', 'shop/server-2', 'load'),
    property: fc.constantFrom('load', 'shop', 'p95'),
    value: fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
      fc.string(),
      fc.boolean(),
    ),
    time: fc.oneof(
      fc.nat({ max: 100_000 }).map((ms) => 1_795_278_600_000 + ms),
      fc.nat({ max: 100_000 }).map((n) => 1_795_278_600_000 + n / 1_024),
      fc.double({ min: 0, max: 1e15, noNaN: true }),
    ),
    source: fc.string({ minLength: 1, maxLength: 20 }),
    everyMs: fc.integer({ min: 1 }),
    coalesced: fc.integer({ min: 1 }),
  },
  { requiredKeys: ['element', 'property', 'value', 'time', 'source'] },
);

test('what is decoded is what was encoded, in its order', () => {
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 40 }), (observations) => {
      expect(decodeBatch(encodeBatch(observations))).toEqual(observations.map((one) => ({ kind: 'observation', ...one })));
    }),
    { numRuns: 1_000, seed: 5 },
  );
});

test('a text is told once a batch, and times are small', () => {
  const one = { element: 'shop/a', property: 'load', value: 1, time: 1_000, source: 's' };
  expect(encodeBatch([one, { ...one, time: 1_001.5, value: 'x', everyMs: 100 }])).toBe(
    '[1,1000,["shop/a","load","s"],[0,1,2,0,1,0,0,0,1,2,1.5,"x",100,0]]',
  );
});

test.each([
  ['[', /is not valid JSON/],
  ['{}', /is \{\}, and an array is needed/],
  ['[2,0,[],[]]', /has version 2, and 1 is the only one known here/],
  ['[1,-1,[],[]]', /wrong base: -1/],
  ['[1,0,[],[0]]', /other parts than its version/],
  ['[1,0,[],[],0]', /other parts than its version/],
  ['[1,0,["a b","p","s"],[0,1,2,0,1,0,0]]', /wrong element: "a b"/],
  ['[1,0,["a","p/q","s"],[0,1,2,0,1,0,0]]', /wrong property: "p\/q"/],
  ['[1,0,["a","p",""],[0,1,2,0,1,0,0]]', /wrong source: ""/],
  ['[1,0,["a","p","s"],[0,1,3,0,1,0,0]]', /wrong number of a text: 3/],
  ['[1,0,["a","p","s"],["0",1,2,0,1,0,0]]', /wrong number of a text: "0"/],
  ['[1,0,["a","p","s"],[0,1,2,-1,1,0,0]]', /wrong time: -1/],
  ['[1,0,["a","p","s"],[0,1,2,1e999,1,0,0]]', /wrong time: null/],
  ['[1,0,["a","p","s"],[0,1,2,0,1e999,0,0]]', /wrong value: null/],
  ['[1,0,["a","p","s"],[0,1,2,0,null,0,0]]', /wrong value: null/],
  ['[1,0,["a","p","s"],[0,1,2,0,1,0.5,0]]', /wrong everyMs: 0.5/],
  ['[1,0,["a","p","s"],[0,1,2,0,1,0,-1]]', /wrong coalesced: -1/],
])('what is no batch is refused as a whole: %s', (text, message) => {
  expect(() => decodeBatch(text)).toThrow(message);
});
