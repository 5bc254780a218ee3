import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFile } from '../../src/cli/test.ts';
import { loadConfiguration } from '../../src/config.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url).pathname;

describe.each(['web-farm', 'this-host', 'kubernetes', 'swim'])('%s', (name) => {
  const folder = join(EXAMPLES, name);

  test('its manager file and policies are right', () => {
    expect(loadConfiguration(join(folder, 'homeostat.json')).findings).toEqual([]);
  });

  test.each(readdirSync(join(folder, 'scenarios')))('its scenario %s passes', async (scenario) => {
    const { passed, misses, findings } = await testFile(join(folder, 'scenarios', scenario));
    expect({ misses, findings }).toEqual({ misses: [], findings: [] });
    expect(passed).toBe(true);
  });

  test('each of its policies is named by a scenario', () => {
    const { configuration } = loadConfiguration(join(folder, 'homeostat.json'));
    const texts = readdirSync(join(folder, 'scenarios')).map((scenario) => readFileSync(join(folder, 'scenarios', scenario), 'utf8'));
    const untested = [...configuration!.blueprint.policies.keys()].filter((policy) => !texts.some((text) => text.includes(`"${policy}"`)));
    expect(untested).toEqual([]);
  });
});
