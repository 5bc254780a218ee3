import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { homeostat, shop, start, startManager, tidyUp } from './homeostat.ts';

afterEach(tidyUp);

/** Runs a manager through one decision. */
async function recorded(): Promise<string> {
  const folder = shop();
  const manager = await startManager(folder);
  const { url, token } = JSON.parse(readFileSync(join(folder, '.homeostat', 'api.json'), 'utf8'));
  const journal = start(['journal', '--follow'], folder);
  await fetch(`${url}/observations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"element":"shop","property":"responseTime","value":300}',
  });
  await journal.said('scale on shop succeeded');
  manager.child.kill();
  await manager.ended;
  return folder;
}

/** Changes what is stored in one table of a folder. */
async function falsify(folder: string, table: string, change: (text: string) => string): Promise<void> {
  const root = open({ path: join(folder, '.homeostat', 'homeostat.mdb'), maxDbs: 12, noSubdir: true });
  const entries = root.openDB<string, number>({ name: table, encoding: 'string' });
  await root.batch(() => {
    for (const { key, value } of entries.getRange({})) entries.put(key, change(value));
  });
  await root.close();
}

test('every decision of a run can be derived again', async () => {
  const folder = await recorded();
  const { status, stdout } = await homeostat(['replay', '--verify', folder, '--json'], '/');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ verified: true, from: 1, differences: 0, first: [], forgotten: 0, commands: 1 });
  expect((await homeostat(['replay', '--verify'], folder)).stdout).toContain('differences   none: every decision can be derived again');
});

test('a decision that was falsified is found', async () => {
  const folder = await recorded();
  await falsify(folder, 'journal', (text) => text.replace('"to":2', '"to":3'));
  const { status, stdout } = await homeostat(['replay', '--verify', '--json'], folder);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    verified: false,
    differences: 1,
    first: [{ what: 'journal', stored: expect.stringContaining('"to":3'), replayed: expect.stringContaining('"to":2') }],
  });
});

test('an input that was falsified is found by the state that comes of it', async () => {
  const folder = await recorded();
  await falsify(folder, 'steps', (text) => text.replace(/([,[])300([,\]])/, '$1301$2'));
  const { status, stdout } = await homeostat(['replay', '--verify', '--json'], folder);
  expect(status).toBe(1);
  expect(JSON.parse(stdout).first).toEqual(expect.arrayContaining([expect.objectContaining({ what: 'hash' })]));
});

test('replay without --verify says what it can do', async () => {
  expect(await homeostat(['replay'], '/')).toMatchObject({ status: 2, stderr: expect.stringContaining('replay --verify') });
});
