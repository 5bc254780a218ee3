import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { compile } from '../../src/compile/index.ts';
import type { Setup } from '../../src/knowledge/blueprint.ts';
import { Random } from './random.ts';
import { EDITS, setupText } from './setup.ts';
import { simulate } from './simulation.ts';
import { swarmOf } from './swarm.ts';

const FIRST = 1;
const SEEDS = 200;

/** Outside of jest, whose modules live in a context of their own in which everything takes three times as long. */
async function runSeeds(from: number, seeds: number): Promise<string> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const script = ['run', '--silent', 'simulate', '--', '--seeds', String(seeds), '--from', String(from)];
  try {
    return (await promisify(execFile)('npm', script, { env })).stdout;
  } catch (thrown) {
    return (thrown as { stdout?: string }).stdout || String(thrown);
  }
}

test('200 seeds run clean, and between them nothing is idle', async () => {
  const said = (await runSeeds(FIRST, SEEDS)).trim().split('\n');
  expect(said.filter((line) => /^seed .* fails|never exercised|rror/.test(line))).toEqual([]);
  expect(said.at(-1)).toBe(`${SEEDS} seeds from ${FIRST}: ${SEEDS} good, 0 bad`);
}, 600_000);

test('the same seed is the same run, to the last word; another is another', async () => {
  const [once, again, other] = [await simulate(8), await simulate(8), await simulate(9)];
  expect(again.hash).toBe(once.hash);
  expect(again.steps).toEqual(once.steps);
  expect(other.hash).not.toBe(once.hash);
}, 120_000);

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
