import { testFile } from '../../src/cli/test.ts';

test('a canary that does harm is withdrawn, and its predecessor decides again', async () => {
  const scenario = new URL('./canary/withdrawn.scenario.json', import.meta.url).pathname;
  expect(await testFile(scenario)).toMatchObject({ passed: true, misses: [], findings: [] });
});
