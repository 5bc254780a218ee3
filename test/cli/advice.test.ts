import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith, homeostat, MANAGER, type Program, RULES, startManager, tidyUp } from './homeostat.ts';

let folder: string;
let manager: Program;
beforeEach(async () => {
  const policies = [{ ...RULES.policies[0], why: 'people leave', mode: 'advise', advise: { within: '10m' } }];
  folder = folderWith({ 'homeostat.json': { mode: 'act', ...MANAGER }, 'rules/shop.json': { policies } });
  manager = await startManager(folder);
});
afterEach(tidyUp);

interface Listed {
  readonly advice: readonly { readonly id: string; readonly state: string }[];
}

/** Makes the shop slow, and waits until somebody is asked. */
async function asked(): Promise<string> {
  const { url, token } = JSON.parse(readFileSync(join(folder, '.homeostat', 'api.json'), 'utf8'));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ element: 'shop', property: 'responseTime', value: 300 });
  await fetch(`${url}/observations`, { method: 'POST', headers, body });
  for (;;) {
    const { advice } = (await (await fetch(`${url}/advice`, { headers })).json()) as Listed;
    if (advice[0] !== undefined) return advice[0].id;
  }
}

async function stop(): Promise<void> {
  manager.child.kill();
  await manager.ended;
}

test('what is asked reads as people read it, is first in the status, and can be approved by its short id', async () => {
  expect(await homeostat(['advice'], folder)).toMatchObject({ status: 0, stdout: 'nothing is asked of people\n' });
  const id = await asked();
  const listed = await homeostat(['approve'], folder);
  expect(listed.status).toBe(0);
  expect(listed.stdout.split('\n')).toEqual([
    'asked of people',
    `  ${id}   scale to 2 on shop, for add-server-when-slow`,
    '    because   responseTime 300 > 200, servers 1 < maxServers 3',
    '    why       people leave',
    expect.stringMatching(/^ {4}asked {5}.* ago, .* left; without an answer it is dropped$/),
    `    answer    homeostat approve ${id}, or homeostat reject ${id} --reason TEXT`,
    '',
  ]);
  expect((await homeostat(['status'], folder)).stdout).toMatch(/^shop · act .*\n\nasked of people\n.*\n(?: {4}.*\n)+\nshop \(farm\)\n/);
  const approved = await homeostat(['approve', id.replace('shop.', ''), '--reason', 'the sale', '--author', 'ann'], folder);
  expect(approved.stdout).toMatch(
    new RegExp(`^approved ${id}: scale to 2 on shop, for add-server-when-slow \\(command shop\\.[0-9]+\\.0\\)\n$`),
  );
  const journal = await homeostat(['journal', '--json', '--limit', '1000'], folder);
  expect(journal.stdout).toContain(`"advice":"${id}","approvedBy":"ann","approvedFor":"the sale"`);
  expect(await homeostat(['approve', id], folder)).toMatchObject({ status: 2, stderr: expect.stringContaining('H005') });
});

test('a held approval says which gate, and a rejection needs a reason', async () => {
  const id = await asked();
  await homeostat(['pause', '--all', '--reason', 'wait', '--author', 'bob'], folder);
  const held = await homeostat(['approve', id, '--author', 'ann'], folder);
  expect(held).toMatchObject({ status: 0, stdout: expect.stringContaining(`approved ${id}; it is held back by paused: by bob`) });
  expect((await homeostat(['advice'], folder)).stdout).toMatch(/ {4}approved {2}by ann; a gate holds it back, .* left\n$/);
  expect(await homeostat(['reject', id], folder)).toMatchObject({ status: 2, stderr: expect.stringContaining('say why') });
  expect(await homeostat(['reject', id, '--reason', 'a mistake', '--json'], folder)).toMatchObject({
    status: 0,
    stdout: `{"id":"${id}","is":"rejected"}\n`,
  });
});

test('what is asked outlives the manager, and is listed from its folder and answered after a restart', async () => {
  const id = await asked();
  await stop();
  const listed = await homeostat(['advice', '--json', '--manager', folder], '/');
  expect(JSON.parse(listed.stdout)).toMatchObject({ advice: [{ id, state: 'open', params: { to: 2 } }] });
  expect(await homeostat(['approve', id], folder)).toMatchObject({ status: 3, stderr: expect.stringContaining('H305') });
  manager = await startManager(folder);
  expect((await homeostat(['approve', id], folder)).stdout).toContain(`approved ${id}`);
});
