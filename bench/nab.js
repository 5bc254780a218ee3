/**
 * The pack rules/anomaly on recorded series of the Numenta Anomaly Benchmark (https://github.com/numenta/NAB), on their own time and by the pure step: which labelled windows
 * a command hits, and how many commands come outside of any. One set of parameters for all. The data is not shipped: `node bench/nab.js [FOLDER]`,
 * ../shared/data/nab beside the repository if not given. A figure is met if no command comes on the series without anomalies, and half of all windows are hit.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfiguration } from '../dist/config.js';
import { Derived } from '../dist/knowledge/derived.js';
import { State } from '../dist/knowledge/state.js';
import { step } from '../dist/step.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = process.argv[2] ?? here('../../shared/data/nab');
if (!existsSync(join(folder, 'windows.json'))) {
  console.error(`no series in ${folder}: give the folder of NAB's data and its windows.json`);
  process.exit(2);
}

const LEAST_SHARE = 0.5;
const timeOf = (text) => Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`);
const { configuration, findings } = loadConfiguration(here('../rules/anomaly/homeostat.json'));
if (configuration === undefined) throw new Error(JSON.stringify(findings));
const document = JSON.stringify({ ...configuration.setup, mode: 'act', elements: { series: { type: 'metric' } } });

/** The commands of one series, as instants. */
function commandsOn(rows) {
  const state = new State();
  const derived = new Derived(state);
  const sent = [];
  const take = (events, now) => {
    const { commands } = step(state, derived, events, now);
    for (const { id } of commands) {
      sent.push(now);
      take([{ kind: 'outcome', command: id, status: 'succeeded', detail: '' }], now);
    }
  };
  take([{ kind: 'configured', document }], rows[0].time - 1);
  for (const { time, value } of rows) {
    for (let due = state.nextDue(); due !== null && due < time; due = state.nextDue()) take([], due);
    take([{ kind: 'observation', element: 'series', property: 'value', value, time, source: 'nab', everyMs: 300_000 }], time);
  }
  return sent;
}

/** Some files have lines of one instant twice, or out of order. */
const rowsOf = (text) =>
  text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .map(([time, value]) => ({ time: timeOf(time), value: Number(value) }))
    .sort((a, b) => a.time - b.time);

const total = { windows: 0, hits: 0, outside: 0, calm: 0 };
console.log('series'.padEnd(62), 'windows', '   hit', ' false alarms');
for (const [file, labels] of Object.entries(JSON.parse(readFileSync(join(folder, 'windows.json'), 'utf8')))) {
  const windows = labels.map(([from, to]) => [timeOf(from), timeOf(to)]);
  const sent = commandsOn(rowsOf(readFileSync(join(folder, file), 'utf8')));
  const within = (at) => windows.findIndex(([from, to]) => at >= from && at <= to);
  const hits = new Set(sent.map(within).filter((i) => i >= 0)).size;
  const outside = sent.filter((at) => within(at) < 0).length;
  const calm = file.startsWith('artificialNoAnomaly/');
  if (calm) total.calm += sent.length;
  else {
    total.windows += windows.length;
    total.hits += hits;
    total.outside += outside;
  }
  console.log(file.padEnd(62), String(windows.length).padStart(7), String(hits).padStart(6), String(outside).padStart(13));
}
const met = total.calm === 0 && total.hits >= LEAST_SHARE * total.windows;
console.log(
  `\n${total.hits} of ${total.windows} windows hit (at least half: ${total.hits >= LEAST_SHARE * total.windows ? '✓' : '✗'}), ${total.outside} false alarms in all`,
);
console.log(`${total.calm} commands on the series without anomalies (none: ${total.calm === 0 ? '✓' : '✗'})`);
process.exitCode = met ? 0 : 1;
