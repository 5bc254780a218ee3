import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { request as secure } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Access, credentialIn } from '../../src/api/access.ts';
import { readAddress } from '../../src/api/address.ts';
import { RefusalLog } from '../../src/api/refusals.ts';
import { ROUTES } from '../../src/api/routes.ts';
import { rolesOf } from '../../src/api/server.ts';
import { call } from '../../src/cli/call.ts';
import { SimulatedClock } from '../../src/clock.ts';
import { loadConfiguration } from '../../src/config.ts';
import { ROLES } from '../../src/documents/api.ts';
import { makeCertificates } from '../certificates.ts';
import { MANAGER, makeFolder, type Running, start } from './manager.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const slow = { element: 'shop', property: 'responseTime', value: 300 };

let running: Running | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});
const withApi = async (api: object): Promise<Running> => {
  running = await start({ ...MANAGER, api });
  return running;
};
const tokenOf = (role: string): string => `token-of-${role}`;
const byRole = ROLES.map((role) => ({ name: `${role}-only`, roles: [role], sha256: sha256(tokenOf(role)) }));

test('each role opens what the table of routes says, and nothing else', async () => {
  const { ask } = await withApi({ tokens: byRole });
  for (const route of ROUTES.filter(({ open }) => open !== true)) {
    const path = route.path.replace(/:\w+|\*/g, 'nothing');
    for (const role of ROLES) {
      const { status, body } = await ask(route.method, path, route.method === 'POST' ? {} : undefined, bearer(tokenOf(role)));
      const allowed = rolesOf(route).includes(role) || (rolesOf(route).includes('read') && role !== 'feed');
      expect([route.method, path, role, status === 403]).toEqual([route.method, path, role, !allowed]);
      if (!allowed) expect(body).toMatchObject({ code: 'H340', message: expect.stringContaining(`token "${role}-only" may not do this`) });
    }
  }
});

test('what changes something is opened by no token that only reads', () => {
  for (const route of ROUTES.filter(({ method }) => method !== 'GET'))
    expect([route.path, rolesOf(route).includes('read')]).toEqual([route.path, false]);
});

test('a change is in the journal with who asked, by the token and not only by what the body says', async () => {
  const { ask, assembly } = await withApi({ tokens: [{ name: 'night-shift', roles: ['operate'], sha256: sha256('token-of-night') }] });
  const night = bearer('token-of-night');
  await ask('POST', '/pause', { scope: { policy: 'add-server-when-slow' }, reason: 'maintenance', author: 'the boss' }, night);
  await ask('POST', '/resume', { scope: {}, reason: 'over' }, night);
  await ask('POST', '/elements', { id: 'shop/one', type: 'device' }, night);
  await ask('DELETE', '/elements/shop/one', undefined, night);
  await ask('POST', '/reload', undefined, night);
  const { body } = await ask('GET', '/journal?after=0');
  const audit = body.entries.filter((entry: { kind: string }) => entry.kind === 'audit');
  expect(audit.map((entry: { data: object }) => entry.data)).toEqual([
    {
      action: 'pause',
      what: 'policy add-server-when-slow',
      author: 'the boss (night-shift)',
      token: 'night-shift',
      from: '127.0.0.1',
      reason: 'maintenance',
    },
    { action: 'resume', what: 'everything', author: 'night-shift', token: 'night-shift', from: '127.0.0.1', reason: 'over' },
    { action: 'add', what: 'shop/one', author: 'night-shift', token: 'night-shift', from: '127.0.0.1', reason: '' },
    { action: 'delete', what: 'shop/one', author: 'night-shift', token: 'night-shift', from: '127.0.0.1', reason: '' },
    expect.objectContaining({ action: 'reload', author: 'night-shift', what: expect.stringContaining('nothing changed') }),
  ]);
  const pause = body.entries.find((entry: { kind: string }) => entry.kind === 'pause');
  expect(pause.text).toContain('the boss (night-shift) paused');
  expect(pause.step).toBe(audit[0].step);
  expect(assembly.manager.state.pauses.size).toBe(0);
});

test("the owner's token does not say who holds it: an author must", async () => {
  const { ask } = await withApi({});
  expect(await ask('POST', '/pause', { scope: {}, reason: 'x' })).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('"author" is missing') },
  });
});

test('too many wrong tokens of an address, and too many requests of a token, are refused, counted, and let in again with time', () => {
  const clock = new SimulatedClock(1_000);
  const access = new Access({
    api: {
      limits: { failuresPerMinute: 3 },
      tokens: [{ name: 'slow', roles: ['read'], sha256: sha256('slow-token'), requestsPerSecond: 2 }],
    },
    owner: { token: 'made-by-us', made: true },
    secrets: { environment: {}, directory: '/' },
    clock,
    messageBytes: 1_000,
  });
  const admit =
    (token: string, from = '10.0.0.1') =>
    () =>
      access.admit({ authorization: `Bearer ${token}`, from }, ['read']);
  expect([admit('slow-token')().name, admit('slow-token')().name]).toEqual(['slow', 'slow']);
  expect(admit('slow-token')).toThrow(
    expect.objectContaining({ status: 429, message: expect.stringContaining('wait 500 ms') }) as unknown as Error,
  );
  expect(admit('slow-token', '10.0.0.2')().name).toBe('slow');
  clock.advanceTo(1_500);
  expect(admit('slow-token')().name).toBe('slow');
  for (let i = 0; i < 3; i++) expect(admit('wrong')).toThrow(expect.objectContaining({ status: 401 }) as unknown as Error);
  clock.advanceTo(3_000);
  expect(admit('slow-token')).toThrow(
    expect.objectContaining({ status: 429, message: expect.stringContaining('10.0.0.1 sent too many wrong tokens') }),
  );
  clock.advanceTo(70_000);
  expect(admit('slow-token')().name).toBe('slow');
  expect(access.refused).toEqual({ token: 3, role: 0, rate: 2, size: 0 });
  // On this machine a wrong token of one program does not shut the door to others.
  for (let i = 0; i < 3; i++) expect(admit('wrong', '127.0.0.1')).toThrow(expect.objectContaining({ status: 401 }) as unknown as Error);
  expect(admit('wrong', '127.0.0.1')).toThrow(expect.objectContaining({ status: 429 }) as unknown as Error);
  expect(admit('slow-token', '127.0.0.1')().name).toBe('slow');
  expect(access.refused).toEqual({ token: 6, role: 0, rate: 3, size: 0 });
  // A token that we made ourselves is for this machine.
  expect(admit('made-by-us')).toThrow(expect.objectContaining({ status: 401 }) as unknown as Error);
  for (const here of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect(admit('made-by-us', here)().owner).toBe(true);
});

test('a token may have a limit of its own on the bytes of a request', async () => {
  const { ask } = await withApi({ tokens: [{ name: 'small', roles: ['feed'], sha256: sha256('small-token'), messageBytes: 100 }] });
  expect(await ask('POST', '/observations', slow, bearer('small-token'))).toMatchObject({ status: 202 });
  expect(await ask('POST', '/observations', [slow, slow, slow], bearer('small-token'))).toMatchObject({
    status: 413,
    body: { message: expect.stringContaining('token "small" may send 100') },
  });
});

test('credentials are taken as we ask for them, and as clients of InfluxDB send them', () => {
  expect(credentialIn('Bearer abc')).toBe('abc');
  expect(credentialIn('Token abc')).toBe('abc');
  expect(credentialIn(`Basic ${Buffer.from('ann:a:b').toString('base64')}`)).toBe('a:b');
  for (const none of [undefined, '', 'abc', 'Bearer', 'Bearer a b', 'Digest abc']) expect(credentialIn(none)).toBe('');
});

test('refused requests are told in the log once a minute for each status, without what they carried', () => {
  const clock = new SimulatedClock(1_000);
  const said: object[] = [];
  const refusals = new RefusalLog({ warn: (details: object) => said.push(details) } as unknown as Logger, clock);
  const tell = (status: number) => refusals.tell({ status, from: '10.0.0.1', method: 'GET', url: '/query?u=ann&p=a-secret' });
  for (let i = 0; i < 5; i++) tell(401);
  tell(403);
  clock.advanceTo(61_000);
  tell(401);
  const about = { from: '10.0.0.1', method: 'GET', path: '/query' };
  expect(said).toEqual([
    { ...about, status: 401, more: 0 },
    { ...about, status: 403, more: 0 },
    { ...about, status: 401, more: 4 },
  ]);
});

test('a secret that was replaced counts from the next reload on', async () => {
  const there = makeFolder({ ...MANAGER, api: { tokens: [{ name: 'ann', roles: ['read'], token: { file: 'ann.token' } }] } });
  writeFileSync(join(there.folder, 'ann.token'), 'the-first\n');
  running = await start(undefined, there);
  const { ask } = running;
  expect((await ask('GET', '/status', undefined, bearer('the-first'))).status).toBe(200);
  writeFileSync(join(there.folder, 'ann.token'), 'the-second\n');
  expect((await ask('GET', '/status', undefined, bearer('the-second'))).status).toBe(401);
  expect((await ask('POST', '/reload')).status).toBe(200);
  expect((await ask('GET', '/status', undefined, bearer('the-second'))).status).toBe(200);
  expect((await ask('GET', '/status', undefined, bearer('the-first'))).status).toBe(401);
  rmSync(there.folder, { recursive: true });
});

test('a client that sends its request a byte at a time loses its place', async () => {
  const { api } = await withApi({ limits: { headers: '1s' } });
  const { port } = new URL(api.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('GET /healthz HTTP/1.1\r\nHost: ');
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('close', () => resolve(text));
  });
  expect(answer).toContain('408');
});

test('by TLS: the command line knows the certificate that the manager wrote down, and takes no other', async () => {
  const { cert, key, ca, folder } = makeCertificates(['DNS:manager.example']);
  const { api, state } = await withApi({ tls: { cert, key } });
  expect(api.url).toMatch(/^https:/);
  const address = readAddress(state)!;
  expect(await call(address, '/status')).toMatchObject({ domain: 'shop' });
  await expect(call({ ...address, fingerprint: 'AB:CD' }, '/status')).rejects.toMatchObject({
    code: 'H305',
    message: expect.stringContaining('another certificate'),
  });
  const { fingerprint: _without, ...unknown } = address;
  await expect(call(unknown, '/status')).rejects.toMatchObject({ code: 'H305' });
  expect(ca).toContain(folder);
  rmSync(folder, { recursive: true });
});

test('by TLS with a root for clients: who shows no certificate of it is not listened to', async () => {
  const { cert, key, ca, folder } = makeCertificates();
  const { api } = await withApi({ tls: { cert, key, clientCa: ca } });
  const { readFileSync } = await import('node:fs');
  const ask = (own: object) =>
    new Promise<number>((resolve, reject) => {
      const asked = secure(`${api.url}/healthz`, { ca: readFileSync(ca), ...own }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      asked.on('error', reject);
      asked.end();
    });
  await expect(ask({})).rejects.toThrow();
  expect(await ask({ cert: readFileSync(cert), key: readFileSync(key) })).toBe(200);
  rmSync(folder, { recursive: true });
});

test('what is wrong with tokens, certificates and limits is said with its place', async () => {
  const api = {
    host: '0.0.0.0',
    tokens: [
      { name: 'a', roles: ['read'] },
      { name: 'a', roles: ['read'], sha256: sha256('') },
      { name: 'owner', roles: ['read'], sha256: sha256('x') },
    ],
    limits: { idle: '5s', headers: '40s' },
  };
  const { folder, file } = makeFolder({ ...MANAGER, api });
  const { findings } = loadConfiguration(file);
  expect(findings.map(({ code, pointer, severity }) => [code, pointer, severity])).toEqual([
    ['H003', '/api/tokens/0', 'error'],
    ['H006', '/api/tokens/1/name', 'error'],
    ['H003', '/api/tokens/1/sha256', 'error'],
    ['H006', '/api/tokens/2/name', 'error'],
    ['H003', '/api/limits/idle', 'error'],
    ['H003', '/api/limits/headers', 'error'],
    ['H341', '/api/host', 'warning'],
  ]);
  rmSync(folder, { recursive: true });
  const missing = makeFolder({ ...MANAGER, api: { tls: { cert: 'no.pem', key: 'no.pem' } } });
  await expect(start(undefined, missing)).rejects.toMatchObject({
    code: 'H341',
    message: expect.stringContaining('no.pem cannot be read'),
  });
  rmSync(missing.folder, { recursive: true });
});
