import fc from 'fast-check';
import type { GaugeDocument } from '../../../src/documents/manager.ts';
import { HomeostatError } from '../../../src/errors.ts';
import type { Value } from '../../../src/messages.ts';
import { createGauge } from '../../../src/monitor/gauges/create.ts';
import { feeder } from './harness.ts';

const FAULT: GaugeDocument = {
  kind: 'machine',
  initial: 'fine',
  states: {
    fine: [{ to: 'suspected', when: 'errors > 3' }],
    suspected: [
      { to: 'fine', when: 'errors == 0' },
      { to: 'isolated', after: '10s' },
    ],
    isolated: [{ to: 'fine', when: 'errors == 0', after: '30s' }],
  },
};

type Facts = Readonly<Record<string, Value | undefined>>;

/** The state after each instant, [seconds, facts]; without facts nothing has changed. */
function walk(document: GaugeDocument, instants: readonly (readonly [seconds: number, facts?: Facts])[]): (Value | undefined)[] {
  const gauge = feeder(document);
  let facts: Facts = {};
  return instants.map(([seconds, changed]) => {
    facts = changed ?? facts;
    gauge.sense((fact) => facts[fact], seconds * 1_000);
    return gauge.read(seconds * 1_000).value;
  });
}

const refusal = (document: object): string => {
  try {
    createGauge({ kind: 'machine', ...document } as GaugeDocument);
  } catch (thrown) {
    if (thrown instanceof HomeostatError) return `${thrown.code} ${thrown.message}`;
    throw thrown;
  }
  return 'taken';
};

test('it goes from state to state on conditions, or after a time', () => {
  expect(
    walk(FAULT, [[0], [1, { errors: 4 }], [5, { errors: 0 }], [6, { errors: 9 }], [15.999], [16], [20, { errors: 0 }], [45.999], [46]]),
  ).toEqual(['fine', 'suspected', 'fine', 'suspected', 'suspected', 'isolated', 'isolated', 'isolated', 'fine']);
});

test('it asks for a step at the very instant at which a time is over', () => {
  const gauge = feeder(FAULT);
  expect(gauge.gauge.facts).toEqual(['errors']);
  gauge.sense(() => 4, 1_000);
  expect(gauge.read(1_000)).toEqual({ value: 'suspected', nextAt: 11_000 });
  // A step that comes late counts the next time from then all the same.
  gauge.sense(() => undefined, 12_500);
  expect(gauge.read(12_500)).toEqual({ value: 'isolated', nextAt: 41_000 });
});

test('unknown opens no way', () => {
  expect(walk(FAULT, [[0, {}], [1, { errors: 'many' }], [2, { errors: 4 }], [3, {}], [11.9], [12]])).toEqual([
    'fine',
    'fine',
    'suspected',
    'suspected',
    'suspected',
    'isolated',
  ]);
});

test('the first way that is open is taken; several may be taken at one instant, and a circle comes to rest', () => {
  const states = {
    a: [{ to: 'b', when: 'x > 0' }],
    b: [
      { to: 'c', when: 'x > 1' },
      { to: 'a', when: 'x > 1' },
    ],
    c: [],
  };
  expect(walk({ kind: 'machine', initial: 'a', states }, [[0, { x: 2 }]])).toEqual(['c']);
  const circle = { a: [{ to: 'b', when: 'x > 0' }], b: [{ to: 'a', when: 'x > 0' }] };
  expect(
    walk({ kind: 'machine', initial: 'a', states: circle }, [
      [0, { x: 2 }],
      [1, { x: 0 }],
    ]),
  ).toEqual(['a', 'a']);
});

test('the time in a state goes on while the manager is away', () => {
  const gauge = feeder(FAULT);
  expect(gauge.gauge.restarted).toBeUndefined();
  expect(gauge.gauge.tellsSilence).toBe(true);
});

test('it tells how it came to be where it is', () => {
  const gauge = feeder(FAULT);
  expect(gauge.gauge.tells!(gauge.memo, 3_000)).toBe('as it began, for 3 s');
  gauge.sense(() => 4, 5_000);
  expect(gauge.gauge.tells!(gauge.memo, 6_500)).toBe('from fine by errors > 3, for 1.5 s');
  gauge.sense(() => 4, 15_000);
  expect(gauge.gauge.tells!(gauge.memo, 15_000)).toBe('from suspected by after 10s, for 0 ms');
});

test('what cannot be meant is refused', () => {
  expect(refusal({ initial: 'fin', states: { fine: [] } })).toBe('H007 machine: initial: there is no state "fin"; did you mean "fine"?');
  expect(refusal({ initial: 'a', states: { a: [{ to: 'x', after: '1s' }] } })).toMatch(/states\/a\/0\/to: there is no state "x"/);
  expect(refusal({ initial: 'a', states: { a: [{ to: 'a' }] } })).toMatch(/states\/a\/0: a way out needs "when" or "after"/);
  expect(refusal({ initial: 'a', states: { a: [], b: [] } })).toMatch(/states\/b: nothing leads to it/);
  expect(refusal({ initial: 'a', states: { a: [{ to: 'a', when: 'x >' }] } })).toMatch(/^H107/);
  expect(refusal({ initial: 'a', states: { a: [{ to: 'a', after: '0s' }] } })).toMatch(/^H007/);
  expect(refusal({ initial: 'a', states: { a: [{ to: 'a', after: 'soon' }] } })).toMatch(/^H007/);
});

test('by the definition: instant by instant, the first open way of the state', () => {
  const way = fc.record({
    to: fc.nat(3),
    above: fc.option(fc.nat(3), { nil: undefined }),
    afterMs: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  });
  const ways = fc.array(
    way.filter(({ above, afterMs }) => above !== undefined || afterMs !== undefined),
    { maxLength: 3 },
  );
  const facts = fc.array(fc.option(fc.nat(4), { nil: undefined }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(fc.tuple(ways, ways, ways, ways), facts, (written, values) => {
      const states = Object.fromEntries(
        written.map((list, i) => [
          `s${i}`,
          [
            // All are reached from the first, by ways that never open.
            ...(i === 0 ? [1, 2, 3].map((to) => ({ to: `s${to}`, when: 'x > 100' })) : []),
            ...list.map(({ to, above, afterMs }) => ({
              to: `s${to}`,
              ...(above === undefined ? {} : { when: `x > ${above}` }),
              ...(afterMs === undefined ? {} : { after: `${afterMs}ms` }),
            })),
          ],
        ]),
      );
      const gauge = feeder({ kind: 'machine', initial: 's0', states });
      let [state, since] = [0, 0];
      for (const [now, x] of values.entries()) {
        gauge.sense(() => x, now);
        for (let moves = 0; moves < 4; moves++) {
          const open = written[state]!.find(
            ({ above, afterMs = 0 }) => now - since >= afterMs && (above === undefined || (x !== undefined && x > above)),
          );
          if (open === undefined) break;
          [state, since] = [open.to, now];
        }
        expect(gauge.read(now).value).toBe(`s${state}`);
      }
    }),
  );
});
