/**
 * Which of N rules match: one element with one fact changed, and with all facts new; one of 10,000 elements with one fact changed; and rules with `any`, `not`,
 * nesting, equality and sets, also with facts that are unknown. Beside it json-rules-engine, json-logic-engine and zen-engine on the same rules and facts,
 * in the same process. Events per second of CPU time; every answer is compared. `--quick`: fewer events, no figures to meet.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { random } from './farm.js';
import { homeostat, jsonRulesEngine, others } from './match/engines.js';
import { FACTS, mixedRulesOf, rulesOf, valuesOf } from './match/rules.js';

const quick = process.argv.includes('--quick');
const SIZES = quick ? [10, 100, 1_000] : [10, 100, 1_000, 10_000];
const RUNS = quick ? 1 : 5;
const ELEMENTS = quick ? 500 : 10_000;
/** CPU time that a run takes, ms. */
const RUN_MS = quick ? 50 : 400;
const WARM_MS = quick ? 50 : 1_500;
/** Answers that are compared with those of every other engine. */
const COMPARED = quick ? 5 : 20;
const LIMITS = {
  one: { 1000: 1_000_000, 10000: 200_000 },
  all: { 1000: 250_000, 10000: 50_000 },
  many: { 1000: 500_000, 10000: 80_000 },
  p99Us: { 1000: 10 },
  loadMs: { 10000: 150 },
  loadMB: { 10000: 30 },
};

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const usedMB = () => {
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
};

const rows = [];
const count = (n) => n.toLocaleString('en');
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Events per second of CPU time, the median of some runs. `event`: makes one, and may return a promise. */
async function rateOf(event, runs = RUNS, runMs = RUN_MS, warmMs = WARM_MS) {
  const run = async (ms) => {
    const began = cpuMs();
    let [events, spent] = [0, 0];
    for (let some = 1; spent < ms; spent = cpuMs() - began) {
      for (let i = 0; i < some; i++) {
        const answer = event();
        if (answer instanceof Promise) await answer;
      }
      events += some;
      some = Math.min(10_000, Math.max(1, Math.floor((events * ms) / 20 / Math.max(1, cpuMs() - began))));
    }
    return (events / spent) * 1_000;
  };
  await run(warmMs);
  const rates = [];
  for (let i = 0; i < runs; i++) rates.push(await run(runMs));
  return rates.sort((a, b) => a - b)[runs >> 1];
}

/** Wall-clock time of single events, ms. */
function latencies(event, events) {
  const times = new Float64Array(events);
  for (let i = 0; i < events; i++) {
    const began = performance.now();
    event();
    times[i] = performance.now() - began;
  }
  times.sort();
  return { p50: times[events >> 1], p99: times[Math.floor(events * 0.99)] };
}

/** Events that were made ahead, so that making them costs nothing of what is measured. */
function endless(make, size = 1 << 15) {
  const made = Array.from({ length: size }, make);
  let i = 0;
  return () => made[i++ & (size - 1)];
}

function row(name, ours, limit, beside, note) {
  const [other, otherValue] = Object.entries(beside).sort(([, a], [, b]) => b - a)[0] ?? ['', null];
  rows.push({
    name,
    unit: '1/s',
    homeostat: Math.round(ours),
    other,
    otherValue: otherValue === null ? null : Math.round(otherValue),
    ratio: otherValue === null ? null : ours / otherValue,
    limit: limit ?? null,
    atLeast: true,
    met: quick || limit === undefined || ours >= limit,
    note,
  });
}

/** What must not be more than a limit. */
function atMost(name, value, unit, limit) {
  const met = quick || limit === undefined || value <= limit;
  rows.push({ name, unit, homeostat: Number(value.toFixed(1)), other: '', otherValue: null, ratio: null, limit: limit ?? null, met });
}

const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

const { engines, remove } = await others();
try {
  for (const size of SIZES) {
    const rules = rulesOf(size);
    const next = random(size);
    const before = usedMB();
    const began = performance.now();
    const { matcher, matches } = homeostat(rules);
    const loadMs = performance.now() - began;
    const loadMB = usedMB() - before;
    const facts = FACTS.filter((fact) => matcher.slots.has(fact));
    const slots = facts.map((fact) => matcher.slots.get(fact));
    const element = matches.add();
    const found = [];

    const whole = endless(() => Float64Array.from(slots, () => next() * 100), 1 << 10);
    const allNew = () => {
      matches.change(element, slots, whole());
      return matches.of(element, found);
    };
    const single = endless(() => [Math.floor(next() * slots.length), next() * 100]);
    const oneNew = () => {
      const [i, value] = single();
      matches.changeOne(element, slots[i], value);
      return matches.of(element, found);
    };

    const beside = { 'json-rules-engine': jsonRulesEngine(rules) };
    for (const [name, make] of Object.entries(engines)) beside[name] = make(rules);
    for (let i = 0; i < COMPARED; i++) {
      const values = whole();
      matches.change(element, slots, values);
      const now = [...values];
      for (let j = 0; j < 3; j++) {
        const ours = matches.of(element, []);
        const given = Object.fromEntries(facts.map((fact, k) => [fact, now[k]]));
        for (const [name, match] of Object.entries(beside)) {
          const theirs = [...(await match(given))];
          if (!same(ours, theirs)) throw new Error(`${count(size)} rules: ${name} finds ${theirs}, Homeostat ${ours}`);
        }
        const [k, value] = single();
        matches.changeOne(element, slots[k], value);
        now[k] = value;
      }
    }

    const [one, all] = [await rateOf(oneNew), await rateOf(allNew)];
    const rates = {};
    const given = endless(() => Object.fromEntries(facts.map((fact) => [fact, next() * 100])), 64);
    for (const [name, match] of Object.entries(beside)) rates[name] = await rateOf(() => match(given()), 1, RUN_MS, RUN_MS / 2);
    const { p50, p99 } = latencies(oneNew, quick ? 2_000 : 200_000);
    const others_ = Object.entries(rates).map(([name, rate]) => `${name} ${count(Math.round(rate))}`);
    const note = `p50 ${(1_000 * p50).toFixed(1)} µs; the others judge every rule whatever changed: ${others_.join(', ')}`;
    row(`match, ${count(size)} rules, one fact changed`, one, LIMITS.one[size], rates, note);
    row(`match, ${count(size)} rules, all facts new`, all, LIMITS.all[size], rates);
    atMost(`match, ${count(size)} rules, one fact changed, p99`, 1_000 * p99, 'µs', LIMITS.p99Us[size]);
    atMost(`${count(size)} rules loaded`, loadMs, 'ms', LIMITS.loadMs[size]);
    atMost(`${count(size)} rules, what they take`, loadMB, 'MB', LIMITS.loadMB[size]);

    const ids = Array.from({ length: ELEMENTS }, () => matches.add());
    for (const id of ids) matches.change(id, slots, whole());
    // Made as they are needed: said twice, a change is none.
    const many = await rateOf(() => {
      matches.changeOne(ids[Math.floor(next() * ids.length)], slots[Math.floor(next() * slots.length)], next() * 100);
      return matches.became.length + matches.ceased.length;
    });
    row(`match, ${count(size)} rules, one fact of one of ${count(ELEMENTS)} elements changed`, many, LIMITS.many[size], {});

    for (const unknown of [0, 0.2]) {
      const mixed = homeostat(mixedRulesOf(size));
      const value = valuesOf(next, unknown);
      const names = [...mixed.matcher.slots.keys()];
      const one = mixed.matches.add();
      mixed.matches.change(
        one,
        names.map((name) => mixed.matcher.slots.get(name)),
        names.map((name) => value(name)),
      );
      const change = endless(() => {
        const name = names[Math.floor(next() * names.length)];
        return [mixed.matcher.slots.get(name), value(name)];
      });
      const rate = await rateOf(() => {
        const [i, to] = change();
        mixed.matches.changeOne(one, i, to);
        return mixed.matches.of(one, found);
      });
      const limit = LIMITS.one[size] === undefined ? undefined : LIMITS.one[size] / 4;
      row(`match, ${count(size)} mixed rules, one fact changed${unknown > 0 ? `, ${100 * unknown} % unknown` : ''}`, rate, limit, {});
    }
  }
} finally {
  remove();
}
process.stdout.write(JSON.stringify(rows));
