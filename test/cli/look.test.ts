import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith, homeostat, type Program, shop, startManager, tidyUp } from './homeostat.ts';

let folder: string;
let manager: Program;
beforeEach(async () => {
  folder = shop();
  manager = await startManager(folder);
});
afterEach(tidyUp);

interface Status {
  readonly now: number;
  readonly elements: readonly { readonly readings: Readonly<Record<string, { readonly value: unknown }>> }[];
}

/** Observes a response time, and looks until a reading is as it should be. */
async function observe(value: number, reading: string, becomes: number): Promise<Status> {
  const { url, token } = JSON.parse(readFileSync(join(folder, '.homeostat', 'api.json'), 'utf8'));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ element: 'shop', property: 'responseTime', value });
  await fetch(`${url}/observations`, { method: 'POST', headers, body });
  for (;;) {
    const status = (await (await fetch(`${url}/status`, { headers })).json()) as Status;
    if (status.elements[0]?.readings[reading]?.value === becomes) return status;
  }
}

async function stop(): Promise<void> {
  manager.child.kill();
  await manager.ended;
}

test('status is the same from a running manager and from its folder', async () => {
  await observe(300, 'servers', 2);
  const running = await homeostat(['status'], folder);
  expect(running.status).toBe(0);
  expect(running.stdout).toMatch(/^shop · act · 1 policy · step [0-9]+ · running as process [0-9]+\n\nshop \(farm\)\n/);
  expect(running.stdout).toMatch(/ {2}responseTime {3}300 ms {3}[0-9.]+ m?s old\n/);
  expect(running.stdout).toMatch(/ {2}maxServers {5}3 {8}given\n/);
  expect(running.stdout).toMatch(/symptoms\n {2}add-server-when-slow on shop {3}for .* {3}held by cooldown: .* left\n/);
  await stop();
  const later = await homeostat(['status', '--manager', join(folder, 'homeostat.json')], '/');
  expect(later.stdout).toMatch(/^shop · act · 1 policy · step [0-9]+ · not running; this is .*\.homeostat as of /);
  expect(later.stdout).toMatch(/ {2}servers {8}2 /);
  for (const path of [folder, join(folder, '.homeostat')])
    expect(JSON.parse((await homeostat(['status', '--json', '-m', path], '/')).stdout)).toMatchObject({ running: false, domain: 'shop' });
});

test('explain reads as the design shows it, now and at an earlier time', async () => {
  const { now: before } = await observe(100, 'responseTime', 100);
  await observe(500, 'servers', 2);
  const { status, stdout } = await homeostat(['explain', 'shop', 'add-server-when-slow'], folder);
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^shop · add-server-when-slow · rules\/shop\.json#\/policies\/0 · version [0-9a-f]{7} of [0-9a-f]{12}$/);
  expect(lines[1]).toMatch(/^held back now by cooldown: .* left$/);
  expect(lines[2]).toMatch(/^ {2}conditions {6}true for /);
  expect(lines[3]).toMatch(/^ {4}✓ responseTime 300 > 200 {5}mean over 10 s, .* old$/);
  expect(lines[4]).toMatch(/^ {4}✓ servers 2 < maxServers 3 {3}servers .* old$/);
  expect(lines[5]).toMatch(/^ {2}gates {11}✓ set-aside {3}✓ for {3}✓ dead-zone {3}✗ cooldown {3}· settling/);
  expect(lines.at(-1)).toMatch(/^ {2}last acted {6}[0-9:]+ scale to 2 on shop → succeeded$/);

  const earlier = await homeostat(['explain', 'shop', 'add-server-when-slow', '--at', String(before)], folder);
  expect(earlier.stdout).toContain('not raised: responseTime 100 > 200 (100 short)');
  expect(earlier.stdout).toContain('✗ responseTime 100 > 200');
  expect(earlier.stdout).toContain('last acted      never');
  expect(await homeostat(['explain', 'shop', '--at', '1999-01-01T00:00:00Z'], folder)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/cannot be explained: the recording begins at/),
  });
  expect(await homeostat(['explain', 'shop', '--at', 'yesterday'], folder)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('give 2026-01-31T12:00:00Z'),
  });

  await stop();
  const [explanation] = JSON.parse((await homeostat(['explain', 'shop', '--json'], folder)).stdout).explanations;
  expect(explanation).toMatchObject({
    policy: 'add-server-when-slow',
    symptom: 'raised',
    conditions: { kind: 'all', truth: true },
    lastActed: { outcome: 'succeeded' },
  });
  expect(await homeostat(['explain', 'shp'], folder)).toMatchObject({
    status: 2,
    stderr: 'H005  no element is named "shp"; did you mean "shop"?\n',
  });
});

test('the journal is told from the oldest to the newest, one line an entry', async () => {
  await observe(300, 'servers', 2);
  const { stdout } = await homeostat(['journal'], folder);
  expect(stdout).toMatch(
    /\n[0-9:]+ {2}command {5}scale to 2 on shop, for add-server-when-slow\n[0-9:]+ {2}outcome {5}scale on shop succeeded/,
  );
  await stop();
  const lines = (await homeostat(['journal', '--after', '0', '--limit', '3', '--json'], folder)).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).seq)).toEqual([1, 2, 3]);
});

test('pause and resume are in the journal with reason and author', async () => {
  expect(await homeostat(['pause', '--all', '--reason', 'fire', '--author', 'ann'], folder)).toMatchObject({
    status: 0,
    stdout: 'paused everything; end it with homeostat resume\n',
  });
  expect(await homeostat(['resume', '--all', '--reason', 'out', '--author', 'ann'], folder)).toMatchObject({
    status: 0,
    stdout: 'resumed everything: ended 1 pause (held back 0)\n',
  });
  expect(await homeostat(['resume', '--all', '--reason', 'again', '--author', 'ann'], folder)).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('there was no pause of everything'),
  });
  expect(
    JSON.parse((await homeostat(['pause', '--policy', 'add-server-when-slow', '--for', '10m', '--reason', 'x', '--json'], folder)).stdout),
  ).toMatchObject({ scope: { policy: 'add-server-when-slow' }, until: expect.any(Number) });
  const { stdout } = await homeostat(['journal'], folder);
  expect(stdout).toContain('ann paused everything: fire');
  expect(stdout).toContain('ann resumed everything: out');
});

test('a pause without scope or reason, of a misspelt name or in a wrong span is refused', async () => {
  expect(await homeostat(['pause', '--reason', 'x'], folder)).toMatchObject({
    status: 2,
    stderr: 'H501  say what: --element ID, --type NAME, --policy NAME, --label NAME=VALUE, --concern NAME, --direction up|down or --all\n',
  });
  expect(await homeostat(['pause', '--all'], folder)).toMatchObject({ status: 2, stderr: expect.stringContaining('--reason') });
  expect(await homeostat(['pause', '--all', '--element', 'shop', '--reason', 'x'], folder)).toMatchObject({ status: 2 });
  expect(await homeostat(['pause', '--element', 'shp', '--reason', 'x'], folder)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('did you mean "shop"?'),
  });
  expect(await homeostat(['pause', '--all', '--for', 'ever', '--reason', 'x'], folder)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('a span of time'),
  });
  await stop();
  expect(await homeostat(['pause', '--all', '--reason', 'x'], folder)).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/^H305 {2}no manager runs on .*; start it with homeostat run/),
  });
});

test('where nothing was ever run, all say so', async () => {
  const nothing = folderWith();
  for (const command of [['status'], ['explain', 'shop'], ['journal'], ['replay', '--verify']]) {
    const { status, stdout } = await homeostat(command, nothing);
    expect([2, 3]).toContain(status);
    expect(stdout).toBe('');
  }
});
