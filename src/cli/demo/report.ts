/** The report of a run: one HTML file that needs nothing else, neither network nor program, and shows every decision with its reasons. */
import { formatMs } from '../../duration.ts';
import { chart, WIDTH } from './chart.ts';
import { page } from './page.ts';
import { POINTER } from './pointer.ts';
import type { PromiseKept } from './promises.ts';
import { PAGE } from './report-style.ts';
import { decisionRows, heldRows } from './report-tables.ts';
import { CHART, COLOURS } from './style.ts';
import type { Summary } from './summary.ts';
import { escaped, tag } from './svg.ts';
import type { RunView } from './view.ts';

export interface ReportInput {
  readonly view: RunView;
  readonly summary: Summary;
  readonly promises: readonly PromiseKept[];
  /** Where it ran: machine, versions. */
  readonly surroundings: string;
}

export function report({ view, summary, promises, surroundings }: ReportInput): string {
  const broken = promises.filter((promise) => !promise.kept).length;
  const title = broken === 0 ? 'Homeostat kept a web farm alive and fast' : `Homeostat kept all but ${broken} of its promises`;
  const { content, height } = chart(view);
  const svg = tag(
    'svg',
    { id: 'chart', viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': 'load, response time, servers and decisions over time' },
    content,
  );
  return page(
    title,
    `${COLOURS}${CHART}${PAGE}`,
    `<main>
<header>
<h1>${escaped(title)}</h1>
<p class="lead">${escaped(lead(summary))}</p>
<p class="small">${escaped(`${new Date(summary.startedAt).toUTCString()} · ${surroundings}`)}</p>
</header>
<section class="cards" aria-label="figures">${cards(summary)}</section>
<section class="chart"><div class="scroll">${svg}<div id="pointer" hidden></div></div>
<p class="small">Numbered dots are commands, listed below. Red: what the script did to the farm, and the time the manager was dead. Point at the chart for values.</p></section>
<section><h2>What was promised</h2><ul class="promises">${promises.map(promiseItem).join('')}</ul></section>
<section><h2>Every command, and why</h2>
<div class="scroll"><table class="decisions"><thead><tr><th>No.</th><th>At</th><th>Command</th><th>Policy, and what it saw</th><th>Outcome</th></tr></thead><tbody>${decisionRows(view)}</tbody></table></div></section>
<section><h2>What was held back</h2>
<p>A policy whose conditions hold does not act at once. Gates hold it back, each with its reason; this is what keeps a farm from see-sawing.</p>
<div class="scroll"><table><thead><tr><th>At</th><th>Policy</th><th>Element</th><th>Gate</th><th>Reason</th></tr></thead><tbody>${heldRows(view)}</tbody></table></div></section>
<section><h2>Do not take our word for it</h2>
<p>The folder of this report holds the raw logs of the load generator, the balancer, the servers and the script, which know nothing of Homeostat, and Homeostat’s own state. Two programs check the one against the other:</p>
<pre>npm run demo:verify FOLDER             counts this summary again, from the raw logs alone
npx homeostat replay --verify FOLDER   makes every decision again, from the recorded inputs</pre></section>
</main>
<script type="application/json" id="data">${JSON.stringify(dataOf(view)).replaceAll('<', '\\u003c')}</script>
<script>${POINTER}</script>`,
  );
}

const seconds = (ms: number | null): string => (ms === null ? 'never' : `${(ms / 1_000).toFixed(1)} s`);

const brief = (ms: number | null): string => (ms === null ? 'no time' : formatMs(ms));

function lead({ killed, frozen, scaledOut, scaledIn, p95Ms, requests }: Summary): string {
  return (
    `One server was killed and replaced after ${seconds(killed.healedMs)}; one froze and was replaced after ${seconds(frozen.healedMs)}. ` +
    `When four times the load came, the response time rose to ${p95Ms.surge ?? '?'} ms; ${scaledOut} servers were added, and it came down to ${p95Ms.recovered ?? '?'} ms ` +
    `although the manager was killed in the midst of it. When the load went, ${scaledIn} servers went too. ` +
    `${requests.ok.toLocaleString('en')} of ${requests.sent.toLocaleString('en')} requests were answered.`
  );
}

function cards({ killed, frozen, requests, p95Ms, reversals, commandsRepeated, replayVerified }: Summary): string {
  const card = (name: string, value: string, note: string) =>
    `<div class="card"><h3>${name}</h3><p class="value">${value}</p><p class="small">${note}</p></div>`;
  return [
    card('Killed server replaced', seconds(killed.healedMs), `noticed after ${brief(killed.detectedMs)}`),
    card(
      'Frozen server replaced',
      seconds(frozen.healedMs),
      `noticed after ${brief(frozen.detectedMs)}, although its process had not ended`,
    ),
    card(
      'p95 at the end of the surge',
      `${p95Ms.recovered ?? '–'} ms`,
      `limit ${p95Ms.limit} ms; calm ${p95Ms.calm ?? '–'}, worst ${p95Ms.surge ?? '–'} ms`,
    ),
    card(
      'Requests that failed',
      String(requests.failed),
      `${requests.inFlightAtKill} were in flight at the kill, ${requests.sentToFrozen} at the frozen server`,
    ),
    card('Needless turns, repeats', `${reversals}, ${commandsRepeated}`, 'changes of direction in scaling; commands done twice'),
    card('Decisions derived again', replayVerified ? 'all' : 'no', 'from the recorded inputs, by replay'),
  ].join('');
}

const promiseItem = ({ kept, text }: PromiseKept): string =>
  `<li class="${kept ? 'kept' : 'broken'}"><b>${kept ? 'kept' : 'broken'}</b> ${escaped(text)}</li>`;

/** What the pointer shows: one row a look, times in ms since the start. */
const dataOf = (view: RunView) => ({
  from: view.from,
  to: view.to,
  points: view.points.map(({ time, load, p95, servers, listed }) =>
    [time - view.from, load, p95, servers, listed].map((value) => (value === null ? null : Math.round(value))),
  ),
});
