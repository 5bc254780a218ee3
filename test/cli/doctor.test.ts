import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { homeostat, MANAGER, put, shop, start, startManager, tidyUp } from './homeostat.ts';

afterEach(tidyUp);

test('doctor prints what it finds as it finds it, and ends with what it came to', async () => {
  const folder = shop();
  const well = await homeostat(['doctor'], folder);
  expect(well.status).toBe(0);
  expect(well.stdout).toMatch(/^ok {8}node {14}Node /m);
  expect(well.stdout).toMatch(/ well/);

  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  put(folder, 'homeostat.json', { mode: 'act', ...MANAGER, api: { port } });
  const taken = await homeostat(['doctor', '--json'], folder);
  expect(taken.status).toBe(1);
  const { checks } = JSON.parse(taken.stdout) as {
    checks: { name: string; result: string; troubles: { cause: string; remedy: string }[] }[];
  };
  expect(checks.find(({ name }) => name === 'api.port')).toMatchObject({
    result: 'error',
    troubles: [{ cause: `port ${port} of 127.0.0.1 is in use by another program` }],
  });
  await new Promise((resolve) => other.close(resolve));

  put(folder, 'homeostat.json', { mode: 'act', ...MANAGER, mqtt: { url: `mqtt://127.0.0.1:${port}` } });
  const away = await homeostat(['doctor'], folder);
  expect(away.status).toBe(3);
  expect(away.stdout).toMatch(/^away {6}mqtt {14}nothing listens at 127\.0\.0\.1:\d+$/m);
  expect(away.stdout).toMatch(/^skipped {3}mqtt\.login {8}mqtt must be right first$/m);
});

test('doctor says what is wrong with the file before it looks at anything', async () => {
  const folder = shop();
  put(folder, 'homeostat.json', { ...MANAGER, api: { prot: 1 } });
  const wrong = await homeostat(['doctor', '--json'], folder);
  expect(wrong.status).toBe(1);
  expect(JSON.parse(wrong.stdout)).toMatchObject({ checks: [], findings: [{ code: 'H004', pointer: '/api/prot' }] });
  expect((await homeostat(['doctor', 'none.json'], folder)).status).toBe(2);
});

test('a command is sent with the token that is given, by option or variable, and may do what that may', async () => {
  const sha256 = createHash('sha256').update('only-reads').digest('hex');
  const folder = shop({ api: { tokens: [{ name: 'reader', roles: ['read'], sha256 }] } });
  await startManager(folder);
  expect((await homeostat(['status', '--json', '--token', 'only-reads'], folder)).status).toBe(0);
  const refused = await homeostat(['pause', '--all', '--reason', 'a test', '--token', 'only-reads', '--json'], folder);
  expect(refused.status).toBe(3);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    error: { code: 'H340', message: expect.stringContaining('token "reader" may not do this') },
  });
  process.env.HOMEOSTAT_TOKEN = 'wrong';
  const wrong = start(['status', '--json'], folder);
  delete process.env.HOMEOSTAT_TOKEN;
  expect((await wrong.ended).stdout).toContain('H306');
  const paused = await homeostat(['pause', '--all', '--reason', 'a test', '--author', 'ann'], folder);
  expect(paused.status).toBe(0);
  const journal = await homeostat(['journal'], folder);
  expect(journal.stdout).toContain('ann, with token "owner" from 127.0.0.1: pause everything: a test');
});
