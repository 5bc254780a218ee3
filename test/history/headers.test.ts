/** What goes over the wire, as InfluxDB 2.x documents its 1.x-compatible endpoints, seen by a server that writes it down. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { pino } from 'pino';
import { SystemClock } from '../../src/clock.ts';
import type { InfluxDocument } from '../../src/documents/history.ts';
import { type InfluxHistory, openInflux } from '../../src/history/influx.ts';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const clock = new SystemClock();
let server: Server;
let seen: Seen[];
let answer: (request: Seen) => { status: number; body?: string; headers?: Record<string, string>; cut?: true };
let folder: string;
let history: InfluxHistory;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'homeostat-headers-'));
  seen = [];
  answer = two;
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    const one = {
      method: request.method!,
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: request.headers,
      body: Buffer.concat(parts),
    };
    seen.push(one);
    const { status, body = '', headers = {}, cut } = answer(one);
    response.writeHead(status, { 'x-influxdb-version': 'v2.7.6', ...headers, ...(cut ? { 'content-length': '1000' } : {}) });
    if (!cut) return response.end(body);
    response.write('{"results":[');
    setTimeout(() => response.destroy(), 20);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  await history.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** 2.x: writes with a token, reads InfluxQL; it has no statements that make databases. */
const two: typeof answer = ({ method, path, query, headers }) => {
  if (path === '/ping') return { status: 204 };
  if (headers.authorization !== 'Token my-token') return { status: 401, body: '{"code":"unauthorized","message":"unauthorized access"}' };
  if (path === '/write' && method === 'POST') return { status: 204 };
  if (path === '/query' && /^SHOW DATABASES/.test(query.q!))
    return { status: 200, body: '{"results":[{"series":[{"name":"databases","columns":["name"],"values":[["shop"]]}]}]}' };
  if (path === '/query' && /^SHOW RETENTION/.test(query.q!))
    return {
      status: 200,
      body: '{"results":[{"series":[{"columns":["name","duration","shardGroupDuration","replicaN","default"],"values":[["homeostat","720h0m0s","24h0m0s",1,true]]}]}]}',
    };
  if (path === '/query' && /^CREATE/.test(query.q!)) return { status: 400, body: '{"error":"not implemented: CREATE RETENTION POLICY"}' };
  return { status: 200, body: '{"results":[{"statement_id":0}]}' };
};

const open = async (more: Partial<InfluxDocument> = {}): Promise<InfluxHistory> => {
  const { port } = server.address() as AddressInfo;
  history = await openInflux(
    { url: `http://127.0.0.1:${port}`, database: 'shop', age: '10ms', timeout: '1s', token: { env: 'TOKEN' }, ...more },
    {
      clock,
      random: () => 0.5,
      log: pino({ level: 'silent' }),
      folder: join(folder, 'spool'),
      directory: folder,
      environment: { TOKEN: 'my-token' },
    },
  );
  return history;
};
const until = async (isSo: () => boolean): Promise<void> => {
  for (const end = clock.now() + 10_000; !isSo(); ) {
    if (clock.now() > end) throw new Error(`it never came to be that ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
const reading = (value: number) => ({ element: 'shop', type: 'farm', property: 'load', value, time: 1_800_000_000_000 + value });

test('points go to /write with db, without a user, compressed, with the token in its header', async () => {
  await open();
  history.readings([reading(1), reading(2)]);
  await until(() => seen.some(({ path }) => path === '/write'));
  const write = seen.find(({ path }) => path === '/write')!;
  expect(write).toMatchObject({ method: 'POST', query: { db: 'shop' } });
  expect(write.headers).toMatchObject({
    authorization: 'Token my-token',
    'content-encoding': 'gzip',
    'content-type': 'text/plain; charset=utf-8',
  });
  expect(Number(write.headers['content-length'])).toBe(write.body.length);
  expect(String(gunzipSync(write.body))).toBe(
    'homeostat_reading,element=shop,type=farm,property=load value=1,known=t 1800000000001000000\nhomeostat_reading,element=shop,type=farm,property=load value=2,known=t 1800000000002000000',
  );
});

test('down-sampled spans name their retention policy, which is mapped to a bucket', async () => {
  await open();
  history.spans(60_000, [
    { element: 'shop', type: 'farm', property: 'load', time: 1_800_000_000_000, min: 1, max: 3, last: 2, seconds: 60, integral: 120 },
  ]);
  await until(() => seen.some(({ path }) => path === '/write'));
  const write = seen.find(({ path }) => path === '/write')!;
  expect(write.query).toEqual({ db: 'shop', rp: 'homeostat_60s' });
  expect(String(gunzipSync(write.body))).toBe(
    'homeostat_reading_60s,element=shop,type=farm,property=load mean=2,min=1,max=3,last=2,seconds=60,integral=120 1800000000000000000',
  );
});

test('questions go to /query by GET with db, epoch and q, below the path of a proxy', async () => {
  const { port } = server.address() as AddressInfo;
  await open({ url: `http://127.0.0.1:${port}/influx/` });
  answer = () => ({
    status: 200,
    body: '{"results":[{"series":[{"name":"homeostat_reading","columns":["time","value","text","flag","known"],"values":[[1800000000001,5,null,null,true]]}]}]}',
  });
  expect(await history.history("o'clock", 'load', 1, 2)).toEqual([[1_800_000_000_001, 5]]);
  expect(seen[0]).toMatchObject({ method: 'GET', path: '/influx/query', headers: { authorization: 'Token my-token' } });
  expect(Object.keys(seen[0]!.query).sort()).toEqual(['db', 'epoch', 'q']);
  expect(seen[0]!.query.q).toContain(`"element" = 'o\\'clock'`);
});

test('where nobody can make retention policies, an operator is told what to map, and points are written all the same', async () => {
  await open();
  const wrong = (await history.check()).filter(({ ok }) => !ok);
  expect(wrong).toMatchObject([{ remedy: expect.stringContaining('docs/influxdb.md#2x-and-3x') }]);
  history.readings([reading(1)]);
  await until(() => history.waiting.points === 0);
  expect(seen.filter(({ path }) => path === '/write').length).toBeGreaterThan(0);
});

test('a user and password are sent as Basic, and a file is read again when the server says no', async () => {
  writeFileSync(join(folder, 'password'), 'old\n');
  await open({ token: undefined, username: 'homeostat', password: { file: 'password' } } as Partial<InfluxDocument>);
  const basic = (text: string) => `Basic ${Buffer.from(`homeostat:${text}`).toString('base64')}`;
  answer = ({ headers, path }) =>
    path === '/ping' || headers.authorization === basic('new')
      ? { status: 200, body: '{"results":[{"statement_id":0}]}' }
      : { status: 401, body: '{"error":"authorization failed"}' };
  await expect(history.query('SHOW DATABASES')).rejects.toMatchObject({
    code: 'H321',
    message: expect.stringContaining('authorization failed'),
  });
  writeFileSync(join(folder, 'password'), 'new\n');
  expect(await history.query('SHOW DATABASES')).toEqual([]);
});

test('an answer that is cut off, and a silence, end as errors that may be tried again', async () => {
  await open({ timeout: '300ms' });
  answer = () => ({ status: 200, cut: true });
  await expect(history.query('SHOW DATABASES')).rejects.toMatchObject({ code: 'H320', retryable: true });
  server.removeAllListeners('request');
  await expect(history.query('SHOW DATABASES')).rejects.toMatchObject({
    code: 'H320',
    message: expect.stringContaining('no answer within 300 ms'),
  });
  server.on('request', (_request, response) => response.end('<html>'));
  await expect(history.query('SHOW DATABASES')).rejects.toMatchObject({ message: expect.stringContaining('is it an InfluxDB?') });
});

test('a server that has too much to do is asked again, and takes what waited', async () => {
  await open();
  let refusals = 3;
  answer = (request) =>
    request.path === '/write' && refusals-- > 0
      ? { status: refusals % 2 === 0 ? 503 : 429, headers: { 'retry-after': '0' } }
      : two(request);
  history.readings([reading(1)]);
  await until(() => history.waiting.points === 0);
  expect(seen.filter(({ path }) => path === '/write')).toHaveLength(4);
});

test('of a batch with points that are refused the others are found by halves', async () => {
  await open();
  const stored: string[] = [];
  answer = (request) => {
    if (request.path !== '/write') return two(request);
    const lines = String(gunzipSync(request.body)).split('\n');
    if (lines.some((line) => /value=(13|77),/.test(line))) return { status: 400, body: '{"code":"invalid","message":"unable to parse"}' };
    stored.push(...lines);
    return { status: 204 };
  };
  history.readings(Array.from({ length: 100 }, (_, i) => reading(i)));
  await until(() => history.waiting.points === 0);
  expect(stored).toHaveLength(98);
  expect(new Set(stored).size).toBe(98);
  expect(history.waiting).toMatchObject({ refused: 2, dropped: 0 });
});

test('a request that is too large is halved until it is not', async () => {
  await open();
  let stored = 0;
  answer = (request) => {
    if (request.path !== '/write') return two(request);
    const lines = String(gunzipSync(request.body)).split('\n').length;
    if (lines > 30) return { status: 413, body: '{"error":"Request Entity Too Large"}' };
    stored += lines;
    return { status: 204 };
  };
  history.readings(Array.from({ length: 100 }, (_, i) => reading(i)));
  await until(() => history.waiting.points === 0);
  expect(stored).toBe(100);
  expect(history.waiting.refused).toBe(0);
});
