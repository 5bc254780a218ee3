/**
 * Runs every benchmark, each in a process of its own, and prints one table. Ends with 1 if a figure is not met.
 * `--quick`: those whose answers are compared with others', in short and on small sizes; no figure decides.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
const quick = process.argv.includes('--quick');
const rows = [];
/** Some are held to one core; the others have threads of their own, such as the store's, and run as they do in production. */
for (const { name, oneCore, short } of [
  { name: 'match', oneCore: true, short: true },
  { name: 'step', oneCore: true, short: true },
  { name: 'growth', oneCore: true, short: true },
  { name: 'latency', oneCore: false, short: false },
  { name: 'idle', oneCore: false, short: false },
  { name: 'restart', oneCore: false, short: false },
  { name: 'large', oneCore: false, short: false },
]) {
  if (quick && !short) continue;
  process.stderr.write(`${name} …\n`);
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url));
  const node = [process.execPath, script, ...(quick ? ['--quick'] : [])];
  const argv = pinned && oneCore ? ['taskset', '-c', '0', ...node] : node;
  rows.push(JSON.parse(execFileSync(argv[0], argv.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })));
}

const number = (x) => (x === null || x === undefined ? '–' : x.toLocaleString('en', { maximumFractionDigits: x < 100 ? 2 : 0 }));
const table = rows
  .flat()
  .map((row) => [
    row.name,
    `${number(row.homeostat)} ${row.unit}`,
    row.limit === null || quick ? '' : `${row.atLeast ? '≥' : '≤'} ${number(row.limit)}`,
    quick ? '' : row.met ? '✓' : '✗',
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
console.log(
  `Homeostat ${version}, Node ${process.version}, ${cpus().length} × ${cpus()[0].model}${pinned ? ', match, step and growth on one core' : ''}\n`,
);
for (const row of [header, ...table]) console.log(line(row));
for (const { name, note } of rows.flat()) if (note) console.log(`\n${name}: ${note}`);
process.exitCode = rows.flat().every((row) => row.met) ? 0 : 1;
