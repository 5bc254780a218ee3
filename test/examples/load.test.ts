import { createServer, type Socket } from 'node:net';
import { call, start, until } from './farm.ts';

test('the load generator is an open loop: it sends on although nobody answers, and counts what took too long as failed', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  try {
    await until('it listens', () => silent.listening);
    const load = await start('load', { target: (silent.address() as { port: number }).port, rate: 200, 'timeout-ms': 400 });
    const stats = async () => (await call('GET', `${load.url}/stats`)).body as Record<string, number>;
    await until('a hundred are sent', async () => (await stats()).sent! >= 100);
    expect((await call('PUT', `${load.url}/rate`, { rate: 0 })).body).toEqual({ rate: 0 });
    const done = await until('none is pending', async () => (await stats()).pending === 0 && (await stats()));
    expect(done.ok).toBe(0);
    expect(done.failed).toBe(done.sent);

    const lines = load.lines('request').sort((a, b) => Number(a.sent) - Number(b.sent));
    expect(lines.every((line) => line.reason === 'timeout' && Number(line.ms) >= 395)).toBe(true);
    // 200 a second, at random: a hundred take half a second, give or take a tenth; a generator that waits would need 40 s.
    expect(Number(lines[99]!.sent) - Number(lines[0]!.sent)).toBeLessThan(2_000);
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
  }
});

test('the rate is changed by HTTP; on TERM it waits for what is under way and says what came of all', async () => {
  const server = await start('server', { 'service-ms': 50, concurrency: 100 });
  const load = await start('load', { target: server.port });
  expect((await call('PUT', `${load.url}/rate`, { rate: 'fast' })).status).toBe(400);
  expect((await call('GET', `${load.url}/stats`)).body).toMatchObject({ sent: 0, rate: 0 });
  await call('PUT', `${load.url}/rate`, { rate: 100 });
  await until('ten have been answered', () => load.lines('request').length >= 10);
  load.child.kill('SIGTERM');
  expect(await load.ended).toBe(0);
  const [end] = load.lines('end');
  expect(end).toMatchObject({ failed: 0, pending: 0, skipped: 0 });
  expect(end!.ok).toBe(end!.sent);
  expect(load.lines('request')).toHaveLength(Number(end!.sent));
  expect(load.lines('rate').map((line) => line.rate)).toEqual([0, 100, 0]);
});

test('the load generator is bounded: in requests and in time', async () => {
  const server = await start('server', { 'service-ms': 1 });
  const load = await start('load', { target: server.port, rate: 500, 'max-requests': 20, 'lifetime-ms': 1_500 });
  expect(await load.ended).toBe(0);
  expect(load.lines('request')).toHaveLength(20);
});
