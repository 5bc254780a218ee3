import fc from 'fast-check';
import type { Value } from '../../../src/messages.ts';
import { createGauge } from '../../../src/monitor/gauges/create.ts';
import type { GaugeReading } from '../../../src/monitor/gauges/gauge.ts';

const LOAD = { low: { below: [20, 40] }, fair: { trapezoid: [20, 40, 60, 80] }, high: { above: [60, 80] } };
const QUEUE = { short: { below: [0, 10] }, some: { triangle: [0, 10, 20] }, long: { above: [10, 20] } };
const RULES = [
  { when: { load: 'low', queue: 'short' }, then: -1 },
  { when: { load: 'fair' }, then: 0 },
  { when: { load: 'high' }, then: 1 },
  { when: { load: 'high', queue: 'long' }, then: 3 },
];

function read(
  values: Readonly<Record<string, Value | undefined>>,
  rules: readonly object[] = RULES,
  inputs: object = { load: LOAD, queue: QUEUE },
): GaugeReading {
  const gauge = createGauge({ kind: 'fuzzy', inputs, rules });
  if (gauge.over !== 'readings') throw new Error('it is over readings');
  return gauge.read((fact) => values[fact], 0);
}

test('where one rule is true it says what the rule says, and in between it goes over smoothly', () => {
  expect(read({ load: 10, queue: 0 })).toEqual({ value: -1 });
  expect(read({ load: 50, queue: 0 })).toEqual({ value: 0 });
  expect(read({ load: 70, queue: 0 })).toEqual({ value: 0.5 });
  expect(read({ load: 100, queue: 0 })).toEqual({ value: 1 });
  expect(read({ load: 100, queue: 30 })).toEqual({ value: 2 });
});

/** Membership as each shape is defined, point by point. */
const ramp = (x: number, from: number, to: number): number => Math.min(1, Math.max(0, (x - from) / (to - from)));
const truth: Readonly<Record<string, (x: number) => number>> = {
  low: (x) => 1 - ramp(x, 20, 40),
  fair: (x) => Math.min(ramp(x, 20, 40), 1 - ramp(x, 60, 80)),
  high: (x) => ramp(x, 60, 80),
  short: (x) => 1 - ramp(x, 0, 10),
  some: (x) => Math.min(ramp(x, 0, 10), 1 - ramp(x, 10, 20)),
  long: (x) => ramp(x, 10, 20),
};

test('it is the mean of what the rules say, weighed by the least true of their conditions', () => {
  const rule = fc.record({
    when: fc.record(
      { load: fc.constantFrom('low', 'fair', 'high'), queue: fc.constantFrom('short', 'some', 'long') },
      { requiredKeys: ['load'] },
    ),
    then: fc.integer({ min: -5, max: 5 }),
  });
  const number = fc.double({ min: -10, max: 110, noNaN: true });
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 8 }), number, number, (rules, load, queue) => {
      const weights = rules.map(({ when: { load: l, queue: q } }) => Math.min(truth[l]!(load), q === undefined ? 1 : truth[q]!(queue)));
      const total = weights.reduce((a, b) => a + b);
      const { value, why } = read({ load, queue }, rules);
      if (value === undefined) {
        expect(total).toBeLessThan(1e-9);
        return expect(why).toMatch(/^no rule is about load/);
      }
      if (total < 1e-6) return;
      expect(value).toBeCloseTo(rules.reduce((s, { then }, i) => s + then * weights[i]!, 0) / total, 6);
    }),
  );
});

test('a corner may be a step', () => {
  const inputs = { load: { high: { above: [50, 50] }, at: { triangle: [50, 50, 50] }, low: { below: [50, 50] } } };
  const one = (word: string, load: number) => read({ load }, [{ when: { load: word }, then: 7 }], inputs).value;
  expect([49, 50, 51].map((load) => one('high', load))).toEqual([undefined, 7, 7]);
  expect([49, 50, 51].map((load) => one('at', load))).toEqual([undefined, 7, undefined]);
  expect([49, 50, 51].map((load) => one('low', load))).toEqual([7, 7, undefined]);
});

test('an input that is unknown or no number makes it unknown, and so do inputs that no rule is about', () => {
  expect(read({ load: 50 })).toEqual({ why: 'queue is unknown' });
  expect(read({ load: 'much', queue: 1 })).toEqual({ why: 'load: "much" is not a number' });
  expect(read({ load: 10, queue: 15 })).toEqual({ why: 'no rule is about load 10, queue 15' });
});

test('zero has no sign', () => {
  expect(Object.is(read({ load: 50, queue: 0 }, [{ when: { load: 'fair' }, then: -0 }]).value, 0)).toBe(true);
});

test('rules that ask for what is not there, and sets that fall, are refused', () => {
  expect(() => read({}, [{ when: { laod: 'low' }, then: 1 }])).toThrow(
    'fuzzy: rules/0 asks for laod, which is no input; did you mean "load"?',
  );
  expect(() => read({}, [{ when: { load: 'hihg' }, then: 1 }])).toThrow(
    'fuzzy: rules/0 calls load "hihg", and it has no such word; did you mean "high"?',
  );
  expect(() => read({}, [{ when: { load: 'low' }, then: 1 }], { load: { low: { below: [40, 20] } } })).toThrow(
    'fuzzy: the corners of load "low" must not fall; found {"below":[40,20]}',
  );
});
