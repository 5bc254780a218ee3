import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { homeostat, MANAGER, put, RULES, shop, start, startManager, tidyUp } from './homeostat.ts';

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

const SLOWER = (limit: number) => ({
  ...RULES,
  policies: [
    {
      ...RULES.policies[0],
      conditions: {
        all: [
          { fact: 'responseTime', operator: 'greaterThan', value: limit },
          { fact: 'servers', operator: 'lessThan', value: { fact: 'maxServers' } },
        ],
      },
    },
  ],
});

test('a recorded run goes through its own policies, through others, and through another manager file', async () => {
  const folder = await recorded();
  const own = await homeostat(['replay', '--policies', 'rules/shop.json', '--json'], folder);
  expect(own.status).toBe(0);
  expect(JSON.parse(own.stdout)).toMatchObject({
    differences: 0,
    departures: { modelled: 0, outcomes: 0, answers: 0, steps: 0 },
    totals: [{ policy: 'add-server-when-slow', counts: { command: { recorded: 1, other: 1, both: 1 } } }],
  });
  expect(JSON.parse(own.stdout).decisions).toContainEqual(
    expect.objectContaining({
      element: 'shop',
      policy: 'add-server-when-slow',
      kind: 'command',
      what: 'scale to 2',
      recorded: 'scale to 2 on shop, for add-server-when-slow',
      other: 'scale to 2 on shop, for add-server-when-slow',
    }),
  );
  expect((await homeostat(['replay', '--policies', 'homeostat.json', '.'], folder)).stdout).toContain(
    'none: the same would have been decided',
  );
  put(folder, 'other.json', SLOWER(400));
  const other = await homeostat(['replay', '--policies', 'other.json', '--html', 'out.html'], folder);
  expect(other).toMatchObject({ status: 1, stderr: '' });
  expect(other.stdout).toMatch(/^- +\S+ +shop +add-server-when-slow +scale to 2 +·$/m);
  expect(other.stdout).toMatch(/^add-server-when-slow +commands +1 +0 +0$/m);
  const page = readFileSync(join(folder, 'out.html'), 'utf8');
  expect(page).toContain('<title>1 decision to act, ');
  expect(page).toContain('>responseTime</text>');
  expect(page).toMatch(/<circle class="was"[^>]*><title>[^<]*scale to 2<\/title>/);
  expect(page).not.toMatch(/<script|https?:|src=|href=/);
  put(folder, 'observing.json', { ...MANAGER, mode: 'observe' });
  const observing = JSON.parse((await homeostat(['replay', '--policies', 'observing.json', '--json'], folder)).stdout);
  expect(observing.totals[0].counts).toMatchObject({ command: { recorded: 1, other: 0 }, would: { recorded: 0, other: 1 } });
  const later = await homeostat(['replay', '--policies', 'rules/shop.json', '--from', '2099-01-01'], folder);
  expect(later).toMatchObject({ status: 2, stderr: expect.stringContaining('nothing is recorded of that time') });
});

test('files that cannot take the place of what was in force are refused with what is wrong in them', async () => {
  const folder = await recorded();
  put(folder, 'other.json', JSON.parse(JSON.stringify(SLOWER(400)).replace('"responseTime"', '"responseTmie"')));
  const wrong = await homeostat(['replay', '--policies', 'other.json'], folder);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain('did you mean "responseTime"?');
  expect(await homeostat(['replay', '--policies', 'nothing.json'], folder)).toMatchObject({ status: 2 });
  const both = await homeostat(['replay', '--policies', 'homeostat.json', '--policies', 'rules/shop.json'], folder);
  expect(both).toMatchObject({ status: 2, stderr: expect.stringContaining('give it alone') });
  const influx = await homeostat(['replay', '--policies', 'rules/shop.json', '--influx'], folder);
  expect(influx).toMatchObject({ status: 2, stderr: expect.stringContaining('say from when on') });
  const none = await homeostat(['replay', '--policies', 'rules/shop.json', '--influx', '--from', '-5m'], folder);
  expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('names no InfluxDB under history') });
  const verify = await homeostat(['replay', '--verify', '--from', '-5m'], folder);
  expect(verify).toMatchObject({ status: 2, stderr: expect.stringContaining('--from goes with --policies') });
});
