/**
 * `npm run bench:services`: what the services mode is measured by, on a real broker and InfluxDB that are started for it. Ends with 1 if a figure is not met.
 * `--quick` is for seeing whether it still runs: a few seconds each.
 */
import { readFileSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { clock, Kit, memoryOf, wait } from './kit.js';
import { measure as measureLatency, summary } from './latency.js';
import { emptySeconds, settled } from './points.js';
import { longestPause } from './takeover.js';
import { measure as measureThroughput } from './throughput.js';

const quick = process.argv.includes('--quick');
const only = process.argv
  .find((arg) => arg.startsWith('--only='))
  ?.slice(7)
  .split(',');
const wanted = (name) => only === undefined || only.includes(name);
const rows = [];
const row = (name, value, unit, limit, met, note = '') => {
  rows.push({ name, value, unit, limit, met });
  const shown = typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 }) : value;
  process.stdout.write(`${met ? '✓' : '✗'} ${name.padEnd(64)} ${`${shown} ${unit}`.padStart(18)}   ${limit}   ${note}\n`);
};

process.stdout.write(
  `Node ${process.version}, ${cpus().length} × ${cpus()[0].model}, broker, InfluxDB, producer and managers on one machine\n\n`,
);
const kit = await new Kit().servers({ influx: true });
try {
  if (wanted('latency')) {
    const cluster = kit.cluster('latency', { each: 1, perDomain: 125, influx: true });
    const one = kit.start(cluster);
    await kit.ready(cluster);
    await wait(3_000);
    await measureLatency(kit, cluster, quick ? 3 : 20);
    const { latencies, unanswered } = await measureLatency(kit, cluster, quick ? 5 : 60);
    const { p50, p99, count } = summary(latencies);
    row('observation produced → command consumed, p50', p50, 'ms', '≤ 20 ms', p50 <= 20, `${count} alarms, ${unanswered} unanswered`);
    row('observation produced → command consumed, p99', p99, 'ms', '≤ 100 ms', p99 <= 100);
    if (wanted('away')) {
      const seconds = quick ? 10 : 60;
      const from = clock.now();
      const away = await measureLatency(kit, cluster, seconds, async () => {
        await kit.influx.kill();
        await wait((seconds - 1) * 1_000);
      });
      await kit.influx.restart();
      const other = summary(away.latencies);
      row(
        'the same while InfluxDB is away, p99',
        other.p99,
        'ms',
        `≤ ${(p99 * 1.5).toFixed(1)} ms`,
        other.p99 <= p99 * 1.5,
        `${other.count} alarms`,
      );
      const { decisions, journal } = await settled(kit, cluster, from);
      row('decisions that InfluxDB does not have afterwards', journal - decisions, '', '0', journal === decisions, `of ${journal}`);
      const empty = await emptySeconds(kit, cluster, from, from + seconds * 1_000);
      row('seconds of that time without readings in InfluxDB', empty, '', '0', empty === 0, `of ${seconds}`);
    }
    await kit.stop(one);
  }
  if (wanted('throughput')) {
    const cluster = kit.cluster('throughput', { each: 2, perDomain: 90, influx: true });
    const one = kit.start(cluster);
    await kit.ready(cluster);
    await measureThroughput(kit, cluster, [one], { rate: 50_000, seconds: quick ? 3 : 15 });
    const from = clock.now();
    const seconds = quick ? 10 : 300;
    const { rate, cores, lag, memory, left } = await measureThroughput(kit, cluster, [one], { rate: 100_000, seconds });
    const bounded = lag.second <= Math.max(2 * lag.first, 100_000) && memory.second <= memory.first * 1.25 && left === 0;
    row(
      'observations through Kafka into decisions',
      rate,
      '/s',
      '≥ 100,000/s',
      rate >= 99_000 && bounded,
      `${cores.toFixed(2)} cores; lag ${Math.round(lag.first)} then ${Math.round(lag.second)}, most ${lag.most}, left ${left}; memory ${Math.round(memory.first)} then ${Math.round(memory.second)} MB`,
    );
    const { readings, decisions, journal } = await settled(kit, cluster, from);
    row('points of readings into InfluxDB meanwhile', readings / seconds, '/s', '≥ 10,000/s', readings / seconds >= 10_000);
    row('decisions that InfluxDB does not have afterwards', journal - decisions, '', '0', journal === decisions, `of ${journal}`);
    await kit.stop(one);
  }
  if (wanted('takeover')) {
    const cluster = kit.cluster('takeover', { each: 1, perDomain: 20, rules: 10 });
    const two = [kit.start(cluster), kit.start(cluster)];
    await kit.ready(cluster);
    await wait(5_000);
    const killed = await longestPause(kit, cluster, () => kit.stop(two[0], 'SIGKILL'), 15_000);
    row('takeover after KILL of a manager', killed.longestMs, 'ms', '≤ 10,000 ms', killed.longestMs <= 10_000 && killed.partitions === 8);
    const third = kit.start(cluster);
    await wait(5_000);
    const clean = await longestPause(kit, cluster, () => kit.stop(third), 6_000);
    row('takeover after a clean stop', clean.longestMs, 'ms', '≤ 2,000 ms', clean.longestMs <= 2_000 && clean.partitions === 8);
    const again = kit.start(cluster);
    await wait(5_000);
    const arrival = await longestPause(kit, cluster, async () => kit.start(cluster), 8_000);
    row(
      'a third manager arrives: longest pause of any domain',
      arrival.longestMs,
      'ms',
      '≤ 5,000 ms',
      arrival.longestMs <= 5_000 && arrival.partitions === 8,
    );
    void again;
    for (const one of [...kit.processes]) await kit.stop(one, 'SIGKILL');
  }
  if (wanted('restore')) {
    const cluster = kit.cluster('restore', { each: 1, perDomain: 10_000 / 8, rules: 10 });
    const one = kit.start(cluster);
    await kit.ready(cluster, 120_000);
    await measureThroughput(kit, cluster, [one], { rate: 20_000, seconds: quick ? 3 : 15 });
    await kit.stop(one, 'SIGKILL');
    // Another folder: it has no copy, and reads all from the log.
    const other = kit.cluster('restore', { each: 1, perDomain: 10_000 / 8, rules: 10 });
    rmSync(`${other.folder}/.homeostat`, { recursive: true, force: true });
    await wait(7_000);
    const two = kit.start(other);
    const restored = await restoreTime(two);
    row(
      'restore of 10,000 elements from the changelog',
      restored,
      'ms',
      '≤ 3,000 ms',
      restored <= 3_000,
      `${Math.round(memoryOf(two.pid))} MB`,
    );
    await kit.stop(two, 'SIGKILL');
  }
} finally {
  await kit.end();
}
process.exitCode = rows.every(({ met }) => met) ? 0 : 1;

/** From the moment the partitions were ours to the last that was open, by the process' own log. */
async function restoreTime({ file }) {
  for (const until = clock.now() + 60_000; clock.now() < until; await wait(200)) {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line));
    const ours = lines.find(({ msg }) => msg === 'partitions are ours');
    const open = lines.filter(({ msg }) => msg === 'a partition is open');
    if (ours !== undefined && open.length >= 8) return Math.max(...open.map(({ time }) => Date.parse(time))) - Date.parse(ours.time);
  }
  throw new Error('the partitions are not restored');
}
