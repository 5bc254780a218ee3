/** The chart of one element: what the conditions read over time, and below it a lane for each policy with the marks of both courses. */
import type { Comparison } from '../courses/compare.ts';
import { DEEDS } from '../courses/decisions.ts';
import type { Line } from '../courses/line-up.ts';
import type { Span, Traces } from '../courses/traces.ts';
import { escaped, label, line, linear, type Place, type Scale, tag } from './demo/svg.ts';
import { wordsOf } from './replay-text.ts';
import { showNumber } from './text.ts';

export const WIDTH = 1040;
const LEFT = 190;
const RIGHT = 22;
const PANEL = 88;
const GAP = 30;
const LANE = 40;
/** Marks of a lane that would lie on each other are one, with what all of them say. */
const APART = 3;
const TITLES = 12;

export function chartsOf(
  element: string,
  { from, to, lines }: Comparison,
  traces: Traces,
): { readonly content: string; readonly height: number } {
  const x = linear([from, to], [LEFT, WIDTH - RIGHT]);
  const content: string[] = [];
  let y = 14;
  for (const [key, trace] of [...traces.byKey].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!key.startsWith(`${element}\t`)) continue;
    const drawn = panel(key.slice(element.length + 1), trace.spans, x, y + 14, to);
    if (drawn === '') continue;
    content.push(drawn);
    y += PANEL + GAP;
  }
  const here = lines.filter((one) => one.element === element);
  for (const policy of [...new Set(here.map((one) => one.policy))].sort()) {
    content.push(
      lane(
        policy,
        here.filter((one) => one.policy === policy),
        x,
        y,
      ),
    );
    y += LANE;
  }
  content.push(axis(from, to, x, y));
  return { content: content.join(''), height: y + 34 };
}

/** Nothing where no number is. A value holds until the next. */
function panel(name: string, spans: readonly Span[], x: Scale, top: number, to: number): string {
  const known = spans.filter(({ low, high }) => low <= high);
  if (known.length === 0) return '';
  const [low, high] = known.reduce(([l, h], span) => [Math.min(l, span.low), Math.max(h, span.high)], [Infinity, -Infinity] as [
    number,
    number,
  ]);
  const bottom = top + PANEL - 14;
  const y = linear(low === high ? [low - 1, high + 1] : [low, high], [bottom, top]);
  const values: Place[] = spans.map(({ time, last }) => [x(time), last === null ? null : y(last)]);
  const newest = spans.at(-1)!;
  if (newest.last !== null) values.push([x(to), y(newest.last)]);
  const bands = known
    .filter((span) => span.high > span.low)
    .map((span) =>
      tag('rect', { class: 'band', x: x(span.time), y: y(span.high), width: 1.2, height: Math.max(1, y(span.low) - y(span.high)) }),
    );
  const scale = low === high ? [low] : [low, high];
  return (
    scale.map((value) => tag('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) })).join('') +
    scale.map((value) => label(LEFT - 8, y(value) + 4, showNumber(value), { class: 'tick', 'text-anchor': 'end' })).join('') +
    label(LEFT, top - 6, name, { class: 'panel-name' }) +
    bands.join('') +
    tag('path', { class: 'value', d: line(values, true) })
  );
}

/** What was done above, what would have been below; what is the same in both is soft in both. */
function lane(policy: string, lines: readonly Line[], x: Scale, y: number): string {
  const rows = [
    ['was', lines.filter(({ recorded }) => recorded !== undefined), y + 12],
    ['would', lines.filter(({ other }) => other !== undefined), y + 26],
  ] as const;
  const marks = rows.flatMap(([course, list, at]) => {
    const byPlace = new Map<string, Line[]>();
    for (const one of list) {
      const looks = `${one.recorded !== undefined && one.other !== undefined ? 'same' : course}${DEEDS.includes(one.kind) ? '' : ' hold'}`;
      const key = `${looks}\t${Math.round(x(timeIn(one, course)) / APART)}`;
      const together = byPlace.get(key);
      if (together === undefined) byPlace.set(key, [one]);
      else together.push(one);
    }
    return [...byPlace].map(([key, together]) => {
      const looks = key.slice(0, key.indexOf('\t'));
      const title = tag('title', {}, escaped(titleOf(together, course)));
      const middle = x(timeIn(together[0]!, course));
      return looks.endsWith('hold')
        ? tag('rect', { class: looks, x: middle - 1, y: at - 5, width: 2, height: 10 }, title)
        : tag('circle', { class: looks, cx: middle, cy: at, r: 5 }, title);
    });
  });
  return (
    tag('line', { class: 'grid', x1: 0, x2: WIDTH - RIGHT, y1: y, y2: y }) +
    label(LEFT - 12, y + 16, shortened(policy), { class: 'lane-name', 'text-anchor': 'end' }) +
    label(LEFT - 12, y + 30, 'would be', { class: 'tick', 'text-anchor': 'end' }) +
    marks.join('')
  );
}

const timeIn = ({ time, recorded, other }: Line, course: 'was' | 'would'): number => (course === 'was' ? recorded : other)?.time ?? time;

function titleOf(lines: readonly Line[], course: 'was' | 'would'): string {
  const told = lines.slice(0, TITLES).map((one) => `${new Date(timeIn(one, course)).toISOString()}  ${wordsOf(one.kind, one.what)}`);
  return [...told, ...(lines.length > TITLES ? [`and ${lines.length - TITLES} more`] : [])].join('\n');
}

const shortened = (name: string): string => (name.length <= 28 ? name : `${name.slice(0, 27)}…`);

/** Spans between the marks of an axis, ms. */
const TICKS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800].map(
  (s) => s * 1_000,
);
const MOST_TICKS = 9;

function axis(from: number, to: number, x: Scale, y: number): string {
  const every = TICKS.find((span) => (to - from) / span <= MOST_TICKS) ?? Math.ceil((to - from) / MOST_TICKS / 604_800_000) * 604_800_000;
  const marks: string[] = [tag('line', { class: 'floor', x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y })];
  for (let at = Math.ceil(from / every) * every; at <= to; at += every) {
    const iso = new Date(at).toISOString();
    const text = every >= 86_400_000 || at % 86_400_000 === 0 ? iso.slice(5, 10) : iso.slice(11, every < 60_000 ? 19 : 16);
    marks.push(
      tag('line', { class: 'floor', x1: x(at), x2: x(at), y1: y, y2: y + 5 }),
      label(x(at), y + 20, text, { class: 'tick', 'text-anchor': 'middle' }),
    );
  }
  return marks.join('');
}
