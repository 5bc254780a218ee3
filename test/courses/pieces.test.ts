import type { Decision } from '../../src/courses/decisions.ts';
import { lineUp, TOGETHER_MS, totalsOf } from '../../src/courses/line-up.ts';
import { Trace } from '../../src/courses/traces.ts';

const decided = (time: number, what = 'scale to 2', more: Partial<Decision> = {}): Decision => ({
  time,
  element: 'shop',
  policy: 'add',
  kind: 'command',
  what,
  text: '',
  ...more,
});

test('the same decision is paired with the nearest in order, and alone beyond a second', () => {
  const recorded = [decided(1_000), decided(3_000), decided(9_000, 'scale to 3')];
  const other = [decided(0, 'scale to 3'), decided(1_000 + TOGETHER_MS), decided(3_000 + TOGETHER_MS + 1), decided(9_100, 'scale to 3')];
  const lines = lineUp(recorded, other);
  expect(lines.map(({ time, what, recorded: was, other: is }) => [time, what, was?.time, is?.time])).toEqual([
    [0, 'scale to 3', undefined, 0],
    [1_000, 'scale to 2', 1_000, 2_000],
    [3_000, 'scale to 2', 3_000, undefined],
    [4_001, 'scale to 2', undefined, 4_001],
    [9_000, 'scale to 3', 9_000, 9_100],
  ]);
  expect(totalsOf(lines)).toMatchObject([
    { policy: 'add', counts: { command: { recorded: 3, other: 4, both: 2 }, held: { recorded: 0, other: 0, both: 0 } } },
  ]);
});

test('another element, policy, kind or deed is another decision', () => {
  for (const more of [{ element: 'b' }, { policy: 'b' }, { kind: 'would' as const }, { what: 'b' }])
    expect(lineUp([decided(1)], [decided(1, 'scale to 2', more)])).toHaveLength(2);
});

test('a trace of a week keeps the lowest and the highest of each span, in bounded room', () => {
  const trace = new Trace();
  for (let i = 0; i < 600_000; i++) trace.add(i * 1_000, i === 300_000 ? 1_000 : i === 300_001 ? null : Math.sin(i));
  expect(trace.spans.length).toBeLessThanOrEqual(1_500);
  expect(trace.spans.length).toBeGreaterThan(700);
  const highest = trace.spans.reduce((one, span) => (span.high > one.high ? span : one));
  expect(highest.high).toBe(1_000);
  expect(Math.abs(highest.time - 300_000_000)).toBeLessThan(2_000_000);
  expect(trace.spans.at(-1)!.last).toBe(Math.sin(599_999));
});

test('what is unknown and what is a truth have their place in a trace', () => {
  const trace = new Trace();
  trace.add(10, true);
  trace.add(20, null);
  trace.add(30, 'a text');
  expect(trace.spans.map(({ last, low, high }) => [last, low, high])).toEqual([
    [1, 1, 1],
    [null, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ]);
});
