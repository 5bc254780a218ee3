import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith, homeostat, shop, tidyUp } from './homeostat.ts';

afterEach(tidyUp);

test('schema writes schemas with the names of the project, beside the manager file or where it is told', async () => {
  const folder = shop();
  const { status, stdout } = await homeostat(['schema'], folder);
  expect(status).toBe(0);
  expect(stdout).toContain('wrote schemas/policies.schema.json\n');
  expect(readdirSync(join(folder, 'schemas')).sort()).toEqual(['manager.schema.json', 'policies.schema.json', 'scenario.schema.json']);
  const { $defs } = JSON.parse(readFileSync(join(folder, 'schemas', 'policies.schema.json'), 'utf8'));
  expect($defs['command:farm'].enum).toEqual(['scale', 'notify']);
  const told = await homeostat(['schema', join(folder, 'homeostat.json'), '--out', 'made/here', '--json'], folder);
  expect(JSON.parse(told.stdout).files).toContain(join('made', 'here', 'scenario.schema.json'));
});

test('a policy with mistakes is no hindrance; a manager file with mistakes is told', async () => {
  const broken = folderWith({
    'homeostat.json': { types: { farm: {} }, policies: ['rules.json', 'none.json'] },
    'rules.json': '{ "policies": [{ "nam',
  });
  expect((await homeostat(['schema'], broken)).status).toBe(0);
  const refused = await homeostat(['schema'], folderWith({ 'homeostat.json': { types: { farm: { propertis: {} } } } }));
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('did you mean "properties"?') });
  expect(await homeostat(['schema', 'nothing.json'], broken)).toMatchObject({ status: 2, stderr: expect.stringContaining('H001') });
});
