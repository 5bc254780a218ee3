/** The versions of files of policies, as a person at a terminal sees them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeostat, MANAGER, put, RULES, shop, start, startManager, tidyUp } from './homeostat.ts';

afterEach(tidyUp);

const [rule] = RULES.policies;
const GENTLE = {
  $schema: '../policies.schema.json',
  policies: [
    { ...rule, cooldown: '2h' },
    { ...rule, name: 'another' },
  ],
};

const versions = async (folder: string) =>
  JSON.parse((await homeostat(['policies', '--json'], folder)).stdout).versions as {
    file: string;
    version: string;
    by: string | null;
    until: number | null;
    as: string;
    policies: number;
  }[];

test('versions are listed, compared, shown and gone back to, while the manager runs and after it has ended', async () => {
  const folder = shop();
  const manager = await startManager(folder);
  const [first] = await versions(folder);
  expect(first).toMatchObject({ file: 'rules/shop.json', as: 'in force', policies: 1, by: 'start', until: null });

  put(folder, 'rules/shop.json', GENTLE);
  const reload = await homeostat(['policies', 'back', 'ffff'], folder);
  expect(reload).toMatchObject({ status: 2, stderr: expect.stringContaining('no version ffff is kept') });
  await reloaded(folder, 'ann');
  const [second, old] = await versions(folder);
  expect([second, old]).toMatchObject([
    { policies: 2, by: 'ann', until: null },
    { version: first!.version, until: expect.any(Number) },
  ]);
  expect(second!.version).not.toBe(first!.version);

  const diff = await homeostat(['policies', 'diff', first!.version.slice(0, 8)], folder);
  expect(diff.stdout.split('\n').slice(0, 3)).toEqual([
    `rules/shop.json ${first!.version} → ${second!.version}`,
    '  + another',
    '  ~ add-server-when-slow: cooldown',
  ]);
  expect(diff.stdout).toMatch(/^on what was recorded from .* steps?: the same would have been decided$/m);
  const short = await homeostat(['policies', 'diff', first!.version, '--last', 'soon'], folder);
  expect(short).toMatchObject({ status: 2, stderr: expect.stringContaining('soon') });

  const back = await homeostat(['policies', 'back', first!.version, '--author', 'ben', '--reason', 'too slow'], folder);
  expect(back).toMatchObject({ status: 0, stdout: expect.stringContaining('the manager has read it') });
  expect(JSON.parse(readFileSync(join(folder, 'rules/shop.json'), 'utf8'))).toEqual({ $schema: GENTLE.$schema, ...RULES });
  expect(JSON.parse(readFileSync(join(folder, 'rules/shop.json.bak'), 'utf8'))).toEqual(GENTLE);
  const [now, left] = await versions(folder);
  expect(now).toMatchObject({ version: first!.version, by: 'ben', until: null });
  expect(left).toMatchObject({ version: second!.version, until: expect.any(Number) });
  const journal = await homeostat(['journal'], folder);
  expect(journal.stdout).toContain(`back to ${first!.version} of rules/shop.json: too slow`);

  manager.child.kill('SIGKILL');
  await manager.ended;
  expect(await versions(folder)).toEqual([now, left]);
  const forward = await homeostat(['policies', 'back', second!.version], folder);
  expect(forward.stdout).toContain('no manager runs: it comes into force with the next start');
  const shown = await homeostat(['policies', 'show', second!.version, '--json'], folder);
  expect(JSON.parse(shown.stdout)).toEqual({ policies: GENTLE.policies });
  expect((await homeostat(['replay', '--verify'], folder)).status).toBe(0);
});

test('what would be refused at the reload is not left in the file', async () => {
  const folder = shop();
  await startManager(folder);
  const [first] = await versions(folder);
  put(folder, 'rules/shop.json', GENTLE);
  // The old rules are about a type that the manager file has no more.
  const { farm } = MANAGER.types;
  put(folder, 'homeostat.json', { mode: 'act', ...MANAGER, types: { site: farm }, elements: {} });
  const back = await homeostat(['policies', 'back', first!.version], folder);
  expect(back.status).toBe(2);
  expect(back.stderr).toContain('no type is named "farm"');
  expect(JSON.parse(readFileSync(join(folder, 'rules/shop.json'), 'utf8'))).toEqual(GENTLE);
  expect(existsSync(join(folder, 'rules/shop.json.bak'))).toBe(false);
});

test('a file that is named no more is not written', async () => {
  const folder = shop();
  const manager = await startManager(folder);
  const [first] = await versions(folder);
  manager.child.kill('SIGTERM');
  await manager.ended;
  put(folder, 'homeostat.json', { ...MANAGER, policies: [] });
  const back = await homeostat(['policies', 'back', first!.version], folder);
  expect(back).toMatchObject({ status: 2, stderr: expect.stringContaining('homeostat.json no longer names rules/shop.json') });
  const state = await homeostat(['policies', 'back', first!.version, '-m', '.homeostat'], folder);
  expect(state).toMatchObject({ status: 2, stderr: expect.stringContaining('name the manager file') });
});

test('a plain array of rules comes back as one, and keys in another order are the same version', async () => {
  const folder = shop();
  put(folder, 'rules/shop.json', RULES.policies);
  const manager = await startManager(folder);
  const [first] = await versions(folder);
  put(folder, 'rules/shop.json', [Object.fromEntries(Object.entries(rule!).reverse())]);
  await reloaded(folder, 'ann');
  expect((await versions(folder)).map(({ version }) => version)).toEqual([first!.version]);
  await homeostat(['policies', 'back', first!.version], folder);
  expect(JSON.parse(readFileSync(join(folder, 'rules/shop.json'), 'utf8'))).toEqual([Object.fromEntries(Object.entries(rule!).reverse())]);
  manager.child.kill('SIGTERM');
  await manager.ended;
});

test('every decision names the version of the file that made it, and so do explain and status', async () => {
  const folder = shop();
  await startManager(folder);
  const [first] = await versions(folder);
  await feed(folder, 300);
  const journal = await homeostat(['journal', '--json'], folder);
  const entries = journal.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const kind of ['symptom', 'command'])
    expect(entries.find((entry: { kind: string }) => entry.kind === kind).data.set).toBe(first!.version);
  expect((await homeostat(['explain', 'shop'], folder)).stdout).toContain(` of ${first!.version}`);
  expect((await homeostat(['status'], folder)).stdout).toMatch(new RegExp(`rules/shop.json +${first!.version} +in force`));
});

async function reloaded(folder: string, author: string): Promise<void> {
  const { url, token } = JSON.parse(readFileSync(join(folder, '.homeostat', 'api.json'), 'utf8'));
  const answer = await fetch(`${url}/reload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ author }),
  });
  expect(answer.status).toBe(200);
}

test('a canary is seen in status, policies and explain, is withdrawn by what was fed, and stays so over kill, restart and reload', async () => {
  const canary = {
    elements: ['shop'],
    for: '10m',
    withdraw: { conditions: { all: [{ fact: 'responseTime', operator: 'greaterThan', value: 500 }] } },
  };
  const folder = shop({ policies: ['rules/shop.json', { file: 'rules/new.json', of: 'rules/shop.json', canary }] });
  put(folder, 'rules/new.json', { policies: [{ ...rule, why: 'a bolder one' }] });
  const first = await startManager(folder);
  const listed = await versions(folder);
  const tried = listed.find(({ file }) => file === 'rules/new.json')!;
  const old = listed.find(({ file }) => file === 'rules/shop.json')!;
  expect([old.as, tried.as]).toEqual(['in force', 'canary']);
  expect((await homeostat(['status'], folder)).stdout).toMatch(new RegExp(`rules/new.json ${tried.version} +is tried +.* on shop`));
  const before = await homeostat(['explain', 'shop'], folder);
  expect(before.stdout).toContain(`rules/new.json#/policies/0 · version`);
  expect(before.stdout).toContain(`canary ${tried.version}`);

  await feed(folder, 600);
  first.child.kill('SIGKILL');
  await first.ended;
  const withdrawn = async () => JSON.parse((await homeostat(['status', '--json'], folder)).stdout).canaries[0];
  const then = await withdrawn();
  expect(then).toMatchObject({ is: 'withdrawn', reason: expect.stringContaining('on shop, for 0 ms: responseTime 600') });

  const second = await startManager(folder);
  await reloaded(folder, 'ann');
  expect(await withdrawn()).toEqual(then);
  expect((await homeostat(['policies'], folder)).stdout).toContain(`${tried.version}   canary, withdrawn`);
  const after = await homeostat(['explain', 'shop'], folder);
  expect(after.stdout).toContain(`rules/shop.json#/policies/0 · version`);
  expect(after.stdout).not.toContain('canary');
  second.child.kill('SIGTERM');
  await second.ended;
  expect((await homeostat(['replay', '--verify'], folder)).status).toBe(0);
});

async function feed(folder: string, value: number): Promise<void> {
  const { url, token } = JSON.parse(readFileSync(join(folder, '.homeostat', 'api.json'), 'utf8'));
  await fetch(`${url}/observations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ element: 'shop', property: 'responseTime', value }),
  });
  const journal = start(['journal', '--follow', '--json', '--after', '0'], folder);
  await journal.said('"kind":"symptom"');
  journal.child.kill();
}
