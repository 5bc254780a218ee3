/**
 * From the start of the process to its first committed step, with 10,000 elements that appeared at run time and have been measured. Beside it a Node
 * that reads the same state from one JSON file.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LmdbStore } from '../dist/knowledge/lmdb.js';
import { elementIds } from './farm.js';
import { call, managerFile, started, stopped } from './process.js';

const ELEMENTS = 10_000;
const PROPERTIES = ['load', 'latency', 'pending'];
const RUNS = 5;
const LIMIT_MS = 1_000;

const { file, remove } = managerFile(0, PROPERTIES);
const folder = join(dirname(file), '.homeostat');
const reading = () => new LmdbStore({ folder, readOnly: true, journalEntries: 1e6, inputBytes: 1e9, historyMs: 1e9 });
const first = await started(file);
for (const ids of slices(elementIds(ELEMENTS), 1_000)) {
  await call(
    folder,
    '/elements',
    ids.map((id) => ({ id, type: 'server' })),
  );
  await call(
    folder,
    '/observations',
    ids.flatMap((element, i) => PROPERTIES.map((property) => ({ element, property, value: i, source: 'bench' }))),
  );
}
await stopped(first);

const ours = [];
for (let run = 0; run < RUNS; run++) {
  const store = reading();
  const { step } = store.load().position;
  await store.close();
  const began = performance.now();
  const manager = await started(file);
  await call(folder, `/status?limit=0&after=${step}`);
  ours.push(performance.now() - began);
  // Killed, not stopped: a restart after a crash is the one that counts.
  manager.kill('SIGKILL');
  await new Promise((resolve) => manager.once('exit', resolve));
}
const store = reading();
const rows = Object.fromEntries([...store.load().dump()].map(({ key, text }) => [key, JSON.parse(text)]));
await store.close();
const json = join(dirname(file), 'state.json');
writeFileSync(json, JSON.stringify(rows));
const theirs = [];
for (let run = 0; run < RUNS; run++) {
  const began = performance.now();
  execFileSync(process.execPath, ['-e', `Object.keys(JSON.parse(require('fs').readFileSync(${JSON.stringify(json)}, 'utf8'))).length`]);
  theirs.push(performance.now() - began);
}
const size = readFileSync(json).length;
remove();

function* slices(list, length) {
  for (let i = 0; i < list.length; i += length) yield list.slice(i, i + length);
}
const median = (list) => Math.round([...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]);
process.stdout.write(
  JSON.stringify({
    name: 'restart with 10,000 elements, to the first step',
    unit: 'ms',
    homeostat: median(ours),
    other: 'a Node that parses the same state as JSON',
    otherValue: median(theirs),
    ratio: median(ours) / median(theirs),
    lowerIsBetter: true,
    limit: LIMIT_MS,
    met: median(ours) <= LIMIT_MS,
    note: `median of ${RUNS}, worst ${Math.round(Math.max(...ours))} ms, from the start of the process to its first answer; ${PROPERTIES.length} measured properties each, ${Object.keys(rows).length} rows, ${Math.round(size / 1e6)} MB as JSON`,
  }),
);
