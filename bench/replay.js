/**
 * How long `homeostat replay --policies` takes for a week of one element at one reading a second: 604,800 observations, as a manager would have recorded them, each in a step of
 * its own, through other thresholds. Ends with 1 if that takes longer than the limit, by the clock: for a machine that does nothing else.
 * Beside it, without a limit, the same with a mean over a minute, which has a timer and so a second step with each reading. `--quick`: a day.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { loadConfiguration } from '../dist/config.js';
import { Derived } from '../dist/knowledge/derived.js';
import { encodeRecord } from '../dist/knowledge/inputs.js';
import { State } from '../dist/knowledge/state.js';
import { step } from '../dist/step.js';

const quick = process.argv.includes('--quick');
const SECONDS = quick ? 86_400 : 7 * 86_400;
const LIMIT_S = 10;
const START = Date.UTC(2026, 0, 5);
/** As lmdb.ts lays a folder out. */
const FORMAT = 4;
/** Tells what a process cost. */
const METER =
  'data:text/javascript,process.on("exit",()=>{const{user,system}=process.cpuUsage();process.stderr.write(String((user+system)/1e6))})';
const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

const manager = (gauge) => ({
  domain: 'shop',
  mode: 'act',
  types: {
    farm: {
      properties: {
        responseTime: { unit: 'ms', deadZone: { low: 150, high: 250 }, ...gauge },
        servers: { initial: 1, stale: 'never' },
        maxServers: {},
      },
      commands: { scale: { actuator: 'set', resource: 'servers', property: 'servers', max: { fact: 'maxServers' }, min: 1 } },
    },
  },
  elements: { shop: { type: 'farm', properties: { maxServers: 5 } } },
  policies: ['rules.json'],
});
const rules = (high, low) => ({
  policies: [
    {
      name: 'add-server-when-slow',
      scope: { type: 'farm' },
      conditions: {
        all: [
          { fact: 'responseTime', operator: 'greaterThan', value: high },
          { fact: 'servers', operator: 'lessThan', value: { fact: 'maxServers' } },
        ],
      },
      for: '30s',
      cooldown: '5m',
      actions: [{ command: 'scale', params: { by: 1 } }],
    },
    {
      name: 'remove-server-when-idle',
      scope: { type: 'farm' },
      conditions: {
        all: [
          { fact: 'responseTime', operator: 'lessThan', value: low },
          { fact: 'servers', operator: 'greaterThan', value: 1 },
        ],
      },
      for: '2m',
      cooldown: '10m',
      actions: [{ command: 'scale', params: { by: -1 } }],
    },
  ],
});

/** A day's swing with noise that a seed decides. */
function* readings() {
  let seed = 1;
  for (let i = 0; i < SECONDS; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    yield Math.round(200 - 110 * Math.cos((2 * Math.PI * i) / 86_400) + (seed / 2 ** 32 - 0.5) * 60);
  }
}

/** Records a run as a manager does that is a little late with its timers. Written at once, and not step by step: recording is not what is measured. */
async function record(folder) {
  const { configuration } = loadConfiguration(join(folder, 'homeostat.json'));
  const state = new State();
  const derived = new Derived(state);
  mkdirSync(configuration.folder);
  const root = open({ path: join(configuration.folder, 'homeostat.mdb'), maxDbs: 12, noSubdir: true });
  const table = (name) => root.openDB({ name, encoding: 'string' });
  const [info, steps, journal] = [table('info'), table('steps'), table('journal')];
  let [seq, bytes, commands] = [1, 0, 0];
  const put = (now, events) => {
    const result = step(state, derived, events, now);
    const text = encodeRecord({ step: result.step, now, events, hash: result.hash, withheld: [] });
    bytes += text.length;
    steps.put(result.step, text);
    for (const entry of result.journal) journal.put(seq++, JSON.stringify(entry));
    commands += result.commands.length;
    for (const { id, element, resource, params } of result.commands) {
      const observations = [{ element, property: resource, value: params.to, time: now + 2, source: 'set' }];
      put(now + 2, [{ kind: 'outcome', command: id, status: 'succeeded', detail: '', observations }]);
    }
  };
  put(START, [
    { kind: 'started', wall: START },
    { kind: 'configured', document: JSON.stringify(configuration.setup) },
  ]);
  let i = 0;
  for (const value of readings()) {
    // Measured, and three milliseconds later here.
    const [time, now] = [START + 1_000 * (i + 1), START + 1_000 * (i + 1) + 3];
    for (let due = state.nextDue(); due !== null && due < now - 1; due = state.nextDue()) put(Math.max(due, state.position.now) + 1, []);
    put(now, [{ kind: 'observation', element: 'shop', property: 'responseTime', value, time, source: 'probe', everyMs: 1_000 }]);
    if (++i % 10_000 === 0) await root.committed;
  }
  info.put('books', JSON.stringify({ format: FORMAT, seq, oldestSeq: 1, bases: [0], inputBytes: bytes, settled: state.position.step }));
  await root.close();
  return { steps: state.position.step, bytes, commands };
}

function replay(folder, file) {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', METER, MAIN, 'replay', '--policies', join(folder, file), '--html', join(folder, 'replay.html'), '--json', folder],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const seconds = (performance.now() - began) / 1_000;
  if (status === null || status > 1 || Number.isNaN(Number(stderr))) throw new Error(stderr);
  return { seconds, cpu: Number(stderr), ...JSON.parse(stdout) };
}

const whole = (n) => Math.round(n).toLocaleString('en');
let met = true;
for (const [name, gauge, limit] of [
  ['as it was measured', {}, LIMIT_S],
  ['a mean over a minute', { gauge: { kind: 'mean', window: '1m' } }],
]) {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-replay-'));
  try {
    for (const [file, document] of [
      ['homeostat.json', manager(gauge)],
      ['rules.json', rules(260, 140)],
      ['other.json', rules(280, 120)],
    ])
      writeFileSync(join(folder, file), JSON.stringify(document));
    const recorded = await record(folder);
    const same = replay(folder, 'rules.json');
    const other = replay(folder, 'other.json');
    if (same.differences !== 0 || other.differences === 0 || other.observations !== SECONDS)
      throw new Error(`${same.differences} and ${other.differences} differences of ${other.observations} observations`);
    met &&= limit === undefined || other.seconds < limit;
    console.log(
      `${name}: ${whole(other.observations)} observations in ${whole(recorded.steps)} steps (${whole(recorded.bytes / 1e6)} MB), ${recorded.commands} commands`,
    );
    console.log(`  through its own policies   ${same.seconds.toFixed(1)} s (${same.cpu.toFixed(1)} s of CPU), no difference`);
    console.log(
      `  through other thresholds   ${other.seconds.toFixed(1)} s (${other.cpu.toFixed(1)} s of CPU), ${other.differences} differences${limit === undefined ? '' : `   limit ${limit} s`}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exitCode = met ? 0 : 1;
