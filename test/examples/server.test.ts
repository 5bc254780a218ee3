import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { call, FARM, start, until } from './farm.ts';

test('a server serves only so many at once, and the others first come, first served', async () => {
  const server = await start('server', { 'service-ms': 60, concurrency: 2 });
  const answers = await Promise.all(Array.from({ length: 7 }, () => call('GET', `${server.url}/`)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(7).fill(200));

  const served = await until('all are logged', () => server.lines('request').length === 7 && server.lines('request'));
  const spans = served.map((line) => ({ received: Number(line.received), began: Number(line.began), end: line.time }));
  for (const { began } of spans) expect(spans.filter((span) => span.began <= began && began < span.end).length).toBeLessThanOrEqual(2);
  const byArrival = [...spans].sort((a, b) => a.received - b.received).map((span) => span.began);
  expect(byArrival).toEqual([...byArrival].sort((a, b) => a - b));
  expect(Math.max(...spans.map((span) => span.end)) - Math.min(...spans.map((span) => span.began))).toBeGreaterThanOrEqual(4 * 60 - 5);
});

test('a server publishes requests, errors, pending and a progress counter, and refuses what its queue does not hold', async () => {
  const server = await start('server', { 'service-ms': 300, concurrency: 1, queue: 1 });
  const work = Array.from({ length: 3 }, () => call('GET', `${server.url}/`));
  const busy = await until('three have come', async () => {
    const { body } = await call('GET', `${server.url}/stats`);
    return body.requests === 3 && body;
  });
  expect(busy).toMatchObject({ errors: 1, completed: 0, active: 1, waiting: 1, pending: 2, pid: server.pid, draining: false });
  expect((await Promise.all(work)).map((answer) => answer.status).sort()).toEqual([200, 200, 503]);
  expect((await call('GET', `${server.url}/stats`)).body).toMatchObject({ completed: 2, pending: 0 });
});

test('on TERM a server calls itself draining, accepts for a while yet, finishes all that it has, and exits', async () => {
  const server = await start('server', { 'service-ms': 150, concurrency: 1, 'linger-ms': 200 });
  expect(await call('GET', `${server.url}/health`)).toEqual({ status: 200, body: { status: 'ok', pid: server.pid } });
  const before = [call('GET', `${server.url}/`), call('GET', `${server.url}/`)];
  await until('both have come', async () => (await call('GET', `${server.url}/stats`)).body.requests === 2);
  server.child.kill('SIGTERM');
  await until('it is draining', () => server.lines('term').length === 1);
  expect(await call('GET', `${server.url}/health`)).toEqual({ status: 503, body: { status: 'draining', pid: server.pid } });
  const late = call('GET', `${server.url}/`);
  expect((await Promise.all([...before, late])).map((answer) => answer.status)).toEqual([200, 200, 200]);
  expect(await server.ended).toBe(0);
  await expect(call('GET', `${server.url}/`)).rejects.toThrow();
});

test('the programs refuse arguments that they do not understand, and end by themselves when their time is up', async () => {
  const run = (...flags: string[]) =>
    spawnSync(process.execPath, [join(FARM, 'server.js'), ...flags], { encoding: 'utf8', timeout: 10_000 });
  expect(run('--port', 'x', '--log', '/dev/null')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--port must be a number from 0, not "x"'),
  });
  expect(run('--log', '/dev/null')).toMatchObject({ status: 2, stderr: expect.stringContaining('--port is missing') });
  expect(run('--prot', '1')).toMatchObject({ status: 2, stderr: expect.stringContaining('--prot') });
  const short = await start('server', { 'lifetime-ms': 300 });
  expect(await short.ended).toBe(0);
  expect(short.lines('end')).toMatchObject([{ reason: 'lifetime' }]);
});
