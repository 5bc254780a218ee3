/**
 * The whole step (readings, model, match, gates, arbitration, what changed) of 1,000 policies over 10,000 elements of ten properties: observations per second of
 * CPU time, with and without the store; the time of a step of one observation; and what the parts weigh. Beside it json-rules-engine on the same rules and facts.
 * `--quick`: a smaller farm, no figures to meet.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Engine } from 'json-rules-engine';
import { Derived } from '../dist/knowledge/derived.js';
import { LmdbStore } from '../dist/knowledge/lmdb.js';
import { State } from '../dist/knowledge/state.js';
import { step } from '../dist/step.js';
import { elementIds, PROPERTIES, percentile, policies, setupText, wandering } from './farm.js';

const quick = process.argv.includes('--quick');
const [POLICIES, ELEMENTS] = quick ? [100, 500] : [1_000, 10_000];
const BATCH = 1_000;
const RUN_MS = quick ? 200 : 1_000;
const RUNS = quick ? 1 : 5;
const STEPS = quick ? 500 : 3_000;
/** Each comparison of three holds for a twentieth of the values: about one element in eight has a policy that is true of it. */
const SHARE = 0.05;
const LIMITS = { plain: 500_000, stored: 150_000, p99Us: 100, restBytes: 2_048 };
const HOUR_MS = 3_600_000;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const count = (n) => Math.round(n).toLocaleString('en');
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** A farm of which every property has been measured. `windows`: each property is a mean over ten seconds in place of its last value. */
async function farm({ policyCount = POLICIES, store, windows = false } = {}) {
  const state = new State();
  const derived = new Derived(state);
  const properties = PROPERTIES.map((name) => [name, { stale: 'never', ...(windows ? { gauge: { kind: 'mean', window: '10s' } } : {}) }]);
  const measure = wandering(ELEMENTS, 2);
  let now = 1_000_000;
  let serial = 0;
  const seen = { symptoms: 0, commands: 0, observations: 0 };
  const take = async (events) => {
    const result = step(state, derived, events, now);
    if (store !== undefined) await store.commit({ ...result, events, withheld: [] });
    seen.symptoms += result.journal.length;
    seen.commands += result.commands.length;
    return result.commands;
  };
  /** Outcomes are part of the work, and so are those of the commands that follow from them. */
  const answer = async (commands) => {
    for (let sent = commands; sent.length > 0; )
      sent = await take(sent.map((c) => ({ kind: 'outcome', command: c.id, status: 'succeeded', detail: '' })));
  };
  const observed = (what) => ({ kind: 'observation', ...what, time: now + (serial++ % 100), source: 'bench', everyMs: 60_000 });
  await take([{ kind: 'configured', document: setupText(policies(policyCount, 1, SHARE), ELEMENTS, Object.fromEntries(properties)) }]);
  const ids = elementIds(ELEMENTS);
  for (let i = 0; i < ids.length; i += 100) {
    now += 100;
    const first = measure();
    await answer(
      await take(
        ids
          .slice(i, i + 100)
          .flatMap((element, j) =>
            PROPERTIES.map((property, k) => observed({ element, property, value: (first.value + 37 * k + 11 * (i + j)) % 100 })),
          ),
      ),
    );
  }
  return {
    state,
    derived,
    seen,
    pass: (ms) => {
      now += ms;
    },
    batch: (size = BATCH) => {
      seen.observations += size;
      return Array.from({ length: size }, () => observed(measure()));
    },
    take,
    answer,
  };
}

/** Observations per second of CPU time, all threads of the process counted. */
async function rateOf({ pass, batch, take, answer }, ms) {
  let [seen, spent] = [0, 0];
  while (spent < ms) {
    pass(100);
    const events = batch();
    const began = cpuMs();
    await answer(await take(events));
    spent += cpuMs() - began;
    seen += BATCH;
  }
  return (seen / spent) * 1_000;
}

async function rates(one) {
  await rateOf(one, RUN_MS);
  const { symptoms, commands, observations } = { ...one.seen };
  const list = [];
  for (let i = 0; i < RUNS; i++) list.push(await rateOf(one, RUN_MS));
  const each = one.seen.observations - observations;
  return {
    rate: median(list),
    entries: (one.seen.symptoms - symptoms) / each,
    commands: (one.seen.commands - commands) / each,
  };
}

/** Times of steps of one observation each, µs. */
async function single({ pass, batch, take, answer }) {
  const times = [];
  for (let i = 0; i < STEPS; i++) {
    pass(1);
    const events = batch(1);
    const began = performance.now();
    const commands = await take(events);
    times.push((performance.now() - began) * 1_000);
    await answer(commands);
  }
  times.sort((a, b) => a - b);
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

const used = () => {
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** What a farm weighs, bytes. */
async function weight(options) {
  // What was awaited before is held until the event loop turns.
  await new Promise((resolve) => setImmediate(resolve));
  const before = used();
  const one = await farm(options);
  const bytes = used() - before;
  return { one, bytes };
}

async function jsonRulesEngine() {
  const engine = new Engine(
    policies(POLICIES, 1, SHARE).map(({ name, conditions, priority }) => ({ name, conditions, priority, event: { type: name } })),
  );
  const measure = wandering(ELEMENTS, 2);
  const facts = new Map(elementIds(ELEMENTS).map((id) => [id, Object.fromEntries(PROPERTIES.map((p) => [p, 50]))]));
  const began = cpuMs();
  let seen = 0;
  while (cpuMs() - began < RUN_MS) {
    const { element, property, value } = measure();
    const of = facts.get(element);
    of[property] = value;
    await engine.run(of);
    seen++;
  }
  return (seen / (cpuMs() - began)) * 1_000;
}

const theirs = await jsonRulesEngine();
const size = `${count(POLICIES)} policies × ${count(ELEMENTS)} elements × ${PROPERTIES.length} properties`;
const rows = [];
const row = (name, homeostat, limit, met, more) =>
  rows.push({ name, unit: '1/s', homeostat, other: '', otherValue: null, ratio: null, limit, met: quick || met, ...more });

{
  // The first farm pays for the code, too.
  await weight({ policyCount: 0 });
  const bare = await weight({ policyCount: 0 });
  const windows = await weight({ policyCount: 0, windows: true });
  const { one, bytes } = await weight({});
  const each = (n) => `${count(n / ELEMENTS)} bytes`;
  const rest = (bytes - bare.bytes) / ELEMENTS;
  const plain = await rates(one);
  row('observations/s through step', Math.round(plain.rate), LIMITS.plain, plain.rate >= LIMITS.plain, {
    atLeast: true,
    other: 'json-rules-engine alone',
    otherValue: Math.round(theirs),
    ratio: plain.rate / theirs,
    note: `${size}, batches of ${count(BATCH)}; ${plain.entries.toFixed(3)} journal entries and ${plain.commands.toFixed(3)} commands an observation, ${count(one.state.symptoms.size)} rows of policies that are not at rest`,
  });
  const { p50, p99 } = await single(one);
  row('a step of one observation, p99', Number(p99.toFixed(1)), LIMITS.p99Us, p99 <= LIMITS.p99Us, {
    unit: 'µs',
    note: `p50 ${p50.toFixed(1)} µs`,
  });
  const before = used();
  for (let at = 0; at < HOUR_MS; at += quick ? 60_000 : 10_000) {
    one.pass(quick ? 60_000 : 10_000);
    await one.answer(await one.take(one.batch(100)));
  }
  const grown = (used() - before) / bytes;
  row('matcher and state of policies, an element', Math.round(rest), LIMITS.restBytes, rest <= LIMITS.restBytes, {
    unit: 'bytes',
    note: `elements and readings ${each(bare.bytes)}, windows of ten seconds ${each(windows.bytes - bare.bytes)} an element; after an hour of the clock ${(100 * grown).toFixed(1)} % more of it all`,
  });
}
{
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-step-'));
  const store = new LmdbStore({ folder, journalEntries: 1e6, inputBytes: 256e6, historyMs: 86_400_000 });
  const stored = await rates(await farm({ store }));
  await store.close();
  rmSync(folder, { recursive: true });
  row('the same, each step in the store', Math.round(stored.rate), LIMITS.stored, stored.rate >= LIMITS.stored, {
    atLeast: true,
    note: 'inputs, changes and journal in LMDB; the CPU time of its threads is counted',
  });
}
process.stdout.write(JSON.stringify(rows));
