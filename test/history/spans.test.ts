/** Down-sampling: values weigh by how long they were so. */
import { Spans } from '../../src/history/spans.ts';
import { Newest } from '../../src/history/thin.ts';

const set = (spans: Spans, value: number | string | null, now: number) => spans.set('shop\tload', 'shop', 'farm', 'load', value, now);
const there = () => true;

test('a mean is over time, and not over changes', () => {
  const spans = new Spans(60_000);
  set(spans, 10, 0);
  set(spans, 100, 54_000);
  set(spans, 40, 57_000);
  expect(spans.cut(60_000, there)).toEqual([
    { element: 'shop', type: 'farm', property: 'load', time: 59_999, min: 10, max: 100, last: 40, seconds: 60, integral: 540 + 300 + 120 },
  ]);
});

test('a value that stays is in each span, and one that is unknown counts for the time it was known', () => {
  const spans = new Spans(60_000);
  set(spans, 5, 30_000);
  expect(spans.cut(60_000, there)).toMatchObject([{ seconds: 30, integral: 150 }]);
  expect(spans.cut(120_000, there)).toMatchObject([{ seconds: 60, integral: 300, min: 5, max: 5, last: 5 }]);
  set(spans, null, 140_000);
  expect(spans.cut(180_000, there)).toMatchObject([{ seconds: 20, integral: 100 }]);
  expect(spans.cut(240_000, there)).toEqual([]);
  set(spans, 7, 250_000);
  expect(spans.cut(300_000, there)).toMatchObject([{ seconds: 50, min: 7, max: 7 }]);
});

test('what is gone, and what is no number, has no span', () => {
  const spans = new Spans(60_000);
  set(spans, 'on', 0);
  expect(spans.cut(60_000, there)).toEqual([]);
  set(spans, 5, 60_000);
  expect(spans.cut(120_000, () => false)).toMatchObject([{ seconds: 60 }]);
  expect(spans.cut(180_000, there)).toEqual([]);
});

test('parts of a span add up to its mean, whoever wrote them', () => {
  const [whole, first, second] = [new Spans(60_000), new Spans(60_000), new Spans(60_000)];
  const values = [4, 9, 1, 7].map((value, i) => [value, i * 15_000] as const);
  for (const [value, time] of values) set(whole, value, time);
  for (const [value, time] of values.slice(0, 2)) set(first, value, time);
  for (const [value, time] of values.slice(2)) set(second, value, time);
  const parts = [...first.cut(30_000, there), ...second.cut(60_000, there)];
  const [one] = whole.cut(60_000, there);
  const sum = (of: 'seconds' | 'integral') => parts.reduce((total, part) => total + part[of], 0);
  expect([sum('seconds'), sum('integral')]).toEqual([one!.seconds, one!.integral]);
});

test('of observations in one span the newest stays and counts the others', () => {
  const newest = new Newest();
  const observation = (time: number, value: number, coalesced?: number) => ({
    element: 'shop',
    type: 'farm',
    property: 'load',
    value,
    time,
    ...(coalesced === undefined ? {} : { coalesced }),
  });
  newest.observation('k', observation(10, 1));
  newest.observation('k', observation(30, 3, 4));
  newest.observation('k', observation(20, 2));
  newest.observation('other', observation(5, 9));
  expect(newest.take().observations).toEqual([observation(30, 3, 6), observation(5, 9)]);
  expect(newest.take()).toEqual({ readings: [], observations: [] });
});
