import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { readAddress, writeAddress } from '../../src/api/address.ts';
import { MANAGER, makeFolder, type Running, start } from './manager.ts';

let running: Running;
beforeEach(async () => {
  running = await start({ ...MANAGER, limits: { messageBytes: 2_000 } });
});
afterEach(() => running.stop());

test('the address and the token are for the eyes of their owner, and the address goes when the manager stops', async () => {
  const there = makeFolder();
  const first = await start(MANAGER, there);
  const address = JSON.parse(readFileSync(join(first.state, 'api.json'), 'utf8'));
  expect(address).toEqual({ url: first.api.url, token: first.api.token, pid: process.pid });
  expect(address.url).toMatch(/^http:\/\/127\.0\.0\.1:[0-9]+$/);
  expect(statSync(join(first.state, 'api.json')).mode & 0o777).toBe(0o600);
  expect(statSync(join(first.state, 'token')).mode & 0o777).toBe(0o600);
  await first.stop();
  expect(readAddress(first.state)).toBeUndefined();

  const second = await start(MANAGER, there);
  expect(second.api.token).toBe(first.api.token);
  await second.stop();
  rmSync(there.folder, { recursive: true });
});

test('a token of the manager file is taken as it is', async () => {
  const other = await start({ ...MANAGER, api: { token: 'open sesame' } });
  expect(readAddress(other.state)!.token).toBe('open sesame');
  await other.stop();
});

test('an address that a dead process left, or half of one, is none', () => {
  writeAddress(running.folder, { url: 'http://127.0.0.1:1', token: 'x', pid: 2 ** 22 + 1 });
  expect(readAddress(running.folder)).toBeUndefined();
  writeFileSync(join(running.folder, 'api.json'), '{"url": "http://127.0');
  expect(readAddress(running.folder)).toBeUndefined();
});

test('without the token there is no answer but whether the manager is well', async () => {
  const { url } = running.api;
  for (const authorization of [undefined, 'Bearer', `Bearer ${running.api.token}x`, running.api.token]) {
    const response = await fetch(`${url}/status`, { headers: authorization === undefined ? {} : { authorization } });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'H306', findings: [] });
  }
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true });
});

test('what is not there, and what is asked in the wrong way, is said with what is', async () => {
  expect(await running.ask('GET', '/statsu')).toMatchObject({
    status: 404,
    body: { code: 'H502', message: 'there is nothing at /statsu; did you mean "/status"?' },
  });
  expect(await running.ask('DELETE', '/status')).toMatchObject({ status: 405, body: { message: '/status takes GET, not DELETE' } });
  expect(await running.ask('GET', '/journal?limit=many')).toMatchObject({
    status: 400,
    body: { message: '"limit" is "many"; it must be a whole number from 1 to 10000' },
  });
  expect(await running.ask('GET', '/history?element=shop')).toMatchObject({
    status: 400,
    body: { message: '"property" is missing; add ?property=…' },
  });
  expect(await running.ask('GET', '/status?element=a&element=b')).toMatchObject({ status: 400 });
});

test('a body that is too large, no JSON, empty or of another type is refused with the remedy', async () => {
  expect(await running.ask('POST', '/observations', 'x'.repeat(3_000))).toMatchObject({
    status: 413,
    body: { code: 'H202', message: expect.stringContaining('2000 bytes (limits.messageBytes)') },
  });
  expect(await running.ask('POST', '/observations', '{"element": ')).toMatchObject({ status: 400, body: { code: 'H002' } });
  expect(await running.ask('POST', '/observations', '')).toMatchObject({ status: 400, body: { code: 'H002' } });
  expect(await running.ask('POST', '/observations', '12')).toMatchObject({ status: 400, body: { code: 'H003' } });
  expect(await running.ask('POST', '/observations', 'a=1', { 'content-type': 'text/plain' })).toMatchObject({
    status: 415,
    body: { code: 'H502' },
  });
});

test('a port in use is said with its number and the remedy, and leaves the folder free', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const there = makeFolder({ ...MANAGER, api: { port } });
  await expect(start(undefined, there)).rejects.toMatchObject({
    code: 'H304',
    message: `port ${port} of 127.0.0.1 is in use; name another under api.port in the manager file, or 0 for any free one`,
  });
  await new Promise((resolve) => other.close(resolve));
  const second = await start(undefined, there);
  await second.stop();
  rmSync(there.folder, { recursive: true });
});
