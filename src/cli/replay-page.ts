/** A comparison of two courses as one HTML file that needs nothing else: a lane for each element and policy with the marks of both, and what the conditions read above. */
import type { Comparison } from '../courses/compare.ts';
import { DECISION_KINDS, DEEDS } from '../courses/decisions.ts';
import type { Traces } from '../courses/traces.ts';
import { page } from './demo/page.ts';
import { PAGE } from './demo/report-style.ts';
import { CHART, COLOURS } from './demo/style.ts';
import { escaped, tag } from './demo/svg.ts';
import { chartsOf, WIDTH } from './replay-chart.ts';
import { differencesText, KIND_NAMES, wordsOf } from './replay-text.ts';
import { plural } from './text.ts';

export interface ReplayPage {
  readonly folder: string;
  readonly files: readonly string[];
  readonly comparison: Comparison;
  readonly traces: Traces;
}

/** Elements that are drawn, those with most differences first, and decisions that are listed. */
const ELEMENTS = 30;
const ROWS = 1_000;

const LOOKS = `
.was { fill: var(--servers) } .would { fill: var(--load) } .same { fill: var(--soft) }
.was.hold, .would.hold, .same.hold { opacity: .45 }
.band { fill: var(--load); opacity: .2; stroke: none } .value { fill: none; stroke: var(--load); stroke-width: 1.4 }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin: 0 6px 0 14px } .key:first-child { margin-left: 0 } .key.was { background: var(--servers) } .key.would { background: var(--load) } .key.same { background: var(--soft) }
td.only { font-weight: 600 }`;

export function pageOf({ folder, files, comparison, traces }: ReplayPage): string {
  const { from, to, differences, departures, lines, totals } = comparison;
  const elements = drawn(comparison);
  const charts = elements.slice(0, ELEMENTS).map((element) => {
    const { content, height } = chartsOf(element, comparison, traces);
    const svg = tag('svg', { viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': `${element}: readings and decisions` }, content);
    return `<h2>${escaped(element)}</h2>\n<div class="chart"><div class="scroll">${svg}</div></div>`;
  });
  const told = lines.filter(({ kind }) => DEEDS.includes(kind));
  const rows = told.slice(0, ROWS).map(({ time, element, policy, kind, what, recorded, other }) => {
    const cell = (is: boolean, alone: boolean) =>
      `<td${is && alone ? ' class="only"' : ''}>${is ? escaped(wordsOf(kind, what)) : '·'}</td>`;
    return `<tr><td class="time">${iso(time)}</td><td>${escaped(element)}</td><td>${escaped(policy)}</td>${cell(recorded !== undefined, other === undefined)}${cell(other !== undefined, recorded === undefined)}</tr>`;
  });
  const counts = totals.flatMap(({ policy, counts: of }) =>
    DECISION_KINDS.filter((kind) => of[kind].recorded + of[kind].other > 0).map(
      (kind) =>
        `<tr><td>${escaped(policy)}</td><td>${KIND_NAMES[kind]}</td><td>${of[kind].recorded}</td><td>${of[kind].other}</td><td>${of[kind].both}</td></tr>`,
    ),
  );
  const title = differences === 0 ? 'The same would have been decided' : `${differencesText(comparison)} would have been different`;
  return page(
    title,
    `${COLOURS}${CHART}${PAGE}${LOOKS}`,
    `<main>
<h1>${escaped(title)}</h1>
<p class="lead">${escaped(folder)} through ${escaped(files.join(', '))}, ${iso(from).slice(0, 19)} to ${iso(to).slice(0, 19)}.</p>
<p class="small">What was measured is as it was: it does not react to what would have been done. ${plural(departures.modelled, 'command')} taken to have succeeded at once; ${plural(departures.outcomes, 'recorded outcome')} and ${plural(departures.answers, 'answer')} left out, of what is not given or asked here. Readings are those of the other course. Times are UTC.</p>
<p class="small"><span class="key same"></span>done, and would have been <span class="key was"></span>only done <span class="key would"></span>only would have been; fainter: held back. Of each policy, above: what was done; below: what would have been</p>
${charts.join('\n')}
${elements.length > ELEMENTS ? `<p class="small">${plural(elements.length - ELEMENTS, 'element')} with fewer differences are not drawn.</p>` : ''}
<h2>Totals</h2>
<table><thead><tr><th>policy</th><th></th><th>was</th><th>would be</th><th>both</th></tr></thead><tbody>${counts.join('')}</tbody></table>
<h2>Decisions</h2>
<table><thead><tr><th>time</th><th>element</th><th>policy</th><th>was done</th><th>would have been done</th></tr></thead><tbody>${rows.join('')}</tbody></table>
${told.length > ROWS ? `<p class="small">and ${plural(told.length - ROWS, 'decision')} more</p>` : ''}
</main>`,
  );
}

/** Those with decisions, most differences first. */
function drawn({ lines }: Comparison): string[] {
  const differences = new Map<string, number>();
  for (const { element, recorded, other } of lines)
    differences.set(element, (differences.get(element) ?? 0) + Number(recorded === undefined || other === undefined));
  return [...differences].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([element]) => element);
}

const iso = (instant: number): string =>
  new Date(instant)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.000Z$|Z$/, '');
