import fc from 'fast-check';
import type { GaugeDocument } from '../../../src/documents/manager.ts';
import type { Memo } from '../../../src/monitor/gauges/gauge.ts';
import { sample, seriesGauge, view } from './harness.ts';

const NUMBER = { fact: 'event', operator: 'greaterThan', value: 0 };
const WORD = { fact: 'event', operator: 'equal', value: 'up' };

const DOCUMENTS: readonly GaugeDocument[] = [
  { kind: 'last' },
  { kind: 'ewma', halfLife: '3s' },
  { kind: 'timeInState' },
  { kind: 'timeInState', state: 1 },
  { kind: 'heartbeat', deadline: '2s' },
  { kind: 'suspicion' },
  { kind: 'progress', deadline: '2s' },
  { kind: 'progress', deadline: '2s', pending: 'pending' },
  { kind: 'pattern', all: [{ as: 'one', where: WORD }, { where: NUMBER }], gives: { fact: 'one' }, keep: 5 },
  { kind: 'pattern', sequence: [{ as: 'one', where: NUMBER }, { where: { not: NUMBER } }, {}], throttle: { pass: 'last', within: '3s' } },
  { kind: 'pattern', absence: { where: WORD, after: { as: 'a', where: NUMBER } }, within: '2s', gives: { fact: 'a' } },
  { kind: 'pattern', notAll: [{ where: WORD }, { where: NUMBER }], within: '2s', throttle: { pass: 'first', within: '3s' } },
  { kind: 'pattern', count: { atLeast: 3 }, within: '2s', throttle: { pass: 2, within: '9s' } },
  {
    kind: 'machine',
    initial: 'fine',
    states: {
      fine: [{ to: 'bad', when: 'pending == 1.0' }],
      bad: [
        { to: 'worse', after: '1s' },
        { to: 'fine', when: 'pending == 0.0' },
      ],
      worse: [{ to: 'fine', when: 'pending == 1.0', after: '2s' }],
    },
  },
];

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, 1.7e308, -1.7e308, 5e-324, 'up', 'NaN', true, false),
);
const happening = fc.oneof(
  fc.record({ kind: fc.constant('observe' as const), value, time: fc.nat(20_000), coalesced: fc.nat(2) }),
  fc.record({ kind: fc.constant('sense' as const), value: fc.option(value, { nil: undefined }) }),
  fc.record({ kind: fc.constant('restarted' as const) }),
);

const stored = (memo: Memo): Memo => JSON.parse(JSON.stringify(memo)) as Memo;

test.each(DOCUMENTS)('the memo of %j can be stored and restored at any point, and keeps its shape', (document) => {
  const gauge = seriesGauge(document);
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
      const kept = gauge.start(500);
      const shape = Object.keys(kept);
      let restored = stored(kept);
      let [now, newest] = [20_000, -1];
      for (const event of happenings) {
        now += 300;
        for (const memo of [kept, restored]) {
          if (event.kind === 'sense') gauge.sense?.(memo, () => event.value, now);
          else if (event.kind === 'restarted') gauge.restarted?.(memo, now);
          else gauge.observe?.(memo, sample(event.time, event.value, { late: event.time < newest, coalesced: event.coalesced }));
        }
        if (event.kind === 'observe') newest = Math.max(newest, event.time);
        // toStrictEqual tells -0 from 0, and JSON makes null of what is not finite.
        expect(restored).toStrictEqual(kept);
        restored = stored(restored);
        expect(restored).toStrictEqual(kept);
        expect(Object.keys(kept)).toEqual(shape);
        const before = JSON.stringify(kept);
        expect(gauge.read(restored, view([]), now, true)).toStrictEqual(gauge.read(kept, view([]), now, true));
        expect(JSON.stringify(kept)).toBe(before);
      }
    }),
  );
});
