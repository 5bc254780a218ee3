import fc from 'fast-check';
import type { Value } from '../../../src/messages.ts';
import type { GaugeReading } from '../../../src/monitor/gauges/gauge.ts';
import { countChildren, type Fold, foldChildren, rollUp } from '../../../src/monitor/gauges/rollup.ts';
import { apart } from './harness.ts';

type Values = readonly (Value | undefined)[];
const roll = (fold: Fold, values: Values, missing?: 'ignore' | 'unknown'): GaugeReading =>
  rollUp({ of: 'load', fold, ...(missing === undefined ? {} : { missing }) }).read(values);

test('it folds the values of all children', () => {
  expect(roll('sum', [1, 2, 6])).toEqual({ value: 9 });
  expect(roll('mean', [1, 2, 6])).toEqual({ value: 3 });
  expect(roll('min', [4, 2, 6])).toEqual({ value: 2 });
  expect(roll('max', [4, 2, 6])).toEqual({ value: 6 });
  expect(roll('count', ['up', 2, false])).toEqual({ value: 3 });
  expect(roll('quantile', [4, 2, 6])).toEqual({ value: 4 });
});

test('a child without a value makes the sum unknown', () => {
  expect(roll('sum', [1, undefined])).toEqual({ why: '1 of 2 children have no value' });
  expect(roll('sum', [1, 'n/a'])).toEqual({ why: 'of a child: "n/a" is not a number' });
});

test('the other folds leave it out, and their confidence is the share of children that have one', () => {
  expect(roll('mean', [1, undefined, 3, 'n/a'])).toEqual({ value: 2, confidence: 0.5 });
  expect(roll('sum', [1, undefined], 'ignore')).toEqual({ value: 1, confidence: 0.5 });
});

test('any fold can be told not to', () => {
  expect(roll('max', [1, undefined], 'unknown')).toEqual({ why: '1 of 2 children have no value' });
  expect(roll('count', [1, undefined], 'unknown')).toEqual({ why: '1 of 2 children have no value' });
});

test('where no child has a value all but count are unknown', () => {
  for (const fold of ['sum', 'mean', 'min', 'max', 'quantile'] as const) {
    expect(roll(fold, [undefined, undefined], 'ignore')).toEqual({ why: '2 of 2 children have no value' });
  }
  expect(roll('count', [undefined, undefined])).toEqual({ value: 0 });
});

test('without children the sum and the count are 0, the others unknown', () => {
  expect(roll('sum', [])).toEqual({ value: 0 });
  expect(roll('count', [])).toEqual({ value: 0 });
  expect(roll('mean', [])).toEqual({ why: 'it has no children' });
});

test('facts such as children.load.p95 have a fold, and wrong ones none', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  expect(foldChildren('load', 'p95')!.read(hundred)).toEqual({ value: 95 });
  expect(foldChildren('load', 'p50')!.read(hundred)).toEqual({ value: 50 });
  expect(foldChildren('load', 'p999')!.read(hundred)).toEqual({ value: 100 });
  expect(foldChildren('load', 'sum')!.read([1, 2])).toEqual({ value: 3 });
  for (const wrong of ['p100', 'p5', 'p', 'average', 'quantile', '']) expect(foldChildren('load', wrong)).toBeUndefined();
  expect(countChildren().read([true, true])).toEqual({ value: 2 });
});

test('a mean over known children is that of their numbers', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { nil: undefined }), { maxLength: 50 }), (values) => {
      const known = values.filter((v) => v !== undefined);
      const { value, confidence = 1 } = roll('mean', values);
      if (known.length === 0) expect(value).toBeUndefined();
      else {
        expect(apart(value, known.reduce((a, b) => a + b, 0) / known.length, 1e9)).toBeLessThan(1e-12);
        expect(confidence).toBe(known.length / values.length);
      }
    }),
  );
});
