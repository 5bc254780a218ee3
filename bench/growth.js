/**
 * What an observation costs as policies and elements become more, at equal numbers of matches: ten policies are now and then true, and all others compare the same
 * facts with limits that are passed as often, but are never true together. `--plot FILE` draws it. With more elements than the caches hold each observation waits
 * for memory: so each number of elements is also measured with all observations on the first hundred of them, which costs what it costs with a hundred.
 */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Derived } from '../dist/knowledge/derived.js';
import { State } from '../dist/knowledge/state.js';
import { step } from '../dist/step.js';
import { elementIds, PROPERTIES, policies, random, setupText } from './farm.js';
import { plot } from './growth-plot.js';

const quick = process.argv.includes('--quick');
const MANY = quick ? [10, 1_000] : [10, 100, 1_000, 10_000, 100_000];
const [POLICIES, ELEMENTS, HOT] = [100, 100, 100];
const TURNS = quick ? 1 : 5;
const RUN_MS = quick ? 100 : 1_500;
const BATCH = 1_000;
const LIVE = 10;
const LIMIT = 1.5;
const THIS = fileURLToPath(import.meta.url);

const cpuUs = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Ten policies that are true of an element now and then; the limits of the others lie anywhere, and one of their facts is never reached. */
function policiesOf(count) {
  const next = random(5);
  return policies(count, 1, 0.1).map((policy, i) => {
    if (i < LIVE) return policy;
    const all = policy.conditions.all.map((c, j) => ({
      ...c,
      ...(j === 2 ? { operator: 'greaterThan', value: 1_000 + i } : { value: next() * 100 }),
    }));
    return { ...policy, conditions: { all } };
  });
}

/** The cost of an observation, µs of CPU time. */
function cost(policyCount, elementCount, hot) {
  const state = new State();
  const derived = new Derived(state);
  let now = 1_000_000;
  const document = setupText(policiesOf(policyCount), elementCount);
  step(state, derived, [{ kind: 'configured', document }], now);
  const ids = elementIds(elementCount);
  const next = random(2);
  const values = new Float64Array(elementCount * PROPERTIES.length).map(() => next() * 100);
  const observation = (series) => {
    const moved = values[series] + (next() - 0.5) * 2;
    values[series] = moved < 0 ? -moved : moved > 100 ? 200 - moved : moved;
    const [element, property] = [ids[Math.floor(series / PROPERTIES.length)], PROPERTIES[series % PROPERTIES.length]];
    return {
      kind: 'observation',
      element,
      property,
      value: Math.round(values[series] * 10) / 10,
      time: now,
      source: 'bench',
      everyMs: 60_000,
    };
  };
  const take = (events) => {
    now += 100;
    const began = cpuUs();
    const { commands } = step(state, derived, events, now);
    if (commands.length > 0)
      step(
        state,
        derived,
        commands.map((c) => ({ kind: 'outcome', command: c.id, status: 'succeeded', detail: '' })),
        now,
      );
    return cpuUs() - began;
  };
  for (let at = 0; at < values.length; at += BATCH)
    take(Array.from({ length: Math.min(BATCH, values.length - at) }, (_, i) => observation(at + i)));
  const among = Math.min(hot, elementCount) * PROPERTIES.length;
  const run = (us) => {
    let [spent, seen] = [0, 0];
    while (spent < us) {
      // Each series once in a batch, so that as many rows change whatever their number.
      const first = Math.floor(next() * among);
      const apart = Math.max(1, Math.floor(among / BATCH));
      spent += take(Array.from({ length: Math.min(BATCH, among) }, (_, i) => observation((first + i * apart) % among)));
      seen += Math.min(BATCH, among);
    }
    return spent / seen;
  };
  run(RUN_MS * 1_000);
  return run(RUN_MS * 1_000);
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

/** Each in a process of its own, in turn, so that what else the machine does falls on all. */
function measured(cases) {
  const costs = cases.map(() => []);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [i, one] of cases.entries()) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [THIS, '--run', ...one.map(String), ...(quick ? ['--quick'] : [])], {
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
      costs[i].push(Number(stdout));
    }
  }
  return costs.map(median);
}

const at = process.argv.indexOf('--run');
if (at > 0) process.stdout.write(String(cost(...process.argv.slice(at + 1, at + 4).map(Number))));
else {
  const byPolicies = measured(MANY.map((count) => [count, ELEMENTS, ELEMENTS]));
  const byElements = measured(MANY.map((count) => [POLICIES, count, count]));
  const byHot = measured(MANY.map((count) => [POLICIES, count, HOT]));
  const line = (costs) => MANY.map((count, i) => `${count.toLocaleString('en')}: ${costs[i].toFixed(2)}`).join(', ');
  const row = (name, costs, limit) => {
    const ratio = Math.max(...costs) / Math.min(...costs);
    return {
      name,
      unit: '×',
      homeostat: Number(ratio.toFixed(2)),
      other: '',
      otherValue: null,
      ratio: null,
      limit,
      met: quick || limit === null || ratio <= limit,
      note: `µs an observation with ${line(costs)}`,
    };
  };
  const rows = [
    row(`cost of an observation, ${MANY[0]} to ${MANY.at(-1).toLocaleString('en')} policies`, byPolicies, LIMIT),
    row(`the same, as many elements, of which ${HOT} are observed`, byHot, LIMIT),
    row('the same, all of them observed', byElements, null),
  ];
  const file = process.argv.indexOf('--plot');
  if (file > 0)
    writeFileSync(
      process.argv[file + 1],
      plot(MANY, { policies: byPolicies, [`elements, ${HOT} observed`]: byHot, 'elements, all observed': byElements }),
    );
  process.stdout.write(JSON.stringify(rows));
}
