import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpKind } from '../../../src/execute/actuators/http.ts';
import { makeRig, never, order, type Rig } from './rig.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let rig: Rig;
let server: Server;
let base: string;
let seen: Seen[];
let answer: (response: ServerResponse, request: Seen) => void;

beforeEach(async () => {
  rig = makeRig();
  seen = [];
  answer = (response) => response.end();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const one = { method: request.method, url: request.url, headers: request.headers, body };
    seen.push(one);
    answer(response, one);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  rig.put('shop/lamp', 'lamp', { base, room: 'a/b c' });
});
afterEach(async () => {
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
  await rig.end();
});

const make = (options: Parameters<typeof httpKind.create>[0]) => httpKind.create(options, rig.context);

test('an order is a request with its placeholders replaced, and the id and term of its command', async () => {
  const actuator = make({
    url: '{base}/{id}?room={room}',
    method: 'PUT',
    headers: { 'X-Name': '{name}' },
    body: { level: '{to}', text: 'to {to}', list: ['{name}', 1, null] },
  });
  const given = order('dim', 'shop/lamp', { to: 40 });
  answer = (response) => response.end('ok');
  expect(await actuator.execute(given, never)).toEqual({ status: 'succeeded', detail: 'status 200: ok' });
  expect(seen).toMatchObject([
    { method: 'PUT', url: '/shop%2Flamp?room=a%2Fb%20c', body: '{"level":40,"text":"to 40","list":["lamp",1,null]}' },
  ]);
  expect(seen[0]!.headers).toMatchObject({
    'x-name': 'lamp',
    'content-type': 'application/json',
    'homeostat-command': given.command.id,
    'homeostat-term': '7',
  });
});

test('a text is sent as it is, and without a body none is', async () => {
  await make({ url: base, body: 'on {{x}} {name}' }).execute(order('on', 'shop/lamp'), never);
  await make({ url: base }).execute(order('on', 'shop/lamp'), never);
  expect(seen.map(({ method, body, headers }) => [method, body, headers['content-type']])).toEqual([
    ['POST', 'on {x} lamp', undefined],
    ['POST', '', undefined],
  ]);
});

test.each([
  [204, 'succeeded', undefined],
  [302, 'failed', false],
  [400, 'failed', false],
  [409, 'failed', false],
  [429, 'failed', true],
  [500, 'failed', true],
  [503, 'failed', true],
])('status %i is %s', async (status, outcome, retryable) => {
  answer = (response) => response.writeHead(status, { location: '/elsewhere' }).end();
  const result = await make({ url: base }).execute(order('on', 'shop/lamp'), never);
  expect([result.status, result.retryable]).toEqual([outcome, retryable]);
  expect(seen).toHaveLength(1);
});

test('the statuses that mean done can be given', async () => {
  answer = (response) => response.writeHead(409).end();
  const result = await make({ url: base, expect: [200, 409] }).execute(order('on', 'shop/lamp'), never);
  expect(result.status).toBe('succeeded');
});

test('a long answer is read to a limit', async () => {
  answer = (response) => response.end('x'.repeat(1_000_000));
  const result = await make({ url: base }).execute(order('on', 'shop/lamp'), never);
  expect(result.detail.length).toBeLessThan(2_100);
});

test('a refused connection has done nothing and may be tried again', async () => {
  await new Promise((resolve) => server.close(resolve));
  const result = await make({ url: base }).execute(order('on', 'shop/lamp'), never);
  expect(result).toMatchObject({ status: 'failed', retryable: true });
  expect(result.detail).toContain('ECONNREFUSED');
});

test('of a request whose connection broke before the answer nobody knows what came', async () => {
  answer = (response) => response.destroy();
  expect(await make({ url: base }).execute(order('on', 'shop/lamp'), never)).toMatchObject({ status: 'unknown', retryable: true });
});

test('an abort ends the waiting', async () => {
  const abort = new AbortController();
  answer = () => abort.abort(new Error('the deadline has passed'));
  const result = await make({ url: base }).execute(order('on', 'shop/lamp'), abort.signal);
  expect(result).toEqual({ status: 'timedOut', detail: 'the deadline has passed' });
});

test('a placeholder without a value, or a URL that is none, is not sent', async () => {
  await expect(make({ url: '{base}/{color}' }).execute(order('on', 'shop/lamp'), never)).rejects.toMatchObject({
    code: 'H005',
    retryable: false,
  });
  expect(await make({ url: '{name}' }).execute(order('on', 'shop/lamp'), never)).toMatchObject({
    status: 'failed',
    detail: 'lamp is not a URL',
  });
  expect(seen).toEqual([]);
});

test('asked after a restart: 2xx means done, 404 never begun, anything else that nobody knows', async () => {
  const actuator = make({ url: base, inquire: { url: '{base}/commands/{command}' } });
  const given = order('on', 'shop/lamp');
  answer = (response) => response.end('done');
  expect(await actuator.inquire?.(given, never)).toEqual({ status: 'succeeded', detail: 'asked by its id: status 200: done' });
  answer = (response) => response.writeHead(404).end();
  expect(await actuator.inquire?.(given, never)).toBeUndefined();
  answer = (response) => response.writeHead(500).end();
  await expect(actuator.inquire?.(given, never)).rejects.toThrow('status 500');
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(3).fill(`GET /commands/${given.command.id}`));
  expect(make({ url: base }).inquire).toBeUndefined();
});
