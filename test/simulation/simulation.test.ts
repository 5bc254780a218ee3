import { compile } from '../../src/compile/index.ts';
import type { Setup } from '../../src/knowledge/blueprint.ts';
import { violations } from './checkers/index.ts';
import { type Counts, exercised, idle } from './exercised.ts';
import { Random } from './random.ts';
import { EDITS, setupText } from './setup.ts';
import { simulate } from './simulation.ts';
import { swarmOf } from './swarm.ts';

const FIRST = 1;
const SEEDS = 200;

test('200 seeds run clean, and between them nothing is idle', async () => {
  const counts: Counts = new Map();
  const found: string[] = [];
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const trace = await simulate(seed);
    exercised(trace, counts);
    for (const { checker, step, message } of violations(trace)) {
      found.push(`npm run simulate -- --seeds 1 --from ${seed}: ${checker}, at step ${step}: ${message}`);
    }
  }
  expect(found).toEqual([]);
  expect(idle(counts)).toEqual([]);
}, 300_000);

test('the same seed is the same run, to the last word; another is another', async () => {
  const [once, again, other] = [await simulate(8), await simulate(8), await simulate(9)];
  expect(again.hash).toBe(once.hash);
  expect(again.steps).toEqual(once.steps);
  expect(other.hash).not.toBe(once.hash);
});

test('the simulated configuration and all edits of it are without mistakes', () => {
  const swarm = swarmOf(new Random(1));
  for (const edit of EDITS.keys()) {
    const setup = JSON.parse(setupText(swarm, edit, true, edit)) as Setup;
    expect(compile(setup, 'setup').findings.list).toEqual([]);
  }
});

test('chance is the same everywhere: the numbers of a seed are known', () => {
  const random = new Random(42);
  expect(Array.from({ length: 4 }, () => random.between(0, 999))).toEqual([717, 713, 293, 248]);
  const mean = Array.from({ length: 10_000 }, () => random.next()).reduce((sum, x) => sum + x, 0) / 10_000;
  expect(mean).toBeCloseTo(0.5, 1);
});
