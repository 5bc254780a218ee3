/**
 * Counts a run of `homeostat demo --canary` again, from raw logs of programs that know nothing of Homeostat, and compares that with the summary the demo wrote.
 *
 *   node verify-canary.js [FOLDER]     status 0: they agree; 1: they do not; 2: the folder cannot be read
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instants, named, only, p95By, readLines } from './recount.js';

const FARMS = ['web', 'mill'];
const LEVEL_MS = (value) => Math.max(30, value * 0.1);

/** The figures of the summary, each with what the raw logs say and by how much the two may differ: they are taken by two instruments. */
function compare(summary, { script, farms, starts }) {
  const [tried, over] = [only(script, 'tried').time, only(script, 'over').time];
  const rows = FARMS.flatMap((farm) => {
    const { balancer, load } = farms[farm];
    const p95At = p95By(load);
    const during = instants(tried, over);
    const said = summary.farms[farm];
    return [
      row(`${farm}: fewest servers`, said.fewestServers, fewestListed(balancer, tried, over), 0),
      row(`${farm}: p95, worst`, said.p95Ms.worst, Math.max(...during.map(p95At)), LEVEL_MS(said.p95Ms.worst)),
      row(`${farm}: p95, last`, said.p95Ms.last, p95At(over), LEVEL_MS(said.p95Ms.last)),
    ];
  });
  // What can be seen of it from outside: the first server that is started again, once the new version has taken some away.
  const port = portOf(farms.mill.balancer);
  const back = starts.find((start) => start.time > tried && start.port > port && start.port < port + 10);
  return [
    ...rows,
    row('withdrawn after, ms', summary.withdrawnAfterMs, back === undefined ? null : Math.round(back.time - tried), 2_500),
    row('manager restarts', summary.managerRestarts, named(script, 'managerStarted').length - 1, 0),
  ];
}

const row = (name, claim, value, tolerance) => ({
  name,
  claim,
  value,
  tolerance,
  agree: claim === value || (claim !== null && value !== null && Math.abs(claim - value) <= tolerance),
});

/** Of the lists that the balancer had in the span, the shortest. */
function fewestListed(balancer, from, to) {
  const changes = [...named(balancer, 'listed'), ...named(balancer, 'delisted')].sort((a, b) => a.time - b.time);
  const first = changes.findLast(({ time }) => time <= from)?.list.length ?? 0;
  return Math.min(first, ...changes.filter(({ time }) => time > from && time <= to).map(({ list }) => list.length));
}

/** The lowest port of a server; those of its farm lie behind it. */
const portOf = (balancer) => Math.min(...named(balancer, 'listed').map(({ port }) => port)) - 1;

function readRun(folder) {
  const raw = join(folder, 'raw');
  const read = (name) => readLines(join(raw, `${name}.jsonl`));
  const servers = readdirSync(raw).filter((name) => /^server-[0-9]+\.jsonl$/.test(name));
  const starts = servers.flatMap((name) => named(readLines(join(raw, name)), 'start')).sort((a, b) => a.time - b.time);
  return {
    script: read('script'),
    farms: Object.fromEntries(FARMS.map((farm) => [farm, { balancer: read(`balancer-${farm}`), load: read(`load-${farm}`) }])),
    starts,
  };
}

function main(folder) {
  let rows;
  try {
    rows = compare(JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')), readRun(folder));
  } catch (error) {
    console.error(`${folder} cannot be verified: ${error.message}`);
    return 2;
  }
  const cell = (value) => String(value ?? 'none').padStart(10);
  console.log(`  ${'figure'.padEnd(24)}${cell('summary')}${cell('raw logs')}   may differ by`);
  for (const { name, claim, value, tolerance, agree } of rows)
    console.log(`${agree ? '✓' : '✗'} ${name.padEnd(24)}${cell(claim)}${cell(value)}   ${Math.round(tolerance) || ''}`.trimEnd());
  const wrong = rows.filter(({ agree }) => !agree).length;
  console.log(wrong === 0 ? `\n${rows.length} figures agree` : `\n${wrong} of ${rows.length} figures disagree`);
  return wrong === 0 ? 0 : 1;
}

process.exitCode = main(process.argv[2] ?? 'demo-report');
