/**
 * Homeostat as the manager of SWIM's web site, on simulated time: ten seeds of each, one table, each figure beside its limit. Ends with 1 if one is not met.
 * The trace is not ours to ship: it is read from ../shared/data/swim beside the repository, or from where `--trace FOLDER` says. `--seeds 3`: fewer.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomFrom } from '../examples/swim/random.js';
import { arrivalsOf, readGaps, reversed, scaled } from '../examples/swim/trace.js';
import * as engine from './swim/engine.js';
import { run, setupOf } from './swim/loop.js';

const TRACE = 'wc_day53-r0-105m-l70.delta';
const PERIOD_MS = 60_000;

const { values } = parseArgs({
  options: {
    trace: { type: 'string', default: fileURLToPath(new URL('../../shared/data/swim', import.meta.url)) },
    seeds: { type: 'string' },
  },
});
const file = values.trace.endsWith('.delta') ? values.trace : join(values.trace, TRACE);
const seeds = Number(values.seeds ?? 10);
if (!Number.isInteger(seeds) || seeds < 2) {
  console.error(`--seeds must be a whole number from 2, not "${values.seeds}"`);
  process.exit(2);
}
if (!existsSync(file)) {
  console.error(`The trace is not there: ${file}
It is derived from the logs of the 1998 World Cup, whose licence allows non-commercial use only, so it does not come with Homeostat.
Get ${TRACE} from https://github.com/cps-sei/swim, folder simulations/swim/traces, and put it there, or say where it is:
  npm run bench:swim -- --trace FOLDER`);
  process.exit(2);
}
const trace = arrivalsOf(readGaps(file));

/**
 * What is run. Reactive's packs look once a period, as the shipped manager does. `atLeast` is the score that is asked for; `near` says how far it may be off.
 * A scaled load is thinned or thickened by chance, anew for each seed, and by the same chance for whoever manages it.
 */
const RUNS = [
  { name: 'reactive', pack: 'reactive', everyMs: PERIOD_MS, near: { score: 3637, by: 137 } },
  { name: 'reactive without its dead zone', pack: 'reactive2', everyMs: PERIOD_MS, near: { score: 2386, by: 80 } },
  { name: 'ahead', pack: 'ahead', atLeast: 4_100, late: 3, actions: 25 },
  { name: 'ahead, boot 120 s', pack: 'ahead', bootS: 120, atLeast: 3_950 },
  { name: 'ahead, boot 180 s', pack: 'ahead', bootS: 180, atLeast: 3_900 },
  { name: 'ahead, boot 240 s', pack: 'ahead', bootS: 240, atLeast: 3_850 },
  { name: 'ahead, load × 0.8', pack: 'ahead', load: 0.8, atLeast: 3_700 },
  { name: 'ahead, load × 1.2', pack: 'ahead', load: 1.2, atLeast: 4_450 },
  { name: 'reactive, trace reversed', pack: 'reactive', everyMs: PERIOD_MS, backwards: true },
  { name: 'ahead, trace reversed', pack: 'ahead', backwards: true, better: 'reactive, trace reversed' },
];

const mean = (list) => list.reduce((sum, one) => sum + one, 0) / list.length;
const deviation = (list) => Math.sqrt(list.reduce((sum, one) => sum + (one - mean(list)) ** 2, 0) / (list.length - 1));

function arrivalsFor({ load, backwards }, seed) {
  if (backwards) return reversed(trace);
  return load === undefined ? trace : scaled(trace, load, randomFrom(1_000 + seed));
}

const began = performance.now();
const rows = [];
for (const one of RUNS) {
  process.stderr.write(`${one.name} …\n`);
  const { pack, everyMs, bootS = 60 } = one;
  const managed = setupOf(engine, { pack, everyMs, bootS });
  const results = [];
  for (let seed = 0; seed < seeds; seed++) results.push(await run(engine, { ...managed, arrivals: arrivalsFor(one, seed), seed, bootS }));
  const scores = results.map(({ score }) => score);
  const score = mean(scores);
  const lates = results.map(({ late }) => late);
  const actions = results.map((result) => result.actions);
  const atLeast = one.better === undefined ? one.atLeast : rows.find(({ name }) => name === one.better).score;
  const kept = [
    ...(one.near === undefined ? [] : [[`${one.near.score} ± ${one.near.by}`, Math.abs(score - one.near.score) <= one.near.by]]),
    ...(atLeast === undefined
      ? []
      : [[`${one.better === undefined ? '≥' : '>'} ${atLeast.toFixed(0)}`, one.better ? score > atLeast : score >= atLeast]]),
    ...(one.late === undefined ? [] : [[`late ≤ ${one.late}`, mean(lates) <= one.late]]),
    ...(one.actions === undefined ? [] : [[`actions ≤ ${one.actions}`, mean(actions) <= one.actions]]),
  ];
  rows.push({
    name: one.name,
    score,
    late: mean(lates),
    met: kept.every(([, ok]) => ok),
    cells: [
      one.name,
      score.toFixed(0),
      `± ${deviation(scores).toFixed(0)}`,
      mean(lates).toFixed(1),
      String(Math.max(...lates)),
      mean(actions).toFixed(1),
      kept.map(([limit]) => limit).join(', '),
      kept.length === 0 ? '' : kept.every(([, ok]) => ok) ? '✓' : '✗',
    ],
  });
}

const header = ['', 'score', '', 'late of 90', 'at most', 'actions', 'asked for', ''];
const table = [header, ...rows.map(({ cells }) => cells)];
const widths = header.map((_, i) => Math.max(...table.map((row) => row[i].length)));
console.log(
  `SWIM, WorldCup trace, ${seeds} seeds, boot 60 s where nothing else is said; in ${((performance.now() - began) / 1_000).toFixed(0)} s\n`,
);
for (const row of table)
  console.log(
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  );
const { name, score, late } = rows.find((row) => row.name === 'ahead');
console.log(
  `\n${name}: the aim is 4350 with at most one late period: ${score >= 4_350 && late <= 1 ? 'reached' : 'not reached'}; a plan that knows the trace reaches about 4550`,
);
process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
