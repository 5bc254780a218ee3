/**
 * What an observation costs the manager, part by part: CPU time of the whole process, threads of the store included, per observation.
 *
 *   node bench/cost.js [CASE…] [--against FOLDER]
 *
 * Without a case it runs them all. Each case runs in processes of its own; `--against` names the `dist` of another build, and the two take
 * turns, so that what else the machine does falls on both.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { elementIds, PROPERTIES, policies, random } from './farm.js';

const BATCH = 1_000;
const TURNS = 5;
const WARM_BATCHES = 300;
const BATCHES = 700;

const LAST = PROPERTIES.map(() => ({ stale: 'never' }));
const WINDOW = '10s';
const GAUGES = [
  { kind: 'mean', window: WINDOW },
  { kind: 'max', window: WINDOW },
  { kind: 'quantile', q: 0.95, window: WINDOW },
  { kind: 'rate', window: WINDOW },
  { kind: 'ewma', halfLife: WINDOW },
].map((gauge) => ({ gauge }));
const WINDOWS = [...GAUGES, ...GAUGES];

/** `apartMs`: how far two batches are apart. `calm`: no comparison ever becomes true. */
const CASES = {
  plain: { elements: 100, properties: LAST },
  judged: { elements: 100, properties: LAST, policies: 100, calm: true },
  firing: { elements: 1_000, properties: LAST, policies: 100 },
  windows: { elements: 100, properties: WINDOWS, apartMs: 1_000 },
  same: { elements: 2, properties: LAST },
  sameWindows: { elements: 10, properties: WINDOWS },
  stored: { elements: 100, properties: LAST, store: true },
  storedWindows: { elements: 100, properties: WINDOWS, apartMs: 1_000, store: true },
  storedFiring: { elements: 1_000, properties: LAST, policies: 100, store: true },
  manager: { elements: 100, properties: LAST, store: true, manager: true },
};

/** The system of a case, and what is measured of it: each series in turn, so that a batch has as many of each as the case says. */
function farm({ elements, properties, policies: count = 0, calm = false, apartMs = 100 }, limits) {
  const ids = elementIds(elements);
  const next = random(2);
  const values = ids.map(() => PROPERTIES.map(() => next() * 100));
  let serial = 0;
  const observation = (now) => {
    const [e, p] = [Math.floor(serial / PROPERTIES.length) % ids.length, serial % PROPERTIES.length];
    const moved = values[e][p] + (next() - 0.5) * 2;
    values[e][p] = moved < 0 ? -moved : moved > 100 ? 200 - moved : moved;
    const time = now - apartMs + 1 + Math.floor(((serial++ % BATCH) * (apartMs - 1)) / BATCH);
    const value = Math.round(values[e][p] * 10) / 10;
    return { kind: 'observation', element: ids[e], property: PROPERTIES[p], value, time, source: 'bench', everyMs: 60_000 };
  };
  const never = (policy) => ({
    ...policy,
    conditions: { all: policy.conditions.all.map((c) => ({ ...c, operator: 'greaterThan', value: 1e9 })) },
  });
  const documents = policies(count).map((policy) => (calm ? never(policy) : policy));
  const setup = JSON.stringify({
    domain: 'farm',
    mode: 'act',
    types: {
      farm: {},
      server: {
        properties: Object.fromEntries(PROPERTIES.map((p, i) => [p, properties[i]])),
        commands: { note: { actuator: 'sink', resource: 'note', idempotent: true } },
      },
    },
    elements: { farm: { type: 'farm' }, ...Object.fromEntries(ids.map((id) => [id, { type: 'server' }])) },
    policies: documents.map((document, i) => ({ name: document.name, file: 'bench', pointer: `/${i}`, version: '1', document, named: {} })),
    budgets: [],
    limits,
  });
  return { setup, apartMs, batch: (now) => Array.from({ length: BATCH }, () => observation(now)) };
}

/** CPU time of all threads, µs. */
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

async function run(name, dist) {
  const from = (path) => import(join(dist, path));
  const { LmdbStore } = await from('knowledge/lmdb.js');
  const { limitsOf } = await from('config.js');
  const what = CASES[name];
  const { setup, batch, apartMs } = farm(what, limitsOf());
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-cost-'));
  const store = what.store ? new LmdbStore({ folder, journalEntries: 1e6, inputBytes: 256e6, historyMs: 86_400_000 }) : undefined;
  const clock = { at: 1_000_000 };
  const { take, close } = await (what.manager ? byManager : byStep)(from, store, setup, clock);
  let spent = 0;
  for (let i = -WARM_BATCHES; i < BATCHES; i++) {
    if (i === 0) spent = 0;
    clock.at += apartMs;
    const events = batch(clock.at);
    const before = cpu();
    await take(events);
    spent += cpu() - before;
  }
  const before = cpu();
  await close();
  await store?.close();
  rmSync(folder, { recursive: true });
  return (spent + cpu() - before) / (BATCHES * BATCH);
}

/** The step alone, or step and commit. Outcomes are part of the work, so that commands do not pile up. */
async function byStep(from, store, setup, clock) {
  const { Derived } = await from('knowledge/derived.js');
  const { State } = await from('knowledge/state.js');
  const { step } = await from('step.js');
  const state = store?.load() ?? new State();
  const derived = new Derived(state);
  const one = async (events) => {
    const result = step(state, derived, events, clock.at);
    if (store !== undefined) await store.commit({ ...result, events, withheld: [] });
    return result.commands.map((command) => ({ kind: 'outcome', command: command.id, status: 'succeeded', detail: '' }));
  };
  await one([{ kind: 'configured', document: setup }]);
  const take = async (events) => {
    const outcomes = await one(events);
    if (outcomes.length > 0) await one(outcomes);
  };
  return { take, close: async () => {} };
}

/** The whole shell on a clock of its own: bus, step, commit, flush. */
async function byManager(from, store, setup, clock) {
  const { MemoryBus } = await from('bus/memory.js');
  const { limitsOf } = await from('config.js');
  const { Manager } = await from('manager.js');
  const bus = new MemoryBus(limitsOf());
  const silent = () => {};
  let told = silent;
  const ports = {
    clock: {
      now: () => clock.at,
      wall: () => clock.at,
      after: (_ms, then) => {
        const wake = setImmediate(then);
        return () => clearImmediate(wake);
      },
    },
    store,
    bus,
    confirmer: { disagreement: async () => undefined },
    sender: { send: silent, recover: silent },
    log: { error: console.error, info: silent },
    paceMs: 0,
    onStep: () => bus.waiting.telemetry === 0 && told(),
  };
  const manager = new Manager(ports, store.load());
  const take = (events) =>
    new Promise((resolve) => {
      told = resolve;
      for (const event of events) bus.observe(event);
    });
  manager.start(setup);
  await new Promise((resolve) => {
    told = resolve;
  });
  return { take, close: () => manager.stop() };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const THIS = fileURLToPath(import.meta.url);

/** One case in a process of its own; the cost of an observation in µs. */
function measured(name, dist) {
  const child = spawnSync(process.execPath, [THIS, '--run', name, dist], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(child.stderr);
  return Number(child.stdout);
}

if (process.argv[2] === '--run') process.stdout.write(String(await run(process.argv[3], process.argv[4])));
else {
  const given = process.argv.slice(2);
  const at = given.indexOf('--against');
  const other = at < 0 ? [] : [resolve(given.splice(at, 2)[1])];
  const builds = [fileURLToPath(new URL('../dist', import.meta.url)), ...other];
  for (const name of given.length > 0 ? given : Object.keys(CASES)) {
    const costs = builds.map(() => []);
    for (let turn = 0; turn < TURNS; turn++) for (const [i, dist] of builds.entries()) costs[i].push(measured(name, dist));
    const [now, before] = costs.map(median);
    const against = before === undefined ? '' : `   the other build ${before.toFixed(2).padStart(6)}   ${(now / before).toFixed(2)} of it`;
    console.log(`${name.padEnd(14)}${now.toFixed(2).padStart(7)} µs an observation${against}`);
  }
}
