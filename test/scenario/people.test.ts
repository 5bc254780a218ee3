import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFile } from '../../src/cli/test.ts';
import { loadConfiguration } from '../../src/config.ts';
import type { ScenarioDocument } from '../../src/documents/scenario.ts';
import { runScenario, setupOf } from '../../src/scenario/index.ts';

const FOLDER = new URL('./advise/', import.meta.url).pathname;
const FILE = join(FOLDER, 'scenarios', 'people.json');

test('people answer what was asked, and expectations see it', async () => {
  expect(await testFile(FILE)).toMatchObject({ passed: true, misses: [], findings: [] });
});

/** The misses of the scenario with something changed. */
async function misses(change: (scenario: ScenarioDocument) => Partial<ScenarioDocument>): Promise<readonly string[]> {
  const scenario = JSON.parse(readFileSync(FILE, 'utf8')) as ScenarioDocument;
  const { configuration } = loadConfiguration(join(FOLDER, 'homeostat.json'));
  const changed = { ...scenario, ...change(scenario) };
  const verdict = await runScenario(setupOf(configuration!.setup, changed), changed, (actuator) => actuator);
  return verdict.misses.map(({ pointer, message }) => `${pointer} ${message}`);
}

test('an answer to what nobody has asked fails the scenario, with its place', async () => {
  expect(await misses(() => ({ people: [{ at: '5s', approve: {} }], expect: [{ at: '20s', commands: 0 }] }))).toEqual([
    '/people/0 at 5 s: nothing like it was asked and open',
  ]);
});

test('advice that does not come, or asks for something else, fails it', async () => {
  const found = await misses(() => ({
    people: [],
    expect: [
      { at: '10s', advice: { params: { to: 9 } } },
      { at: '20s', advice: {} },
    ],
  }));
  expect(found).toEqual([
    expect.stringMatching(
      /^\/expect\/0 at 10s: expected advice that is asked; found: homeostat\.2\.a of add-server-when-slow: asks to scale to 2 on shop/,
    ),
    '/expect/1 at 20s: expected advice that is asked; found: none',
  ]);
});
