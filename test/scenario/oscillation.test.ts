import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { testFile } from '../../src/cli/test.ts';

const FOLDER = new URL('./oscillation/scenarios/', import.meta.url).pathname;

test.each(readdirSync(FOLDER))('the scenario of two policies that undo each other, %s, passes', async (scenario) => {
  expect(await testFile(join(FOLDER, scenario))).toMatchObject({ passed: true, misses: [], findings: [] });
});
