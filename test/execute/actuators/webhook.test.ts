import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ActuatorContext } from '../../../src/execute/actuators/actuator.ts';
import { retryAfterMs } from '../../../src/execute/actuators/http-answers.ts';
import { webhookKind } from '../../../src/execute/actuators/webhook.ts';
import { signatureOf } from '../../../src/execute/actuators/webhook-sign.ts';
import { makeRig, never, order, type Rig } from './rig.ts';

interface Receiver {
  isSigned(header: string, body: string | Buffer, key: string, nowSeconds: number): boolean;
  receiver(key: string, act: (command: Record<string, unknown>) => void, done?: Set<string>): Server;
}

let rig: Rig;
let context: ActuatorContext;
let server: Server | undefined;
/** The receiver that docs/actuators.md shows, as it stands there. */
let shown: Receiver;

beforeEach(async () => {
  rig = makeRig();
  rig.put('shop/lamp', 'lamp', { team: 'night' });
  context = { ...rig.context, environment: { NEW: 'the new key', OLD: 'the old key' } };
  const page = readFileSync(new URL('../../../docs/actuators.md', import.meta.url), 'utf8');
  const file = join(rig.folder, 'receiver.mjs');
  writeFileSync(file, /```js\n([\s\S]*?)```/.exec(page)![1]!);
  shown = (await import(pathToFileURL(file).href)) as Receiver;
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rig.end();
});

async function serve(made: Server): Promise<string> {
  server = made.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const KEYS = [{ env: 'NEW' }, { env: 'OLD' }];

test('the receiver on the page does a signed command once, and answers whether it has', async () => {
  const acted: unknown[] = [];
  const base = await serve(shown.receiver('the new key', (command) => acted.push(command)));
  const actuator = webhookKind.create(
    { url: `${base}/hook`, keys: [{ env: 'NEW' }], data: { team: '{team}', to: '{to}' }, inquire: { url: `${base}/hook/{command}` } },
    context,
  );
  const given = order('dim', 'shop/lamp', { to: 40 });
  const { id, issuedAt, deadlineAt, term } = given.command;
  expect(await actuator.inquire?.(given, never)).toBeUndefined();
  expect(await actuator.execute(given, never)).toEqual({ status: 'succeeded', detail: 'status 204' });
  expect(await actuator.execute(given, never)).toEqual({ status: 'succeeded', detail: 'done before: status 409' });
  expect(await actuator.inquire?.(given, never)).toEqual({ status: 'succeeded', detail: 'asked by its id: status 200' });
  expect(acted).toEqual([
    { id, element: 'shop/lamp', command: 'dim', params: { to: 40 }, term, issuedAt, deadlineAt, data: { team: 'night', to: 40 } },
  ]);
  const older = order('dim', 'shop/lamp', { to: 1 }, { term: term - 1 });
  expect(await actuator.execute(older, never)).toMatchObject({ status: 'failed', detail: 'status 410', retryable: false });
});

test('while keys change, receivers that know the old one and such that know the new one both agree; others do not', async () => {
  const done: string[] = [];
  for (const [key, status] of [
    ['the new key', 'succeeded'],
    ['the old key', 'succeeded'],
    ['a wrong key', 'failed'],
  ] as const) {
    const base = await serve(shown.receiver(key, () => done.push(key)));
    const result = await webhookKind.create({ url: base, keys: KEYS }, context).execute(order('on', 'shop/lamp'), never);
    expect([key, result.status, result.retryable]).toEqual([key, status, status === 'failed' ? false : undefined]);
    server!.close();
  }
  expect(done).toEqual(['the new key', 'the old key']);
});

test('the signature is that of time and body, so that neither can be replaced', () => {
  const header = signatureOf(['k'], 1_000, 'body');
  expect(header).toBe(`t=1000,v1=${createHmac('sha256', 'k').update('1000.body').digest('hex')}`);
  expect(shown.isSigned(header, 'body', 'k', 1_299)).toBe(true);
  expect(shown.isSigned(header, 'body', 'k', 1_301)).toBe(false);
  expect(shown.isSigned(header, 'bodY', 'k', 1_000)).toBe(false);
  expect(shown.isSigned(header.replace('t=1000', 't=1001'), 'body', 'k', 1_000)).toBe(false);
  for (const wrong of ['', 't=1000', 't=1000,v1=', 't=x,v1=00', 'v1=00', 't=1000,v1=zz'])
    expect(shown.isSigned(wrong, 'body', 'k', 1_000)).toBe(false);
});

test.each([
  [200, {}, 'succeeded', undefined, undefined],
  [409, {}, 'succeeded', undefined, undefined],
  [302, {}, 'failed', false, undefined],
  [404, { 'retry-after': '9' }, 'failed', false, undefined],
  [429, { 'retry-after': '9' }, 'failed', true, 9_000],
  [500, {}, 'failed', true, undefined],
  [503, { 'retry-after': 'soon' }, 'failed', true, undefined],
])('status %i %j is %s', async (status, headers, outcome, retryable, pause) => {
  const { createServer } = await import('node:http');
  const base = await serve(createServer((_, response) => void response.writeHead(status, headers).end()));
  const result = await webhookKind.create({ url: base, keys: KEYS }, context).execute(order('on', 'shop/lamp'), never);
  expect([result.status, result.retryable, result.retryAfterMs]).toEqual([outcome, retryable, pause]);
});

test('Retry-After may be a date, is never below zero and has a limit', () => {
  const wall = Date.parse('2026-11-21T16:00:00Z');
  const asked = (value: string) => retryAfterMs({ headers: { 'retry-after': value } }, wall);
  expect([asked('Sat, 21 Nov 2026 16:00:07 GMT'), asked('Sat, 21 Nov 2026 15:00:00 GMT'), asked('99999999'), asked('-1x')]).toEqual([
    7_000,
    0,
    3_600_000,
    undefined,
  ]);
});

test('a key that is not there sends nothing, and the error names its place and not the key', async () => {
  const actuator = webhookKind.create({ url: 'http://127.0.0.1:1', keys: [{ env: 'NONE' }] }, context);
  await expect(actuator.execute(order('on', 'shop/lamp'), never)).rejects.toThrow(
    'actuators.hand.keys[0]: there is no environment variable NONE',
  );
  expect(actuator.inquire).toBeUndefined();
});
