/**
 * What must not take long where there is much of everything: a restart with 100,000 elements and 10,000 live timers, a reload of 10,000 policies of which one has
 * changed, and the verification of 100,000 recorded observations. Beside them a Node that parses the same as JSON.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limitsOf, loadConfiguration } from '../dist/config.js';
import { Derived } from '../dist/knowledge/derived.js';
import { LmdbStore } from '../dist/knowledge/lmdb.js';
import { State } from '../dist/knowledge/state.js';
import { verify } from '../dist/replay.js';
import { step } from '../dist/step.js';
import { elementIds, managerDocument, policies, setupText, wandering } from './farm.js';

const ELEMENTS = 100_000;
const TIMERS = 10_000;
const POLICIES = 10_000;
const OBSERVATIONS = 100_000;
const BATCH = 1_000;
const RUNS = 5;
const LIMITS = { restartMs: 2_000, reloadMs: 200, verifyMs: 5_000 };

const median = (list) => Math.round([...list].sort((a, b) => a - b)[list.length >> 1]);
const worst = (list) => Math.round(Math.max(...list));
const folder = mkdtempSync(join(tmpdir(), 'homeostat-large-'));
const open = (name) => new LmdbStore({ folder: join(folder, name), journalEntries: 1e6, inputBytes: 256e6, historyMs: 86_400_000 });

/** A state that is kept in a store, and what takes events in. */
function kept(store) {
  const state = store.load();
  const derived = new Derived(state);
  let now = Math.max(1_000_000, state.position.now);
  const take = async (events) => {
    now += 100;
    await store.commit({ ...step(state, derived, events, now), events, withheld: [] });
    return now;
  };
  return { state, take };
}

const observation = (element, property, value, time) => ({ kind: 'observation', element, property, value, time, source: 'bench' });

async function restart() {
  const wait = {
    name: 'wait',
    scope: { type: 'server' },
    conditions: { all: [{ fact: 'alarm', operator: 'greaterThan', value: 0 }] },
    for: '1h',
    actions: [{ command: 'answer' }],
  };
  const store = open('restart');
  const { state, take } = kept(store);
  await take([{ kind: 'configured', document: setupText([wait], 0, ['load', 'alarm'], { ...limitsOf(), elements: ELEMENTS + 1 }) }]);
  const ids = elementIds(ELEMENTS);
  for (let i = 0; i < ids.length; i += BATCH) {
    const some = ids.slice(i, i + BATCH);
    const now = await take(some.map((element) => ({ kind: 'appeared', element, document: { type: 'server' }, source: 'bench' })));
    await take(some.map((element, j) => observation(element, 'load', j, now)));
    if (i < TIMERS) await take(some.map((element) => observation(element, 'alarm', 1, now)));
  }
  const text = JSON.stringify(Object.fromEntries([...state.dump()].map(({ key, text }) => [key, JSON.parse(text)])));
  await store.close();
  const [ours, theirs] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now();
    const again = open('restart');
    await kept(again).take([{ kind: 'started', wall: Date.now() }]);
    ours.push(performance.now() - began);
    await again.close();
    const parsed = performance.now();
    JSON.parse(text);
    theirs.push(performance.now() - parsed);
  }
  return {
    ours,
    theirs,
    note: `median of ${RUNS}, worst ${worst(ours)} ms, from opening the folder to the first committed step; ${Math.round(text.length / 1e6)} MB as JSON`,
  };
}

/** The pause: all that is done without a break, from reading the files to the step that brings them into force. */
function reload() {
  const all = policies(POLICIES, 1, 0.05).map((policy, i) => ({ ...policy, name: `policy-${i}` }));
  const rules = () => writeFileSync(join(folder, 'rules.json'), JSON.stringify({ policies: all }));
  const file = join(folder, 'homeostat.json');
  writeFileSync(file, JSON.stringify(managerDocument(1_000, { policies: ['rules.json'] })));
  const state = new State();
  const derived = new Derived(state);
  let [now, before] = [1_000_000, undefined];
  const [ours, steps, theirs] = [[], [], []];
  for (let run = 0; run <= RUNS; run++) {
    all[17].priority = run + 1;
    rules();
    const began = performance.now();
    const { configuration } = loadConfiguration(file, before === undefined ? {} : { before });
    before = configuration;
    const document = JSON.stringify(configuration.setup);
    const read = performance.now();
    step(state, derived, [{ kind: 'configured', document }], ++now);
    const done = performance.now();
    JSON.parse(document);
    theirs.push(performance.now() - done);
    if (run === 0) continue;
    ours.push(done - began);
    steps.push(done - read);
  }
  return { ours, theirs, note: `median of ${RUNS}, worst ${worst(ours)} ms; ${median(steps)} ms of them are the step` };
}

async function replay() {
  const store = open('replay');
  const { take } = kept(store);
  await take([{ kind: 'configured', document: setupText(policies(100), 1_000) }]);
  const measure = wandering(1_000, 2);
  let now = 0;
  for (let i = 0; i < OBSERVATIONS; i += BATCH) {
    now = await take(
      Array.from({ length: BATCH }, () => {
        const { element, property, value } = measure();
        return observation(element, property, value, now);
      }),
    );
  }
  const texts = [...store.steps()].map((record) => JSON.stringify(record));
  const [ours, theirs] = [[], []];
  let found;
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now();
    found = verify(store);
    ours.push(performance.now() - began);
    const parsed = performance.now();
    for (const text of texts) JSON.parse(text);
    theirs.push(performance.now() - parsed);
  }
  await store.close();
  if (found.differences > 0) throw new Error(JSON.stringify(found.first));
  return { ours, theirs, note: `median of ${RUNS}; ${found.steps} steps, ${found.entries} entries, no difference` };
}

const row = (name, other, { ours, theirs, note }, limit) => ({
  name,
  unit: 'ms',
  homeostat: median(ours),
  other,
  otherValue: median(theirs),
  ratio: median(ours) / Math.max(1, median(theirs)),
  lowerIsBetter: true,
  limit,
  met: median(ours) <= limit,
  note,
});
const rows = [
  row('restart with 100,000 elements and 10,000 timers', 'JSON.parse of the state', await restart(), LIMITS.restartMs),
  row('reload of 10,000 policies, one changed', 'JSON.parse of the setup', reload(), LIMITS.reloadMs),
  row('replay --verify of 100,000 observations', 'JSON.parse of the inputs', await replay(), LIMITS.verifyMs),
];
rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify(rows));
