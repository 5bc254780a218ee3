/** Gauges that look ahead and judge, in the whole loop: when policies act on them, and what `explain` shows of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explain } from '../../src/analyze/explain.ts';
import { type ExplainedTest, round, testText } from '../../src/analyze/explain-conditions.ts';
import { testFile } from '../../src/cli/test.ts';
import { loadConfiguration } from '../../src/config.ts';
import type { ScenarioDocument } from '../../src/documents/scenario.ts';
import { durationMs } from '../../src/duration.ts';
import { play, START, setupOf } from '../../src/scenario/play.ts';

const FOLDER = new URL('./gauges/', import.meta.url).pathname;
const SCENARIOS = join(FOLDER, 'scenarios');

test.each(readdirSync(SCENARIOS))('the scenario %s passes', async (scenario) => {
  expect(await testFile(join(SCENARIOS, scenario))).toMatchObject({ passed: true, misses: [], findings: [] });
});

/** What `explain` says of the one comparison of a policy, at an instant of a scenario: the comparison, and how its fact is made. */
async function explained(name: string, policy: string, element: string, at: string): Promise<string> {
  const scenario = JSON.parse(readFileSync(join(SCENARIOS, `${name}.json`), 'utf8')) as ScenarioDocument;
  const setup = setupOf(loadConfiguration(join(FOLDER, 'homeostat.json')).configuration!.setup, scenario);
  const atMs = durationMs(at);
  for await (const { state, derived, nextAt } of play(setup, scenario, (actuator) => actuator, atMs)) {
    if (nextAt <= atMs) continue;
    const conditions = explain(state, derived, element, policy, START + atMs, [])[0]!.conditions as ExplainedTest;
    return `${testText(conditions)}; ${conditions.fact.made}; short by ${conditions.short && round(conditions.short)}; why: ${conditions.fact.why}`;
  }
  throw new Error('the scenario ends before');
}

test('explain shows a suspicion, how it is made and by how much it falls short', async () => {
  expect(await explained('suspicion', 'ping-who-is-suspected', 'node', '63s')).toBe('suspicion 0 ≥ 8; suspicion; short by 8; why: null');
});

test('explain shows why there is no forecast yet, and what it is over when there is one', async () => {
  expect(await explained('forecast', 'clean-before-it-is-full', 'disk', '12m')).toBe(
    'usedSoon — > 90; forecast over 1 h; short by null; why: it needs 23 steps of 60 s, and there are 12',
  );
  expect(await explained('forecast', 'clean-before-it-is-full', 'disk', '27m')).toBe(
    'usedSoon 83.96 > 90; forecast over 1 h; short by 6.038; why: null',
  );
});

test('explain shows how strange a value is, and why that cannot be said yet', async () => {
  expect(await explained('anomaly', 'inspect-what-is-strange', 'pump', '100s')).toBe(
    'strange — > 1; anomaly over {"count":60}; short by null; why: it needs 20 values to compare with, and there are 10',
  );
  expect(await explained('anomaly', 'inspect-what-is-strange', 'pump', '310s')).toMatch(
    /^strange 0[0-9.]* > 1; anomaly over .*; short by [0-9.]+; why: null$/,
  );
});

test('explain shows what sensors agree on, and why they do not', async () => {
  expect(await explained('vote', 'cool-an-oven-that-is-hot', 'oven', '15s')).toBe('heat 200.5 > 250; vote; short by 49.5; why: null');
  expect(await explained('vote', 'cool-an-oven-that-is-hot', 'oven', '35s')).toBe(
    'heat — > 250; vote; short by null; why: only 1 of 3 agree, and 2 must',
  );
});

test('explain shows what fuzzy rules come to', async () => {
  expect(await explained('fuzzy', 'grow-by-need', 'shop', '15s')).toBe('need 0.5 ≥ 1; fuzzy; short by 0.5; why: null');
});

test('explain shows how often a value turned', async () => {
  expect(await explained('swing', 'calm-what-swings', 'boiler', '155s')).toBe('swings 3 > 3; swing over 2 m; short by 0; why: null');
});

test('explain shows how a pattern stands: what has matched, and what is on the way', async () => {
  expect(await explained('pattern', 'lock-after-a-break-in', 'gate', '35s')).toBe(
    'breakIns increased within 1 ms; pattern: no match yet, 3 kept in 2 groups, 2 of 3 steps at most; short by null; why: null',
  );
  expect(await explained('pattern', 'search-who-did-not-leave', 'gate', '255s')).toBe(
    'unseen increased within 1 ms; pattern: no match yet, 1 kept in 1 group, the next time-out in 15 s; short by null; why: null',
  );
});

test('explain shows how a machine came to be in its state', async () => {
  expect(await explained('machine', 'isolate-a-port', 'rack/a', '25s')).toBe(
    'fault isolated = isolated; machine: from suspected by after 10s, for 10 s; short by null; why: null',
  );
  expect(await explained('machine', 'replace-a-switch', 'rack', '12s')).toBe(
    'fault fine = failed; machine: as it began, for 12 s; short by null; why: null',
  );
});
