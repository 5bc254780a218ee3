/**
 * Counts a run of the demo again, from raw logs of programs that know nothing of Homeostat, and compares that with the summary the demo wrote.
 *
 *   node verify.js [FOLDER]     status 0: they agree; 1: they do not; 2: the folder cannot be read
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contradictions, drift, readLogs, recount, storyOf } from './recount.js';

/**
 * How far two figures may lie apart, where they were taken by two instruments. The demo's times are those of Homeostat's journal: when it decided
 * and when it heard of the outcome; the raw logs have the moment when the balancer's list changed or a process ran. The demo's p95 is taken at the
 * balancer, the raw one at the client, and up to a second earlier. What is counted has no tolerance but for requests that began within the
 * instant of the look.
 */
const tolerances = (moved) => ({
  'killed.detectedMs': () => 500,
  'killed.healedMs': () => 500,
  'frozen.detectedMs': () => 500,
  'frozen.healedMs': () => 500,
  'requests.inFlightAtKill': () => 1,
  'requests.sentToFrozen': () => 1,
  'p95Ms.calm': (value) => Math.max(30, value * 0.1, moved.calm),
  'p95Ms.surge': (value) => Math.max(30, value * 0.1),
  'p95Ms.recovered': (value) => Math.max(30, value * 0.1, moved.recovered),
});

/** `{ a: { b: 1 } }` as `[["a.b", 1]]`. */
const flatten = (document, prefix = '') =>
  Object.entries(document).flatMap(([key, value]) =>
    value !== null && typeof value === 'object' ? flatten(value, `${prefix}${key}.`) : [[prefix + key, value]],
  );

function compare(said, counted, allowed) {
  const claims = new Map(flatten(said));
  return flatten(counted).map(([name, value]) => {
    const claim = claims.get(name);
    const tolerance = allowed[name]?.(value ?? 0) ?? 0;
    const agree = claim === value || (typeof claim === 'number' && typeof value === 'number' && Math.abs(claim - value) <= tolerance);
    return { name, claim, value, tolerance, agree };
  });
}

function show(rows) {
  const cell = (value) => (value === undefined ? 'missing' : value === null ? 'none' : String(value));
  console.log(`  ${'figure'.padEnd(26)}${'summary'.padStart(10)}${'raw logs'.padStart(10)}   may differ by`);
  for (const { name, claim, value, tolerance, agree } of rows) {
    console.log(
      `${agree ? '✓' : '✗'} ${name.padEnd(26)}${cell(claim).padStart(10)}${cell(value).padStart(10)}   ${Math.round(tolerance) || ''}`.trimEnd(),
    );
  }
}

function main(folder) {
  let rows;
  let complaints;
  let logs;
  try {
    const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
    logs = readLogs(folder);
    rows = compare(summary, recount(logs), tolerances(drift(logs)));
    complaints = contradictions(logs);
  } catch (error) {
    console.error(`${folder} cannot be verified: ${error.message}`);
    return 2;
  }
  show(rows);
  for (const complaint of complaints) console.log(`✗ the raw logs contradict each other: ${complaint}`);
  for (const event of ['killed', 'frozen'])
    if (rows.some(({ name, agree }) => !agree && name.startsWith(event))) for (const line of storyOf(event, logs)) console.log(`  ${line}`);
  const wrong = rows.filter((row) => !row.agree).length + complaints.length;
  console.log(wrong === 0 ? `\n${rows.length} figures agree` : `\n${wrong} of ${rows.length} figures disagree`);
  console.log('replayVerified is not counted: no raw log can tell; homeostat replay --verify does');
  return wrong === 0 ? 0 : 1;
}

process.exitCode = main(process.argv[2] ?? 'demo-report');
