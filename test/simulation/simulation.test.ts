import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { compile } from '../../src/compile/index.ts';
import type { Setup } from '../../src/knowledge/blueprint.ts';
import { Random } from './random.ts';
import { servicesSetup } from './services/setup.ts';
import { simulateServices } from './services/simulation.ts';
import { EDITS, setupText } from './setup.ts';
import { simulate } from './simulation.ts';
import { swarmOf } from './swarm.ts';

const FIRST = 1;
/** 500 in all where there is time. */
const SEEDS = process.env.CI === undefined ? { embedded: 20, services: 80 } : { embedded: 100, services: 400 };

/** Outside of jest, whose modules live in a context of their own in which everything takes three times as long. */
async function runSeeds(system: string, from: number, seeds: number): Promise<string> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const script = ['dist/simulation/test/simulation/run.js', '--system', system, '--seeds', String(seeds), '--from', String(from)];
  try {
    return (await promisify(execFile)('node', script, { env })).stdout;
  } catch (thrown) {
    return (thrown as { stdout?: string }).stdout || String(thrown);
  }
}

test('seeds run clean, and between them nothing is idle', async () => {
  await promisify(execFile)('npx', ['tsc', '-p', 'test/simulation/tsconfig.json']);
  const runs = Object.entries(SEEDS).map(async ([system, seeds]) => {
    const said = (await runSeeds(system, FIRST, seeds)).trim().split('\n');
    expect(said.filter((line) => /^seed .* fails|never exercised|rror/.test(line))).toEqual([]);
    expect(said.at(-1)).toBe(`${seeds} seeds from ${FIRST}: ${seeds} good, 0 bad`);
  });
  await Promise.all(runs);
}, 1_200_000);

test('the same seed is the same run, to the last word; another is another', async () => {
  const [once, again, other] = [await simulate(8), await simulate(8), await simulate(9)];
  expect(again.hash).toBe(once.hash);
  expect(again.steps).toEqual(once.steps);
  expect(other.hash).not.toBe(once.hash);
}, 120_000);

test('so it is with the services', async () => {
  const [once, again, other] = [await simulateServices(8), await simulateServices(8), await simulateServices(9)];
  expect(again.hash).toBe(once.hash);
  expect(again.partitions).toEqual(once.partitions);
  expect(other.hash).not.toBe(once.hash);
}, 120_000);

test('the simulated configuration and all edits of it are without mistakes', () => {
  const swarm = swarmOf(new Random(1));
  for (const edit of EDITS.keys()) {
    const setup = JSON.parse(setupText(swarm, edit, true, edit)) as Setup;
    expect(compile(setup, 'setup').findings.list).toEqual([]);
    expect(compile(servicesSetup(swarm, edit, edit), 'setup').findings.list).toEqual([]);
  }
});

test('chance is the same everywhere: the numbers of a seed are known', () => {
  const random = new Random(42);
  expect(Array.from({ length: 4 }, () => random.between(0, 999))).toEqual([717, 713, 293, 248]);
  const mean = Array.from({ length: 10_000 }, () => random.next()).reduce((sum, x) => sum + x, 0) / 10_000;
  expect(mean).toBeCloseTo(0.5, 1);
});
