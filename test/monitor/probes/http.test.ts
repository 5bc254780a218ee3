import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { httpKind } from '../../../src/monitor/probes/http.ts';
import { afterwards, context, sampled, until, valuesOf } from './support.ts';

async function serve(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/stats` };
}

const connections = (server: Server) =>
  new Promise<number>((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));

test('an answer gives its status, its latency, and the values at the pointers, be they numbers, texts or truth values', async () => {
  const { url, server } = await serve((_, response) => {
    response.end(JSON.stringify({ pending: 3, state: { name: 'busy', ready: true }, 'a/b': [{ c: 1.5 }] }));
  });
  const read = { pending: '/pending', mood: '/state/name', ready: '/state/ready', deep: '/a~1b/0/c' };
  const probe = httpKind.create({ url, read }, context());
  const measurement = await sampled(probe);
  expect(measurement.wrong).toBeUndefined();
  expect(valuesOf(measurement)).toEqual({ status: 200, latencyMs: expect.any(Number), pending: 3, mood: 'busy', ready: true, deep: 1.5 });
  expect(valuesOf(measurement).latencyMs).toBeGreaterThan(0);
  // No connection is kept for the next look.
  await until(async () => (await connections(server)) === 0);
});

test('method, headers and body are sent as given', async () => {
  const { url } = await serve((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => response.end(JSON.stringify({ said: `${request.method} ${request.headers['x-key']} ${body}` })));
  });
  const probe = httpKind.create({ url, method: 'POST', headers: { 'X-Key': 'k' }, body: 'hello', read: { said: '/said' } }, context());
  expect(valuesOf(await sampled(probe)).said).toBe('POST k hello');
});

test('a bad status is a value, and what its body does not hold is reported', async () => {
  const { url } = await serve((_, response) => {
    response.statusCode = 503;
    response.end('overloaded');
  });
  const probe = httpKind.create({ url, read: { pending: '/pending' } }, context());
  const measurement = await sampled(probe);
  expect(valuesOf(measurement)).toEqual({ status: 503, latencyMs: expect.any(Number) });
  expect(measurement.wrong).toBe(`the body of ${url} (status 503) is not JSON`);
});

test('a pointer at nothing, or at something that is no single value, is reported, and the other values are published', async () => {
  const { url } = await serve((_, response) => response.end('{"a":1,"b":null,"c":[]}'));
  const probe = httpKind.create({ url, read: { a: '/a', b: '/b', c: '/c', d: '/d', e: '/constructor' } }, context());
  const measurement = await sampled(probe);
  expect(valuesOf(measurement)).toMatchObject({ status: 200, a: 1 });
  expect(measurement.wrong).toMatch(
    /\/b is null, not a single value; \/c is a list, not a single value; nothing at \/d; nothing at \/constructor$/,
  );
});

test('the latency counts until the last byte of the answer', async () => {
  let finish: (() => void) | undefined;
  const { url } = await serve((_, response) => {
    response.write('{');
    finish = () => response.end('}');
  });
  const probe = httpKind.create({ url }, context());
  let done = false;
  const measuring = sampled(probe).finally(() => {
    done = true;
  });
  (await until(() => finish))();
  expect(done).toBe(false);
  expect(valuesOf(await measuring)).toHaveProperty('latencyMs');
});

test('a server that never answers is let go when the signal is aborted, and its connection is closed', async () => {
  let asked: (() => void) | undefined;
  const arrived = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { url, server } = await serve(() => asked?.());
  const probe = httpKind.create({ url }, context());
  const controller = new AbortController();
  const measuring = sampled(probe, controller.signal);
  await arrived;
  controller.abort(new Error('no answer within 20 ms'));
  await expect(measuring).rejects.toThrow('no answer within 20 ms');
  await until(async () => (await connections(server)) === 0);
});

test('a server that stops in the middle of its answer makes the measurement fail', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('{', () => response.destroy());
  });
  await expect(sampled(httpKind.create({ url }, context()))).rejects.toThrow(expect.objectContaining({ code: 'H401' }));
});

test('closing the probe ends a measurement that runs', async () => {
  let asked: (() => void) | undefined;
  const arrived = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { url, server } = await serve(() => asked?.());
  const probe = httpKind.create({ url }, context());
  const measuring = sampled(probe);
  measuring.catch(() => {});
  await arrived;
  await probe.close();
  await expect(measuring).rejects.toThrow('the probe was closed');
  await until(async () => (await connections(server)) === 0);
});

test('an answer longer than allowed is not read to its end: there is a status and no latency', async () => {
  const { url, server } = await serve((_, response) => response.end('x'.repeat(2_000)));
  const measurement = await sampled(httpKind.create({ url, maxBytes: 1_000 }, context()));
  expect(valuesOf(measurement)).toEqual({ status: 200 });
  expect(measurement.wrong).toBe(`the answer of ${url} is longer than 1000 bytes`);
  await until(async () => (await connections(server)) === 0);
});

test('a server that cannot be reached is a failure that shows neither password nor query', async () => {
  const closed = createTcpServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const probe = httpKind.create({ url: `http://me:secret@127.0.0.1:${port}/health?key=hidden` }, context());
  await expect(sampled(probe)).rejects.toThrow(`http://127.0.0.1:${port}/health does not answer: connect ECONNREFUSED 127.0.0.1:${port}`);
});

test('a redirection is a status like any other', async () => {
  const { url } = await serve((_, response) => response.writeHead(302, { Location: '/elsewhere' }).end());
  expect(valuesOf(await sampled(httpKind.create({ url }, context()))).status).toBe(302);
});

test.each([
  [{ url: 'localhost' }, 'is not a URL'],
  [{ url: 'ftp://localhost/' }, 'must begin with http: or https:, not ftp:'],
  [{ url: 'http://localhost/', body: 'x' }, '"body" needs "method": "POST"'],
  [{ url: 'http://localhost/', method: 'HEAD' as const, read: { a: '/a' } }, 'HEAD has none'],
  [{ url: 'http://localhost/', read: { status: '/a' } }, '"status" is measured already'],
  [{ url: 'http://localhost/', headers: { 'a b': 'c' } }, 'Header name must be a valid HTTP token'],
])('options %j are refused', (options, message) => {
  const create = () => httpKind.create(options, context());
  expect(create).toThrow(message);
  expect(create).toThrow(expect.objectContaining({ code: 'H007' }));
});
