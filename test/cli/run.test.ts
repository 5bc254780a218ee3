import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { folderWith, homeostat, put, RULES, shop, start, startManager, tidyUp } from './homeostat.ts';

afterEach(tidyUp);

const address = (folder: string) => JSON.parse(readFileSync(join(folder, '.homeostat', 'api.json'), 'utf8'));

async function post(folder: string, path: string, body: unknown): Promise<unknown> {
  const { url, token } = address(folder);
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

test('run tells where it answers, TERM stops it cleanly, and it can be started again', async () => {
  const folder = shop();
  const first = await startManager(folder);
  await post(folder, '/observations', { element: 'shop', property: 'responseTime', value: 300 });
  first.child.kill('SIGTERM');
  const { status, stdout, stderr } = await first.ended;
  expect(status).toBe(0);
  expect(stdout).toContain('Homeostat runs homeostat.json with 1 policy at http://127.0.0.1:');
  expect(
    stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).msg),
  ).toEqual(['running', 'stopping', 'stopped']);
  expect(existsSync(join(folder, '.homeostat', 'api.json'))).toBe(false);

  const second = await startManager(folder);
  second.child.kill('SIGINT');
  expect((await second.ended).status).toBe(0);
  expect((await homeostat(['replay', '--verify'], folder)).status).toBe(0);
});

test('--json prints one document on stdout', async () => {
  const folder = shop();
  const program = start(['run', '--json', '--log-level', 'silent'], folder);
  await program.said('"url"');
  program.child.kill('SIGTERM');
  const { stdout, stderr } = await program.ended;
  expect(JSON.parse(stdout)).toMatchObject({ url: expect.stringMatching(/^http/), mode: 'act', folder: join(folder, '.homeostat') });
  expect(stderr).toBe('');
});

test('a second TERM ends it at once, though a command still runs', async () => {
  const folder = folderWith({
    'homeostat.json': {
      mode: 'act',
      types: { host: { properties: { load: {} }, commands: { wait: { actuator: 'shell', operation: 'run', deadline: '5m' } } } },
      elements: { host: { type: 'host' } },
      actuators: { shell: { kind: 'exec', run: ['sleep', '60'] } },
      policies: ['rules.json'],
    },
    'rules.json': {
      policies: [
        {
          name: 'wait',
          scope: { type: 'host' },
          conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 1 }] },
          actions: [{ command: 'wait' }],
        },
      ],
    },
  });
  const checked = await homeostat(['check'], folder);
  expect(checked).toMatchObject({ status: 0 });
  const program = await startManager(folder);
  const journal = start(['journal', '--follow'], folder);
  await post(folder, '/observations', { element: 'host', property: 'load', value: 2 });
  await journal.said('wait  on host');
  program.child.kill('SIGTERM');
  await program.said('"stopping"');
  program.child.kill('SIGTERM');
  const { status, stderr } = await program.ended;
  expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('told twice') });
});

test('a folder in use and a port in use are 3, with the remedy', async () => {
  const folder = shop();
  await startManager(folder);
  expect(await homeostat(['run'], folder)).toMatchObject({
    status: 3,
    stdout: '',
    stderr: expect.stringMatching(/^H301 {2}another manager runs on .*; stop it first, or name another folder\n$/),
  });
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const taken = shop({ api: { port } });
  const { status, stderr } = await homeostat(['run'], taken);
  expect({ status, stderr }).toMatchObject({
    status: 3,
    stderr: `H304  port ${port} of 127.0.0.1 is in use; name another under api.port in the manager file, or 0 for any free one\n`,
  });
  await new Promise((resolve) => other.close(resolve));
});

test('a killed manager is not taken for a running one, and goes on where it was', async () => {
  const folder = shop();
  const first = await startManager(folder);
  const journal = start(['journal', '--follow'], folder);
  await post(folder, '/observations', { element: 'shop', property: 'responseTime', value: 300 });
  await journal.said('scale on shop succeeded');
  first.child.kill('SIGKILL');
  await first.ended;
  expect(existsSync(join(folder, '.homeostat', 'api.json'))).toBe(true);
  expect(JSON.parse((await homeostat(['status', '--json'], folder)).stdout)).toMatchObject({
    running: false,
    elements: [{ readings: { servers: { value: 2 } } }],
  });
  await startManager(folder);
  expect(JSON.parse((await homeostat(['status', '--json'], folder)).stdout)).toMatchObject({
    running: true,
    elements: [{ readings: { servers: { value: 2 } } }],
  });
});

test('wrong policies refuse the start with all mistakes; --lenient leaves them out and says so', async () => {
  const folder = shop();
  const [rule] = RULES.policies;
  put(folder, 'rules/shop.json', {
    policies: [
      rule,
      { ...rule, name: 'wrong', scope: { type: 'frm' } },
      { ...rule, name: 'worse', conditions: { all: [{ fact: 'servers', operator: 'greaterThen', value: 1 }] } },
    ],
  });
  const refused = await homeostat(['run'], folder);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('rules/shop.json#/policies/1/scope/type');
  expect(refused.stderr).toContain('did you mean "greaterThan"?');
  expect(refused.stderr).toContain('homeostat.json is not run: 2 mistakes to correct, or leave wrong policies out with --lenient');
  const program = await startManager(folder, '--lenient');
  expect(JSON.parse((await homeostat(['status', '--json'], folder)).stdout).policies).toBe(1);
  program.child.kill();
  expect((await program.ended).stderr).toContain('did you mean "greaterThan"?');
});

test('HUP reads the file again; with a mistake the old set stays', async () => {
  const folder = shop();
  const program = await startManager(folder);
  const [rule] = RULES.policies;
  put(folder, 'rules/shop.json', { policies: [rule, { ...rule, name: 'another', priority: 3 }] });
  program.child.kill('SIGHUP');
  await program.said('"reloaded"');
  put(folder, 'rules/shop.json', '{ "policies": [');
  program.child.kill('SIGHUP');
  await program.said('nothing was changed');
  expect(JSON.parse((await homeostat(['status', '--json'], folder)).stdout).policies).toBe(2);
});

test('a folder that cannot be made is 3', async () => {
  const folder = shop({ folder: 'rules/shop.json/below-a-file' });
  const { status, stderr } = await homeostat(['run'], folder);
  expect(status).toBe(3);
  expect(stderr).toMatch(/^H30[0-9] {2}/);
});

test('without a manager file, run says which is missing', async () => {
  const folder = folderWith();
  expect(await homeostat(['run'], folder)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/homeostat\.json\n {2}error H001 {4}cannot be read/),
  });
  expect(await homeostat(['run', '--json'], folder)).toMatchObject({
    status: 2,
    stdout: expect.stringMatching(/^\{"error":\{"code":"H001"/),
  });
  rmSync(folder, { recursive: true });
});
