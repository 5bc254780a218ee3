import { call, freePort, start, until } from './farm.ts';

const get = (url: string) => call('GET', `${url}/`);

test('a balancer takes the servers of its list in turn', async () => {
  const servers = [await start('server', { 'service-ms': 1 }), await start('server', { 'service-ms': 1 })];
  const balancer = await start('balancer', { servers: servers.map((server) => server.port).join(',') });
  for (let i = 0; i < 6; i++) expect((await get(balancer.url)).status).toBe(200);
  for (const { port } of servers) {
    expect((await call('GET', `${balancer.url}/admin/servers/${port}`)).body).toMatchObject({
      listed: true,
      sent: 3,
      answered: 3,
      pending: 0,
    });
  }
});

test('a refused connection goes on to another server, so nobody notices', async () => {
  const nobody = await freePort();
  const server = await start('server', { 'service-ms': 1 });
  const balancer = await start('balancer', { servers: `${nobody},${server.port}` });
  for (let i = 0; i < 8; i++) expect((await get(balancer.url)).status).toBe(200);
  const stats = (await call('GET', `${balancer.url}/admin/stats`)).body;
  expect(stats).toMatchObject({ requests: 8, ok: 8, failed: 0, pending: 0 });
  expect(stats.retries).toBeGreaterThanOrEqual(1);
  expect(balancer.lines('request').some((line) => String(line.refused) === String(nobody) && line.server === server.port)).toBe(true);
});

test('a request that broke after it was sent is not sent twice', async () => {
  const victim = await start('server', { 'service-ms': 5_000 });
  const other = await start('server', { 'service-ms': 1 });
  const balancer = await start('balancer', { servers: victim.port });
  const answer = get(balancer.url);
  await until('it has come', async () => (await call('GET', `${victim.url}/stats`)).body.requests === 1);
  await call('PUT', `${balancer.url}/admin/servers/${other.port}`);
  victim.child.kill('SIGKILL');
  expect((await answer).status).toBe(502);
  expect((await call('GET', `${other.url}/stats`)).body).toMatchObject({ requests: 0 });
  expect(balancer.lines('request')).toMatchObject([{ status: 502, server: victim.port, reason: 'ECONNRESET', refused: [] }]);
});

test('the list is changed by HTTP; the same again changes nothing; an empty list answers 503', async () => {
  const server = await start('server', { 'service-ms': 1 });
  const balancer = await start('balancer');
  const address = `${balancer.url}/admin/servers/${server.port}`;
  expect((await get(balancer.url)).status).toBe(503);
  for (const method of ['PUT', 'PUT']) expect((await call(method, address)).body).toMatchObject({ listed: true });
  expect((await get(balancer.url)).status).toBe(200);
  for (const method of ['DELETE', 'DELETE']) expect((await call(method, address)).body).toMatchObject({ listed: false, answered: 1 });
  expect((await get(balancer.url)).status).toBe(503);
  expect([...balancer.lines('listed'), ...balancer.lines('delisted')]).toHaveLength(2);
  expect((await call('PUT', `${balancer.url}/admin/servers/x`)).status).toBe(400);
  expect((await call('GET', `${balancer.url}/admin/servers`)).body.servers).toHaveLength(1);
});

test('the pending requests of a frozen server are known from outside', async () => {
  const server = await start('server', { 'service-ms': 1 });
  const balancer = await start('balancer', { servers: server.port });
  expect((await get(balancer.url)).status).toBe(200);
  server.child.kill('SIGSTOP');
  const stuck = get(balancer.url);
  const seen = await until('it is pending', async () => {
    const { body } = await call('GET', `${balancer.url}/admin/servers/${server.port}`);
    return body.pending === 1 && body;
  });
  expect(seen).toMatchObject({ listed: true, sent: 2, answered: 1 });
  server.child.kill('SIGCONT');
  expect((await stuck).status).toBe(200);
});

test('a balancer ends with its standard input, that is with whoever started it', async () => {
  const balancer = await start('balancer');
  balancer.child.stdin!.end();
  expect(await balancer.ended).toBe(0);
});
