import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderWith, homeostat, MANAGER, put, RULES, shop, startManager, tidyUp } from './homeostat.ts';

afterEach(tidyUp);

const [RULE] = RULES.policies;
const LESS = {
  ...RULE,
  name: 'remove-server-when-easy',
  conditions: { fact: 'responseTime', operator: 'lessThan', value: 100 },
  actions: [{ command: 'scale', params: { by: -1 } }],
};

test('what is right has no mistakes', async () => {
  const folder = shop();
  put(folder, 'rules/shop.json', { policies: [RULE, LESS] });
  expect(await homeostat(['check'], folder)).toEqual({ status: 0, stdout: 'no mistakes in 2 policies\n', stderr: '' });
});

test('every mistake of every file is told at once, with its place, its sentence and what was probably meant', async () => {
  const folder = shop({ policies: ['rules/shop.json', 'rules/gone.json'], probes: [{ name: 'p', kind: 'htttp', element: 'shop' }] });
  put(folder, 'rules/shop.json', {
    policies: [
      { ...RULE, name: 'operator', conditions: { all: [{ fact: 'responseTime', operator: 'greaterThen', value: 1 }] } },
      { ...RULE, name: 'fact', conditions: { all: [{ fact: 'responsTime', operator: 'greaterThan', value: 1 }] } },
      { ...RULE, name: 'command', actions: [{ command: 'scael' }] },
    ],
  });
  const { status, stdout } = await homeostat(['check'], folder);
  expect(status).toBe(1);
  expect(stdout).toContain(
    'rules/shop.json#/policies/0/conditions/all/0/operator\n  error H104    unknown operator "greaterThen"; did you mean "greaterThan"?\n',
  );
  expect(stdout).toMatch(/rules\/shop\.json#\/policies\/1.*\n {2}error H103 {4}.*did you mean "responseTime"\?\n/);
  expect(stdout).toMatch(/rules\/shop\.json#\/policies\/2\/actions\/0\/command\n {2}error H005 {4}.*did you mean "scale"\?\n/);
  expect(stdout).toMatch(/homeostat\.json#\/probes\/0\/kind\n {2}error H005 {4}there is no kind "htttp"; did you mean "http"\?\n/);
  expect(stdout).toContain('rules/gone.json\n  error H001    cannot be read');
  expect(stdout).toMatch(/[5-9] errors in 3 policies\n$/);
});

test('misspelt keys are found wherever they are', async () => {
  const folder = shop({ elemnts: {} });
  expect((await homeostat(['check'], folder)).stdout).toContain(
    'homeostat.json#/elemnts\n  error H004    unknown key "elemnts"; did you mean "elements"?\n',
  );
  put(folder, 'homeostat.json', MANAGER);
  put(folder, 'rules/shop.json', { policies: [{ ...RULE, coolDown: '1s' }] });
  expect((await homeostat(['check'], folder)).stdout).toContain(
    'rules/shop.json#/policies/0/coolDown\n  error H004    unknown key "coolDown"; did you mean "cooldown"?\n',
  );
});

test('a file that is no JSON is told with line and column, one that cannot be read is 2', async () => {
  const folder = folderWith({ 'homeostat.json': '{\n  "types": {},\n  oops\n}' });
  expect(await homeostat(['check'], folder)).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^homeostat\.json\n {2}error H002 {4}is not valid JSON at line 3, column 3/),
  });
  expect(await homeostat(['check', 'gone.json'], folder)).toMatchObject({ status: 2, stdout: expect.stringContaining('H001') });
  expect(await homeostat(['check', '.'], folder)).toMatchObject({ status: 2 });
});

test('a file of policies is checked with the manager file that names it, or alone', async () => {
  const folder = shop();
  put(folder, 'rules/shop.json', { policies: [{ ...RULE, conditions: { all: [{ fact: 'respTime', operator: 'equal', value: 1 }] } }] });
  put(folder, 'other.json', [{ conditions: { any: [{ fact: 'anything', operator: 'equals', value: 1 }] }, event: { type: 'notify' } }]);
  expect(await homeostat(['check', 'rules/shop.json'], folder)).toMatchObject({ status: 1, stdout: expect.stringContaining('H103') });
  const alone = await homeostat(['check', 'other.json'], folder);
  expect(alone).toMatchObject({
    status: 1,
    stdout: expect.stringContaining(
      'other.json#/0/conditions/any/0/operator\n  error H104    unknown operator "equals"; did you mean "equal"?',
    ),
  });
  expect(alone.stdout).toContain('1 error in 1 policy\n');
});

test('--json prints one document', async () => {
  const folder = shop();
  put(folder, 'rules/shop.json', { policies: [{ ...RULE, actions: [] }] });
  const { status, stdout } = await homeostat(['check', '--json'], folder);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    errors: 1,
    warnings: 0,
    policies: 1,
    findings: [{ code: 'H003', severity: 'error', file: 'rules/shop.json', pointer: '/policies/0/actions' }],
  });
});

test('what would fight is a warning: 0, and 1 if it is to be strict; silenced with a reason it is not counted', async () => {
  const folder = shop();
  put(folder, 'rules/shop.json', { policies: [RULE, { ...LESS, conditions: { fact: 'maxServers', operator: 'lessThan', value: 9 } }] });
  const found = await homeostat(['check'], folder);
  expect(found.status).toBe(0);
  expect(found.stdout).toMatch(
    /^rules\/shop\.json#\/policies\/0, #\/policies\/1\n {2}warning H210 {2}can hold together and pull "servers" apart, e\.g\. \{ .*\n {16}give one the higher priority/,
  );
  expect(found.stdout).toMatch(/\n1 warning in 2 policies\n$/);
  expect((await homeostat(['check', '--strict'], folder)).status).toBe(1);
  put(folder, 'rules/shop.json', {
    policies: [
      { ...RULE, silence: { H210: 'a person watches' } },
      { ...LESS, conditions: { fact: 'maxServers', operator: 'lessThan', value: 9 } },
    ],
  });
  expect(await homeostat(['check', '--strict'], folder)).toEqual({
    status: 0,
    stdout: 'no mistakes in 2 policies (1 silenced)\n',
    stderr: '',
  });
  const json = JSON.parse((await homeostat(['check', '--json'], folder)).stdout);
  expect(json).toMatchObject({ errors: 0, warnings: 0, silenced: 1, findings: [{ code: 'H210', silenced: 'a person watches' }] });
  const sarif = JSON.parse((await homeostat(['check', '--sarif', 'rules/shop.json'], folder)).stdout);
  expect(sarif).toMatchObject({ version: '2.1.0', runs: [{ results: [{ ruleId: 'H210', suppressions: [{ kind: 'inSource' }] }] }] });
});

test('recorded readings are read from the folder; where nothing was recorded it says so', async () => {
  const folder = shop();
  put(folder, 'rules/shop.json', { policies: [RULE, LESS] });
  expect(await homeostat(['check', '--history', '.'], folder)).toMatchObject({ status: 3, stderr: expect.stringContaining('H305') });
  const manager = await startManager(folder, '--log-level', 'info');
  expect(await homeostat(['check', '--history', '.'], folder)).toMatchObject({ status: 0, stdout: 'no mistakes in 2 policies\n' });
  manager.child.kill();
  await manager.ended;
});

test('our own rules and examples are in order', async () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const files = ['rules', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('homeostat.json') && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  );
  expect(files.length).toBeGreaterThanOrEqual(5);
  expect(await homeostat(['check', '--strict', ...files], root)).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^no mistakes in /),
  });
});
