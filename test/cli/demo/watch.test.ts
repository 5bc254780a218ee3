import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectToApi, numberOf } from '../../../src/cli/demo/api.ts';
import { startNode } from '../../../src/cli/demo/child.ts';
import { isGone, leftServers } from '../../../src/cli/demo/left.ts';
import { Watch } from '../../../src/cli/demo/watch.ts';
import { SystemClock } from '../../../src/clock.ts';

let folder: string;
let server: Server;
let answers: Record<string, unknown>;
const asked: { url: string; authorization: string | undefined }[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'demo-watch-'));
  asked.length = 0;
  answers = {};
  server = createServer((request, response) => {
    asked.push({ url: request.url!, authorization: request.headers.authorization });
    const path = request.url!.split('?')[0]!;
    const after = Number(/after=(\d+)/.exec(request.url!)?.[1] ?? 0);
    const known =
      path === '/journal' ? { entries: ((answers[path] as { seq: number }[]) ?? []).filter(({ seq }) => seq > after) } : answers[path];
    response.statusCode = known === undefined ? 404 : 200;
    response.end(JSON.stringify(known ?? { error: 'nothing here' }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const appear = (): void =>
  writeFileSync(
    join(folder, 'api.json'),
    JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'secret-token', pid: 7 }),
  );

const status = (now: number, to?: number) => ({
  now,
  step: 1,
  mode: 'act',
  elements: [{ id: 'web', type: 'farm', readings: { load: { value: 45 }, p95: { value: null, why: 'stale' }, servers: { value: 3 } } }],
  symptoms: [],
  commands: to === undefined ? [] : [{ id: 'web.1.0', policy: 'p', element: 'web', command: 'scale', params: { to }, state: 'sent' }],
});

test('the API of a manager is found by its folder, and asked with its token', async () => {
  await expect(connectToApi(folder)).rejects.toMatchObject({ code: 'H305' });
  appear();
  const api = await connectToApi(folder);
  answers['/status'] = status(5);
  expect(numberOf(await api.status(), 'web', 'load')).toBe(45);
  expect(asked).toEqual([{ url: '/status', authorization: 'Bearer secret-token' }]);
  await expect(api.history('web', 'p95', 0, 9)).rejects.toMatchObject({ code: 'H305', message: expect.stringContaining('404') });
});

test('a watch keeps what it saw over the death and return of the manager; what was unknown is null', async () => {
  const watch = new Watch(folder, new SystemClock());
  await watch.look();
  expect(watch.live.managerAway).toBe(true);

  appear();
  answers = {
    '/status': status(10),
    '/journal': [
      { seq: 1, step: 1 },
      { seq: 2, step: 1 },
    ],
  };
  await watch.look();
  expect(watch.live.managerAway).toBe(false);
  expect(watch.points).toEqual([{ time: 10, load: 45, p95: null, servers: 3, listed: null }]);

  rmSync(join(folder, 'api.json'));
  answers = {};
  await watch.look();
  expect(watch.live).toMatchObject({ managerAway: true, status: { now: 10 } });

  appear();
  answers = {
    '/status': status(20),
    '/journal': [
      { seq: 1, step: 1 },
      { seq: 2, step: 1 },
      { seq: 3, step: 2 },
    ],
  };
  await watch.look();
  expect(watch.journal.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(watch.points.map(({ time }) => time)).toEqual([10, 20]);
});

test('the farm is growing while a command for more servers is under way', async () => {
  appear();
  const watch = new Watch(folder, new SystemClock());
  const look = async (to?: number) => {
    answers = { '/status': status(1, to), '/journal': [] };
    await watch.look();
    return watch.growing();
  };
  expect(await look()).toBe(false);
  expect(await look(5)).toBe(true);
  expect(await look(2)).toBe(false);
});

test('a child of the demo is stopped, by KILL if it does not heed TERM, and servers of a run are found by where they run', async () => {
  const clock = new SystemClock();
  const options = { cwd: folder, environment: {}, output: join(folder, 'out'), clock };
  const polite = startNode(['-e', 'setInterval(() => {}, 1000)'], options);
  expect(await polite.stop(5_000)).toBe('SIGTERM');
  expect(await isGone(polite.pid)).toBe(true);

  writeFileSync(join(folder, 'server.js'), "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)");
  const deaf = startNode(['server.js', '--port', '1'], options);
  while (!readFileSync(join(folder, 'out'), 'utf8').includes('up')) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await leftServers(folder)).toEqual([deaf.pid]);
  expect(await deaf.stop(50)).toBe('SIGKILL');
  expect(await leftServers(folder)).toEqual([]);
});
