/** Observations a second through `step`: 100 policies × 1,000 elements, one core. Beside it json-rules-engine on the same rules and facts. */
import { Engine } from 'json-rules-engine';
import { limitsOf } from '../dist/config.js';
import { Derived } from '../dist/knowledge/derived.js';
import { State } from '../dist/knowledge/state.js';
import { step } from '../dist/step.js';
import { elementIds, managerDocument, PROPERTIES, policies, wandering } from './farm.js';

const ELEMENTS = 1_000;
const BATCH = 1_000;
const SECONDS = 5;

function setup() {
  const { domain, mode, types, elements } = managerDocument(ELEMENTS);
  const sources = policies(100).map((document, i) => ({
    name: document.name,
    file: 'bench',
    pointer: `/${i}`,
    version: '1',
    document,
    named: {},
  }));
  return { domain, mode, types, elements, policies: sources, budgets: [], limits: limitsOf() };
}

function homeostat() {
  const state = new State();
  const derived = new Derived(state);
  let now = 1_000_000;
  step(state, derived, [{ kind: 'configured', document: JSON.stringify(setup()) }], now);
  const measure = wandering(ELEMENTS, 2);
  let serial = 0;
  const observation = () => ({ kind: 'observation', ...measure(), time: now + (serial++ % 100), source: 'bench', everyMs: 1_000 });
  const run = (ms) => {
    let [seen, spent] = [0, 0];
    while (spent < ms) {
      now += 100;
      const batch = Array.from({ length: BATCH }, observation);
      const began = performance.now();
      const { commands } = step(state, derived, batch, now);
      // Outcomes are part of the work, so that commands do not pile up.
      step(
        state,
        derived,
        commands.map((c) => ({ kind: 'outcome', command: c.id, status: 'succeeded', detail: '' })),
        now,
      );
      spent += performance.now() - began;
      seen += BATCH;
    }
    return (seen / spent) * 1_000;
  };
  run(2_000);
  return run(SECONDS * 1_000);
}

async function jsonRulesEngine() {
  const engine = new Engine(policies(100).map(({ name, conditions, priority }) => ({ name, conditions, priority, event: { type: name } })));
  const measure = wandering(ELEMENTS, 2);
  const facts = new Map(elementIds(ELEMENTS).map((id) => [id, Object.fromEntries(PROPERTIES.map((p) => [p, 50]))]));
  let seen = 0;
  const began = performance.now();
  while (performance.now() - began < SECONDS * 1_000) {
    const { element, property, value } = measure();
    const of = facts.get(element);
    of[property] = value;
    await engine.run(of);
    seen++;
  }
  return (seen / (performance.now() - began)) * 1_000;
}

const [ours, theirs] = [homeostat(), await jsonRulesEngine()];
process.stdout.write(
  JSON.stringify({
    name: 'observations/s through step',
    unit: '1/s',
    homeostat: Math.round(ours),
    other: 'json-rules-engine alone',
    otherValue: Math.round(theirs),
    ratio: ours / theirs,
    limit: null,
    met: true,
  }),
);
