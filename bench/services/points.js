/** What of a cluster has come to InfluxDB. */
import { clock, PARTITIONS, wait } from './kit.js';

async function ask({ influx }, { name }, q) {
  const answer = await fetch(`http://127.0.0.1:${influx.port}/query?${new URLSearchParams({ db: name, epoch: 'ms', q })}`);
  return (await answer.json()).results?.[0]?.series?.[0]?.values ?? [];
}

/** Points of a measurement of a span, by a field that each has. */
async function count(kit, cluster, measurement, field, from, to) {
  const [row] = await ask(kit, cluster, `SELECT count("${field}") FROM "${measurement}" WHERE time >= ${from}ms AND time < ${to}ms`);
  return row?.[1] ?? 0;
}

/** Entries of the journal before an instant, in Kafka. */
async function entries(kit, { topics }, to) {
  let sum = 0;
  for (let p = 0; p < PARTITIONS; p++)
    await kit.log.read(topics.journal, p, 0, (records) => {
      for (const { value } of records) if (JSON.parse(value).time < to) sum++;
    });
  return sum;
}

/**
 * Waits until InfluxDB has as many decisions as the journal, of all before now, and no more readings; a minute at most. The manager goes on deciding meanwhile,
 * as cooldowns end.
 */
export async function settled(kit, cluster, from) {
  const to = clock.now();
  let [decisions, journal, readings] = [0, 0, -1];
  for (const until = to + 60_000; clock.now() < until; await wait(2_000)) {
    const before = readings;
    readings = await count(kit, cluster, 'homeostat_reading', 'known', from, to).catch(() => -1);
    decisions = await count(kit, cluster, 'homeostat_decision', 'step', 0, to).catch(() => -1);
    journal = await entries(kit, cluster, to);
    if (decisions === journal && readings === before && readings >= 0) break;
  }
  return { decisions, journal, readings };
}

/** Of the seconds of a span, those without a reading. */
export async function emptySeconds(kit, cluster, from, to) {
  const q = `SELECT count("value") FROM "homeostat_reading" WHERE time >= ${from}ms AND time < ${to}ms GROUP BY time(1s) fill(0)`;
  const rows = await ask(kit, cluster, q);
  return rows.length === 0 ? (to - from) / 1_000 : rows.slice(1, -1).filter(([, n]) => n === 0).length;
}
