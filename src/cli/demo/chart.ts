/** The chart of a run: load, response time and servers over one axis of time, and below them every decision. */
import { type Decision, type Point, wording } from './record.ts';
import { area, escaped, label, line, linear, logarithmic, type Place, type Scale, tag } from './svg.ts';
import { absences, blows, type Concern, concernOf, type RunView, scenesOf, seconds } from './view.ts';

export const WIDTH = 1040;
export const LEFT = 76;
export const RIGHT = 22;
const SCENES_HEIGHT = 30;
const GAP = 34;
const LANE_NAMES: Readonly<Record<Concern, string>> = { healing: 'replaced', list: 'on the list', size: 'servers', word: 'told' };
const DOT = 7.5;
const ROW = 17.5;

interface Panel {
  readonly top: number;
  readonly bottom: number;
}

/** The chart and its height, to be put into an `svg` of that size. Its looks are in style.ts. */
export function chart(view: RunView): { readonly content: string; readonly height: number } {
  const x = linear([view.from, view.to], [LEFT, WIDTH - RIGHT]);
  const load: Panel = { top: SCENES_HEIGHT + 22, bottom: SCENES_HEIGHT + 22 + 84 };
  const p95: Panel = { top: load.bottom + GAP, bottom: load.bottom + GAP + 150 };
  const servers: Panel = { top: p95.bottom + GAP, bottom: p95.bottom + GAP + 92 };
  const lanes = lanesOf(view, x, servers.bottom + 44);
  const height = lanes.bottom + 12;
  const content = [
    scenes(view, x, servers.bottom),
    away(view, x, load.top, servers.bottom),
    growth(view, x, load.top, servers.bottom),
    loadPanel(view, x, load),
    p95Panel(view, x, p95),
    serversPanel(view, x, servers),
    strikes(view, x, load.top, servers.bottom),
    timeAxis(view, x, servers.bottom),
    lanes.content,
  ].join('');
  return { content, height };
}

function scenes(view: RunView, x: Scale, bottom: number): string {
  return scenesOf(view)
    .map(({ from, to, name }, i) => {
      const [left, right] = [x(from), x(to)];
      const shade = tag('rect', { class: i % 2 === 0 ? 'scene' : 'scene other', x: left, y: 0, width: right - left, height: bottom });
      return shade + label((left + right) / 2, 19, name, { class: 'scene-name', 'text-anchor': 'middle' });
    })
    .join('');
}

const away = (view: RunView, x: Scale, top: number, bottom: number): string =>
  absences(view)
    .map(({ from, to }) => tag('rect', { class: 'away', x: x(from), y: top, width: Math.max(2, x(to) - x(from)), height: bottom - top }))
    .join('');

/** A fine line through all panels at each change of size. */
const growth = (view: RunView, x: Scale, top: number, bottom: number): string =>
  view.decisions
    .filter((decision) => concernOf(decision) === 'size' && decision.time >= view.from)
    .map(({ time }) => tag('line', { class: 'change', x1: x(time), x2: x(time), y1: top, y2: bottom }))
    .join('');

/** A line through all panels at each blow. What befell a server is the name of its scene; the manager's death has its name at its line. */
function strikes(view: RunView, x: Scale, top: number, bottom: number): string {
  return blows(view)
    .map(({ time, text }) => {
      const rule = tag('line', { class: 'blow', x1: x(time), x2: x(time), y1: text === '' ? 26 : top - 18, y2: bottom });
      return text === '' ? rule : rule + label(x(time) + 5, top - 8, text, { class: 'blow-name' });
    })
    .join('');
}

/** Looks further apart than this have a gap between them: nobody was there to know. */
const GAP_MS = 1_000;

const places = (points: readonly Point[], x: Scale, y: Scale, pick: (point: Point) => number | null): Place[] =>
  points.flatMap((point, i): Place[] => {
    const value = pick(point);
    const place: Place = [x(point.time), value === null ? null : y(value)];
    return point.time - (points[i - 1]?.time ?? point.time) > GAP_MS ? [[place[0], null], place] : [place];
  });

function frame(name: string, unit: string, { top, bottom }: Panel, ticks: readonly number[], y: Scale): string {
  const rules = ticks.map((tick) => tag('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }));
  const numbers = ticks.map((tick) => label(LEFT - 8, y(tick) + 4, tick.toLocaleString('en'), { class: 'tick', 'text-anchor': 'end' }));
  const title = tag(
    'text',
    { x: LEFT, y: top - 8, class: 'panel-name' },
    `${escaped(name)} ${tag('tspan', { class: 'unit' }, escaped(unit))}`,
  );
  return [...rules, ...numbers, title, tag('line', { class: 'floor', x1: LEFT, x2: WIDTH - RIGHT, y1: bottom, y2: bottom })].join('');
}

/** Round numbers from 0 to at least the highest value, three or four of them. */
function roundTicks(highest: number): number[] {
  const raw = Math.max(highest, 1) / 3;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw)!;
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, i) => i * step);
}

function loadPanel(view: RunView, x: Scale, panel: Panel): string {
  const ticks = roundTicks(Math.max(1, ...view.points.map((point) => point.load ?? 0)));
  const y = linear([0, ticks.at(-1)!], [panel.bottom, panel.top]);
  const line_ = places(view.points, x, y, (point) => point.load);
  return (
    frame('Load', 'requests a second', panel, ticks, y) +
    tag('path', { class: 'area load', d: area(line_, panel.bottom) }) +
    tag('path', { class: 'line load', d: line(line_) })
  );
}

function p95Panel(view: RunView, x: Scale, panel: Panel): string {
  const highest = Math.max(
    view.limitMs * 2,
    ...view.points.map((point) => point.p95 ?? 0),
    ...view.clients.map((client) => client.p95 ?? 0),
  );
  const y = logarithmic([50, highest * 1.1], [panel.bottom, panel.top]);
  const ticks = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000].filter((tick) => tick <= highest);
  const { low, high } = view.deadZone;
  const clients = view.clients.map(({ time, p95 }): Place => [x(time), p95 === null ? null : y(p95)]);
  return (
    tag('rect', { class: 'dead-zone', x: LEFT, y: y(high), width: WIDTH - LEFT - RIGHT, height: y(low) - y(high) }) +
    frame('Response time', 'p95 over 5 s, ms, logarithmic', panel, ticks, y) +
    tag('line', { class: 'limit', x1: LEFT, x2: WIDTH - RIGHT, y1: y(view.limitMs), y2: y(view.limitMs) }) +
    label(WIDTH - RIGHT - 6, y(view.limitMs) - 5, `limit ${view.limitMs} ms`, { class: 'limit-name', 'text-anchor': 'end' }) +
    label(WIDTH - RIGHT - 6, y(low) - 5, 'dead zone', { class: 'unit', 'text-anchor': 'end' }) +
    tag('path', { class: 'line clients', d: line(clients) }) +
    tag('path', { class: 'line p95', d: line(places(view.points, x, y, (point) => point.p95)) }) +
    legend(panel.top - 12, [
      ['p95', 'as Homeostat measures it'],
      ['clients', 'as the clients have it'],
    ])
  );
}

function serversPanel(view: RunView, x: Scale, panel: Panel): string {
  const most = Math.max(4, ...view.points.map((point) => Math.max(point.servers ?? 0, point.listed ?? 0)));
  const y = linear([0, most], [panel.bottom, panel.top]);
  const ticks = Array.from({ length: Math.floor(most / 2) + 1 }, (_, i) => i * 2);
  const listed = places(view.points, x, y, (point) => point.listed);
  return (
    frame('Servers', '', panel, ticks, y) +
    tag('path', { class: 'area servers', d: area(listed, panel.bottom, true) }) +
    tag('path', { class: 'line servers', d: line(listed, true) }) +
    tag('path', {
      class: 'line wanted',
      d: line(
        places(view.points, x, y, (point) => point.servers),
        true,
      ),
    }) +
    legend(panel.top - 12, [
      ['servers', 'on the balancer’s list'],
      ['wanted', 'that there are to be'],
    ])
  );
}

/** Keys to the lines of a panel, at its upper right. */
function legend(y: number, entries: readonly (readonly [string, string])[]): string {
  const widthOf = (text: string) => 42 + text.length * 5.9;
  let left = WIDTH - RIGHT - entries.reduce((total, [, text]) => total + widthOf(text), 0) + 14;
  return entries
    .map(([kind, text]) => {
      const key = tag('line', { class: `line ${kind}`, x1: left, x2: left + 18, y1: y, y2: y });
      const name = label(left + 24, y + 4, text, { class: 'unit' });
      left += widthOf(text);
      return key + name;
    })
    .join('');
}

function timeAxis(view: RunView, x: Scale, bottom: number): string {
  const count = Math.floor((view.to - view.from) / 10_000) + 1;
  return Array.from({ length: count }, (_, i) =>
    label(x(view.from + i * 10_000), bottom + 18, `${i * 10} s`, { class: 'tick', 'text-anchor': 'middle' }),
  ).join('');
}

/** The decisions as numbered dots with a word or two, a lane for each concern; those that would touch go to a row below. */
function lanesOf(view: RunView, x: Scale, top: number): { readonly content: string; readonly bottom: number } {
  let y = top;
  const content: string[] = [];
  const numbered = view.decisions.map((decision, i) => ({ decision, number: i + 1 }));
  for (const concern of ['healing', 'list', 'size', 'word'] as const) {
    const lane = numbered.filter(({ decision }) => concernOf(decision) === concern);
    if (lane.length === 0) continue;
    /** Where each row is taken up to. */
    const rows: number[] = [];
    for (const { decision, number } of lane) {
      const middle = Math.max(LEFT, x(decision.time));
      const free = rows.findIndex((right) => middle - DOT >= right);
      const row = free === -1 ? rows.length : free;
      rows[row] = middle + DOT + 4 + brief(decision).length * 5;
      content.push(dot(view, decision, number, concern, middle, y + row * ROW));
    }
    content.push(label(LEFT - 20, y + 4, LANE_NAMES[concern], { class: 'lane-name', 'text-anchor': 'end' }));
    y += rows.length * ROW + 8;
  }
  return { content: content.join(''), bottom: y };
}

/** The decision in a word or two, beside its dot; its lane says the rest. */
function brief({ command, element, params }: Decision): string {
  const server = element.slice(element.lastIndexOf('-') + 1);
  const words: Readonly<Record<string, string>> = {
    restart: `server ${server}`,
    enlist: `${server} on`,
    delist: `${server} off`,
    notify: '',
  };
  return words[command] ?? `to ${params.to}`;
}

function dot(view: RunView, decision: Decision, number: number, concern: Concern, x: number, y: number): string {
  const failed = decision.outcome !== undefined && decision.outcome !== 'succeeded';
  const words = [number, seconds(view, decision.time), wording(decision), decision.policy, ...(failed ? [decision.outcome] : [])];
  const title = tag('title', {}, escaped(words.join(' · ')));
  const circle = tag('circle', { cx: x, cy: y, r: DOT });
  const digits = label(x, y + 3.2, String(number), { 'text-anchor': 'middle', class: 'digits' });
  const text = label(x + DOT + 4, y + 3.6, brief(decision), { class: 'brief' });
  return tag('g', { class: `dot ${concern}${failed ? ' failed' : ''}`, 'data-decision': number }, title + circle + digits + text);
}
