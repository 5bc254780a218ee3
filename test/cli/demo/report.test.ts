import { chart } from '../../../src/cli/demo/chart.ts';
import { picture } from '../../../src/cli/demo/picture.ts';
import { promisesOf } from '../../../src/cli/demo/promises.ts';
import { report } from '../../../src/cli/demo/report.ts';
import { summarize } from '../../../src/cli/demo/summary.ts';
import { area, line } from '../../../src/cli/demo/svg.ts';
import { RECORDING, VIEW } from './run.ts';

const summary = summarize({
  recording: RECORDING,
  load: { sent: 8_000, ok: 7_979, failed: 21, pending: 0, rate: 0 },
  toll: { inFlightAtKill: 1, sentToFrozen: 20 },
  limitMs: 250,
  firstPort: 8_300,
  replayVerified: true,
});
const page = () => report({ view: VIEW, summary, promises: promisesOf(summary), surroundings: 'a test' });

test('the report needs nothing from elsewhere: it loads no file, and asks no network', () => {
  const loaded = page().match(/(?:src|href)="(?!#)[^"]*"|url\([^)]*\)|@import/g);
  expect(loaded).toBeNull();
  expect(page()).toContain('prefers-color-scheme: dark');
});

test('every decision is in the chart with a number and its words, and in the table with its policy and facts', () => {
  expect(VIEW.decisions).toHaveLength(9);
  const { content } = chart(VIEW);
  const html = page();
  for (const [i, decision] of VIEW.decisions.entries()) {
    expect(content).toContain(`data-decision="${i + 1}"`);
    expect(html).toContain(`id="d${i + 1}"`);
    expect(content).toContain(decision.policy);
  }
  expect(html).toContain('<b>scale web to 5</b>');
  expect(html).toContain('p95 312.3');
  expect(html).toContain('true for 0 ms of 2 s');
});

test('what people wrote cannot become markup', () => {
  expect(page()).not.toContain('<script>alert');
  expect(page()).toContain('&lt;script&gt;alert(1)');
});

test('a report of a run that broke a promise says so first', () => {
  const off = { ...summary, reversals: 2 };
  const html = report({ view: VIEW, summary: off, promises: promisesOf(off), surroundings: 'a test' });
  expect(html).toContain('<h1>Homeostat kept all but 1 of its promises</h1>');
  expect(html).toMatch(/class="broken"><b>broken<\/b> it does not see-saw: 2/);
});

test('what was not known is a gap in the line, and no zero', () => {
  expect(
    line([
      [0, 1],
      [1, null],
      [2, 3],
      [3, 4],
    ]),
  ).toBe('M0.0 1.0M2.0 3.0L3.0 4.0');
  expect(
    line(
      [
        [0, 1],
        [1, 5],
      ],
      true,
    ),
  ).toBe('M0.0 1.0L1.0 1.0L1.0 5.0');
  expect(
    area(
      [
        [0, 1],
        [1, 2],
        [2, null],
        [3, 4],
      ],
      9,
    ),
  ).toBe('M0.0 1.0L1.0 2.0L1.0 9.0L0.0 9.0Z');
});

test('while nobody knew, as when the manager was dead, the lines have a gap', () => {
  const stretches = (view: typeof VIEW) => /class="line servers" d="([^"]*)"/.exec(chart(view).content)![1]!.match(/M/g)!.length;
  expect(stretches(VIEW)).toBe(1);
  expect(stretches({ ...VIEW, points: VIEW.points.filter(({ time }) => time < VIEW.from + 33_000 || time > VIEW.from + 34_500) })).toBe(2);
});

test('the picture is one SVG that brings its own colours', () => {
  const svg = picture(VIEW, summary);
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="[0-9. ]+"/);
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg).toContain('replaced after 1.1 s');
  expect(svg).not.toContain('NaN');
});
