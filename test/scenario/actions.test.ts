import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { testFile } from '../../src/cli/test.ts';

const FOLDER = new URL('./actions/scenarios/', import.meta.url).pathname;

test.each(readdirSync(FOLDER))('the scenario %s of what policies do passes', async (scenario) => {
  expect(await testFile(join(FOLDER, scenario))).toMatchObject({ passed: true, misses: [], findings: [] });
});
