import { readFileSync } from 'node:fs';
import { type Figures, Histogram, StepFigures, unready } from '../../src/api/figures.ts';
import { metricsOf } from '../../src/api/metrics.ts';
import { metricsText } from '../../src/api/prometheus.ts';
import type { RouteContext } from '../../src/api/server.ts';
import { SimulatedClock } from '../../src/clock.ts';
import { Derived } from '../../src/knowledge/derived.ts';
import { State } from '../../src/knowledge/state.ts';
import { type Running, start } from './manager.ts';

const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
const documented = new Set(
  [...page.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, names]) => [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name!)),
);
const health = { storeFailure: null, stepping: true, decideMs: 1, commitMs: 2 };

function partition(number: number): Figures['partitions'][number] {
  const state = new State();
  state.count('outcomes.unknown', number);
  const steps = new StepFigures();
  return {
    partition: number,
    state,
    derived: new Derived(state),
    health,
    waiting: { signals: 1, telemetry: 2 },
    steps,
    lag: { observations: 10 * number },
  };
}

const cluster: Figures = {
  partitions: [partition(3), partition(5)],
  group: { partitions: 8, outside: null },
  executor: { waiting: 0, running: 0, leftBehind: 0 },
  probes: [],
  agents: [{ place: 'rack-3', working: true, failure: null, commands: { waiting: 0, running: 0, leftBehind: 0 } }],
  servers: [{ name: 'influx', reachable: false, reason: 'it refuses the connection', needed: false }],
  spool: { points: 7, bytes: 700, dropped: 1, refused: 2, entries: 3, missed: 4 },
};

let running: Running;
beforeEach(async () => {
  running = await start();
});
afterEach(() => running.stop());

const clusterLines = (): string[] => {
  const context = {
    assembly: { clock: new SimulatedClock(5_000) },
    startedAt: 1_000,
    access: { refused: { token: 2, role: 0, rate: 0, size: 0 } },
  };
  return metricsText(metricsOf(cluster, context as unknown as RouteContext))
    .trim()
    .split('\n');
};

test('figures of partitions have their number, and those of the process have none', () => {
  const lines = clusterLines();
  expect(lines).toEqual(
    expect.arrayContaining([
      'homeostat_partitions 8',
      'homeostat_partition_owned{partition="3"} 1',
      'homeostat_partition_owned{partition="5"} 1',
      'homeostat_lag_records{partition="5",topic="observations"} 50',
      'homeostat_outcomes_total{partition="3",kind="unknown"} 3',
      'homeostat_queue{partition="3",plane="telemetry"} 2',
      'homeostat_decide_duration_seconds_bucket{partition="3",le="+Inf"} 0',
      'homeostat_agent_working{place="rack-3"} 1',
      'homeostat_server_up{server="influx"} 0',
      'homeostat_spool_dropped_total 1',
      'homeostat_api_refused_total{reason="token"} 2',
    ]),
  );
  const typed = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
  expect(new Set(typed).size).toBe(typed.length);
});

test('every metric is on the page, and every one on the page is there or comes of a counter of the state', async () => {
  await running.ask('POST', '/observations', { element: 'shop', property: 'responseTime', value: 212 });
  await running.until(() => running.assembly.manager.derived.raised.size === 1);
  const { text } = await running.ask('GET', '/metrics');
  const names = new Set(
    [...text.split('\n'), ...clusterLines()].filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]!),
  );
  expect([...names].filter((name) => !documented.has(name))).toEqual([]);
  const counters = [
    'outcomes',
    'withheld',
    'observations',
    'samples',
    'dead_letters',
    'breakers',
    'oscillations',
    'remedies',
    'advice',
  ].map((group) => `homeostat_${group}_total`);
  expect([...documented].filter((name) => !names.has(name) && !counters.includes(name))).toEqual([]);
});

test('steps are counted in buckets by how long they took', async () => {
  const histogram = new Histogram();
  for (const ms of [0, 1, 2, 9_000]) histogram.add(ms);
  expect([histogram.counts[0], histogram.counts[1], histogram.counts.at(-1), histogram.sumMs]).toEqual([2, 1, 1, 9_003]);
  const { text } = await running.ask('GET', '/metrics');
  const count = Number(/^homeostat_commit_duration_seconds_count (\d+)$/m.exec(text)![1]);
  expect(count).toBeGreaterThan(0);
  const buckets = [...text.matchAll(/^homeostat_commit_duration_seconds_bucket\{le="[^"]+"\} (\d+)$/gm)].map(([, n]) => Number(n));
  expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
  expect(buckets.at(-1)).toBe(count);
});

test('requests that are refused are counted by what for', async () => {
  for (let i = 0; i < 3; i++) await running.ask('GET', '/status', undefined, { authorization: 'Bearer wrong' });
  const { text } = await running.ask('GET', '/metrics');
  expect(text).toContain('homeostat_api_refused_total{reason="token"} 3');
});

test('what is not ready is named with its reason', () => {
  expect(unready(cluster)).toEqual([]);
  const [first] = cluster.partitions;
  const wrong: Figures = {
    ...cluster,
    group: { partitions: 8, outside: 'the session has run out' },
    servers: [{ name: 'kafka', reachable: false, reason: 'it does not answer', needed: true }, ...cluster.servers],
    partitions: [
      { ...first!, health: { ...health, stepping: false } },
      { ...first!, partition: 4, health: { ...health, storeFailure: 'the disk is full' } },
    ],
  };
  expect(unready(wrong)).toEqual([
    { what: 'kafka', reason: 'it does not answer' },
    { what: 'group', reason: 'the session has run out' },
    { what: 'partition 3', reason: 'the first step has not been made' },
    { what: 'partition 4', reason: 'the disk is full' },
  ]);
});
