/** Runs every benchmark, each in a process of its own, and prints one table. Ends with 1 if a figure is not met. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
const rows = [];
/** The step is held to one core; the others have threads of their own, such as the store's, and run as they do in production. */
for (const [name, oneCore] of [
  ['step', true],
  ['latency', false],
  ['idle', false],
  ['restart', false],
]) {
  process.stderr.write(`${name} …\n`);
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  const argv = pinned && oneCore ? ['taskset', '-c', '0', process.execPath, script] : [process.execPath, script];
  rows.push(JSON.parse(execFileSync(argv[0], argv.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })));
}

const number = (x) => (x === null || x === undefined ? '–' : x.toLocaleString('en', { maximumFractionDigits: x < 100 ? 2 : 0 }));
const table = rows
  .flat()
  .map((row) => [
    row.name,
    `${number(row.homeostat)} ${row.unit}`,
    row.limit === null ? '' : `${row.atLeast ? '≥' : '≤'} ${number(row.limit)}`,
    row.met ? '✓' : '✗',
    row.other,
    `${number(row.otherValue)} ${row.unit}`,
    `${number(row.ratio)} ×`,
  ]);
const header = ['', 'Homeostat', 'limit', '', 'beside it', '', 'ratio'];
const widths = header.map((_, i) => Math.max(...[header, ...table].map((row) => row[i].length)));
const line = (row) =>
  row
    .map((cell, i) => cell.padEnd(widths[i]))
    .join('  ')
    .trimEnd();
console.log(`Homeostat ${version}, Node ${process.version}, ${cpus().length} × ${cpus()[0].model}${pinned ? ', step on one core' : ''}\n`);
for (const row of [header, ...table]) console.log(line(row));
for (const { name, note } of rows.flat()) if (note) console.log(`\n${name}: ${note}`);
process.exitCode = rows.flat().every((row) => row.met) ? 0 : 1;
