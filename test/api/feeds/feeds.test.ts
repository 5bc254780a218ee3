import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type * as Influx from 'influx';
import { PointReader } from '../../../src/api/feeds/points.ts';
import type { FeedSink } from '../../../src/api/feeds/sink.ts';
import { write1, write2 } from '../../../src/api/feeds/write.ts';
import { loadConfiguration } from '../../../src/config.ts';
import { makeFolder, type Running, start } from '../manager.ts';

const { InfluxDB } = createRequire(import.meta.url)('influx') as typeof Influx;

const MANAGER = {
  domain: 'web',
  types: {
    server: {
      properties: { cpu_usage: {}, load: {}, load1: {}, load5: {}, state: {}, up: {}, cpuIdle: {}, HighLatency: {}, disk_full: {} },
    },
  },
  elements: { 'web/a': { type: 'server' }, 'web/b': { type: 'server' } },
  intake: {
    http: { port: 0, maxBytes: 100_000 },
    influx: {
      map: [
        { measurement: 'swap', ignore: true },
        { measurement: 'cpu', tags: { cpu: 'cpu-total' }, element: 'web/{tag:host}', fields: { usage_idle: 'cpuIdle' }, every: '10s' },
        { measurement: 'cpu', tags: { host: ['a', 'b'] }, element: 'web/{tag:host}', fields: ['usage'] },
        { measurement: ['system', 'odd'], element: 'web/{tag:host}', property: '{field}' },
        {},
      ],
    },
    alerts: {
      map: [
        { labels: { severity: 'info' }, ignore: true },
        { labels: { alertname: 'DiskFull' }, element: 'web/{instance}', property: 'disk_full', firing: 1, resolved: 0 },
        { element: 'web/{instance}' },
      ],
    },
  },
};

let running: Running;
beforeAll(async () => {
  running = await start(MANAGER);
});
afterAll(() => running.stop());

const bearer = () => ({ authorization: `Bearer ${running.api.token}` });
async function send(path: string, body: string | Uint8Array | undefined, headers: Record<string, string> = bearer(), method = 'POST') {
  const response = await fetch(`${running.api.feedsUrl}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text, headers: response.headers };
}
const reading = (element: string, property: string) => {
  const row = running.assembly.manager.state.readings.get(`${element}\t${property}`);
  return row?.value === undefined ? undefined : row.value;
};
const becomes = (element: string, property: string, value: unknown) => running.until(() => reading(element, property) === value);
const deadLetters = () => running.assembly.store.journal(0, 10_000).flatMap(({ kind, text }) => (kind === 'deadLetter' ? [text] : []));
const now = () => Math.floor(running.assembly.clock.now());

test('points of version 1 become observations by the rules, and 204 says so', async () => {
  const time = `${now()}123456`;
  const lines = [
    `cpu,cpu=cpu-total,host=a usage_idle=81.5,usage_user=3 ${time}`,
    `cpu,cpu=cpu0,host=a usage_idle=50 ${time}`,
    `cpu,host=b usage=12i ${time}`,
    `system,host=a load1=0.7,load5=0.5,uptime=17u ${time}`,
    `load,element=web/b value=3 ${time}`,
    `state,element=web/b value="busy, \\"very\\"" ${time}`,
    `swap,host=nowhere free=1 ${time}`,
  ];
  expect(await send('/write?db=telegraf&rp=autogen', lines.join('\n'))).toMatchObject({ status: 204, body: '' });
  await becomes('web/a', 'cpuIdle', 81.5);
  await becomes('web/b', 'cpu_usage', 12);
  await becomes('web/a', 'load1', 0.7);
  await becomes('web/a', 'load5', 0.5);
  await becomes('web/b', 'load', 3);
  await becomes('web/b', 'state', 'busy, "very"');
  expect(running.assembly.manager.state.series.get('web/a\tcpuIdle')).toMatchObject({ everyMs: 10_000, sources: ['influx:telegraf'] });
});

test.each([
  ['/write?db=d&precision=h', 3_600_000],
  ['/write?db=d&precision=m', 60_000],
  ['/write?db=d&precision=s', 1_000],
  ['/write?db=d&precision=ms', 1],
  ['/write?db=d&precision=u', 1e-3],
  ['/write?db=d', 1e-6],
  ['/api/v2/write?bucket=d/rp&org=o&precision=s', 1_000],
  ['/api/v2/write?bucket=d&precision=us', 1e-3],
  ['/api/v2/write?bucket=d&org=o', 1e-6],
])('times are in the precision of the request: %s', async (path, unit) => {
  const taken: number[] = [];
  const sink: FeedSink = {
    now: () => 1_795_278_600_000,
    find: () => 'observed',
    suggest: () => '',
    full: () => undefined,
    take: (all) => taken.push(...all.map(({ time }) => time)),
  };
  const call = {
    method: 'POST',
    query: new URL(path, 'http://a').searchParams,
    body: async () => `load,element=a value=1 ${BigInt(Math.round(1_795_276_800_000 / unit))}`,
  };
  const context = { reader: new PointReader(), sink, databases: undefined };
  expect((await (path.includes('v2') ? write2 : write1)(call, context)).status).toBe(204);
  expect(taken).toEqual([1_795_276_800_000]);
});

test('points without a time are taken each, in their order', async () => {
  const repeated = () => running.assembly.manager.state.counters.get('observations.repeated')?.count ?? 0;
  const before = repeated();
  expect(
    (await send('/write?db=d', 'load,element=web/b value=41\nload,element=web/b value=42\nload,element=web/b value=43\n')).status,
  ).toBe(204);
  await becomes('web/b', 'load', 43);
  expect(repeated()).toBe(before);
});

test('what is wrong is told by its line in the words of InfluxDB and becomes dead letters; the rest is taken', async () => {
  const body = [
    'load,element=web/a value=71',
    'load,element=web/a value=',
    'load,element=web/c value=1',
    'load,host=a value=1',
    'load,element=web/a value=1 -5',
    `load,element=web/a value=1 ${(now() + 60_000) * 1e6}`,
    'odd,host=a load=1 1700000000000000000',
    'odd,host=a,core=2 load=2 1700000000000000000',
  ].join('\n');
  const { status, body: answer, headers } = await send('/write?db=d', body);
  expect(status).toBe(400);
  const [first, ...others] = answer.error.split('\n');
  expect(first).toBe("partial write: line 2: unable to parse 'load,element=web/a value=': missing field value");
  expect(others).toEqual([
    `line 3: 'load,element=web/c': no element is named "web/c"; did you mean "web/a"?`,
    `line 4: 'load,host=a': the point has no tag element: give it one, or say how its element is named (intake.influx.map)`,
    `line 5: 'load,element=web/a': its time is before 1970`,
    expect.stringMatching(/^line 6: .* ms ahead of the manager's now, and at most 5000 ms are allowed$/),
    `line 8: 'odd,host=a,core=2': it would be property load of web/a at the same time as odd,host=a; choose one by its tags, or put {tag:…} into the name (intake.influx.map) dropped=6`,
  ]);
  expect(headers.get('x-influxdb-error')).toMatch(/^partial write: /);
  await becomes('web/a', 'load', 71);
  await running.until(() => deadLetters().length >= 6);
  expect(deadLetters().join('\n')).toContain('no element is named "web/c"');
});

test('of many wrong points the first are told and all are counted', async () => {
  const { body } = await send('/api/v2/write?bucket=d', 'x\n'.repeat(500));
  expect(body).toEqual({ code: 'invalid', message: expect.stringMatching(/\nand 480 more dropped=500$/) });
  await running.until(() => deadLetters().some((text) => text === '480 more of one request were refused'));
});

test('packed bodies are unpacked, and what is too long or no gzip is refused', async () => {
  const gzip = { ...bearer(), 'content-encoding': 'gzip' };
  expect((await send('/write?db=d', gzipSync('load,element=web/a value=72'), gzip)).status).toBe(204);
  await becomes('web/a', 'load', 72);
  const bomb = await send('/write?db=d', gzipSync('#'.repeat(200_000)), gzip);
  expect([bomb.status, bomb.body.error]).toEqual([413, expect.stringMatching(/longer than 100000 bytes/)]);
  expect((await send('/write?db=d', '#'.repeat(200_000))).status).toBe(413);
  expect((await send('/write?db=d', 'x', gzip)).status).toBe(400);
  expect((await send('/write?db=d', 'x', { ...bearer(), 'content-encoding': 'br' })).status).toBe(415);
});

test('the token is taken in all the ways that clients send theirs; without it nothing is', async () => {
  const { token } = running.api;
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
  const ways: [string, Record<string, string>][] = [
    ['/write?db=d', { authorization: `Token ${token}` }],
    ['/write?db=d', { authorization: `Token telegraf:${token}` }],
    ['/write?db=d', basic(`telegraf:${token}`)],
    [`/write?db=d&u=telegraf&p=${token}`, {}],
    ['/api/v2/write?bucket=d', { authorization: `Token ${token}` }],
  ];
  for (const [path, headers] of ways) expect((await send(path, 'load,element=web/a value=1', headers)).status).toBe(204);
  expect(await send('/write?db=d', 'load,element=web/a value=1', {})).toMatchObject({
    status: 401,
    body: { error: expect.stringContaining('token') },
  });
  expect(await send('/api/v2/write?bucket=d', 'x', basic('a:wrong'))).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  expect(await send('/alertmanager', '{}', {})).toMatchObject({ status: 401, body: { code: 'H306' } });
});

test.each([
  ['POST', '/write', 400, { error: 'database is required' }],
  ['POST', '/write?db=d&precision=y', 400, { error: 'invalid precision "y" (use n, u, ms, s, m or h)' }],
  ['POST', '/api/v2/write', 400, { code: 'invalid', message: 'bucket is required' }],
  ['POST', '/api/v2/write?bucket=d&precision=m', 400, { code: 'invalid', message: 'invalid precision "m" (use ns, us, ms or s)' }],
  ['GET', '/write?db=d', 405, { error: '/write takes POST, not GET' }],
  ['GET', '/else', 404, { code: 'H412', message: expect.stringContaining('there is nothing at /else; there is /write') }],
  ['GET', '/query', 400, { error: 'missing required parameter "q"' }],
])('%s %s is refused in the shape of its dialect', async (method, path, status, body) => {
  expect(await send(path, method === 'GET' ? undefined : '', bearer(), method)).toMatchObject({ status, body });
});

test('clients of InfluxDB connect: ping, health, and the queries that come before the first write', async () => {
  expect(await send('/ping', undefined, {}, 'HEAD')).toMatchObject({ status: 204 });
  expect((await send('/ping', undefined, {}, 'GET')).headers.get('x-influxdb-version')).toMatch(/^1\.8/);
  expect((await send('/ping?verbose=true', undefined, {}, 'GET')).body).toEqual({ version: '1.8.10' });
  expect((await send('/health', undefined, {}, 'GET')).body).toMatchObject({ status: 'pass' });
  const asked = async (q: string) => (await send('/query', new URLSearchParams({ q }).toString())).body;
  expect(await asked('CREATE DATABASE "tele graf" WITH DURATION 3d; SHOW DATABASES')).toEqual({
    results: [
      { statement_id: 0 },
      { statement_id: 1, series: [{ name: 'databases', columns: ['name'], values: [['homeostat'], ['tele graf']] }] },
    ],
  });
  expect(await asked('SELECT * FROM cpu')).toEqual({ results: [{ statement_id: 0, error: expect.stringMatching(/answers no queries/) }] });
});

test('the influx package feeds it as it is', async () => {
  const { hostname, port } = new URL(running.api.feedsUrl!);
  const client = new InfluxDB({ host: hostname, port: Number(port), database: 'app', username: 'app', password: running.api.token });
  expect((await client.ping(2_000))[0]).toMatchObject({ online: true, version: '1.8.10' });
  await client.createDatabase('app');
  expect(await client.getDatabaseNames()).toContain('app');
  await client.writePoints([{ measurement: 'load', tags: { element: 'web/a' }, fields: { value: 73.25 }, timestamp: new Date(now()) }]);
  await becomes('web/a', 'load', 73.25);
  await expect(client.writePoints([{ measurement: 'load', tags: { element: 'web/x' }, fields: { value: 1 } }])).rejects.toThrow(
    /partial write: .*no element is named/,
  );
});

const alert = (status: string, labels: object, times: object = {}, fingerprint = 'f1') => ({
  status,
  labels,
  annotations: { summary: 's' },
  startsAt: '2026-01-31T12:00:00.5Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus',
  fingerprint,
  ...times,
});
const notification = (...alerts: object[]) => ({
  version: '4',
  groupKey: '{}:{}',
  status: 'firing',
  receiver: 'homeostat',
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://am',
  truncatedAlerts: 0,
  alerts,
});
const alerting = (...alerts: object[]) => send('/alertmanager', JSON.stringify(notification(...alerts)));

test('an alert is one value while it fires and another when it is resolved; told again it is the same', async () => {
  const labels = { alertname: 'HighLatency', instance: 'a', severity: 'page' };
  const start = { startsAt: new Date(now() - 3_000).toISOString() };
  expect(await alerting(alert('firing', labels, start))).toMatchObject({ status: 200, body: { accepted: 1, refused: 0 } });
  await becomes('web/a', 'HighLatency', true);
  expect(running.assembly.manager.state.series.get('web/a\tHighLatency')?.sources).toEqual(['alert:f1']);
  await alerting(alert('firing', labels, start));
  const changes = () => [...running.assembly.store.history('web/a', 'HighLatency', 0, Number.MAX_SAFE_INTEGER)];
  await alerting(alert('resolved', labels, { ...start, endsAt: new Date(now() - 1_000).toISOString() }));
  await becomes('web/a', 'HighLatency', false);
  const known = () => changes().flatMap(([, value]) => (value === null ? [] : [value]));
  // The history is written with the step, which is stored a little after it can be seen.
  while (known().length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(known()).toEqual([true, false]);
});

test('of alerts that are one property, one that fires counts', async () => {
  const labels = (device: string) => ({ alertname: 'DiskFull', instance: 'b', device });
  const end = { endsAt: new Date(now() - 1_000).toISOString() };
  await alerting(
    alert('resolved', labels('sda'), end, 'f2'),
    alert('firing', labels('sdb'), { startsAt: new Date(now() - 500).toISOString() }, 'f3'),
  );
  await becomes('web/b', 'disk_full', 1);
  await alerting(
    alert('resolved', labels('sda'), end, 'f2'),
    alert('resolved', labels('sdb'), { endsAt: new Date(now()).toISOString() }, 'f3'),
  );
  await becomes('web/b', 'disk_full', 0);
});

test('alerts that cannot be placed are refused with their reason, and left out where a rule says so', async () => {
  expect(await alerting(alert('firing', { alertname: 'X', severity: 'info' }))).toMatchObject({
    status: 200,
    body: { accepted: 0, refused: 0 },
  });
  const { status, body } = await alerting(
    alert('firing', { alertname: 'X' }),
    alert('firing', { alertname: 'X', instance: 'a' }),
    alert('firing', { alertname: 'X', instance: 'z' }),
    alert('resolved', { alertname: 'HighLatency', instance: 'a' }, { endsAt: 'soon' }),
    { status: 'odd' },
  );
  expect(status).toBe(400);
  expect(body).toEqual({
    accepted: 0,
    refused: 5,
    complaints: [
      'the alert has no label instance, which "web/{instance}" needs (intake.alerts.map)',
      'the type of "web/a" observes no property "X"',
      'no element is named "web/z"; did you mean "web/a"?',
      'endsAt is "soon", and no time such as 2026-01-31T12:00:00Z',
      'an alert needs status, labels, startsAt and fingerprint',
    ],
  });
  expect((await send('/alertmanager', JSON.stringify({ ...notification(), version: '3' }))).body.message).toMatch(
    /version "3", and 4 is the only one/,
  );
  expect((await send('/alertmanager', 'x')).status).toBe(400);
});

test('only the databases that are named may be written to, where they are', async () => {
  const other = await start({ ...MANAGER, intake: { http: {}, influx: { databases: ['telegraf'], unknown: 'ignore' } } });
  try {
    const asked = async (path: string, body: string) => {
      const response = await fetch(`${other.api.feedsUrl}${path}`, {
        method: 'POST',
        body,
        headers: { authorization: `Token ${other.api.token}` },
      });
      return [response.status, (await response.text()).trim()];
    };
    expect(await asked('/write?db=telegraf', 'load,element=web/zz value=1')).toEqual([204, '']);
    expect(await asked('/write?db=other', 'x')).toEqual([404, '{"error":"database not found: \\"other\\""}']);
    expect(await asked('/api/v2/write?bucket=other', 'x')).toEqual([404, '{"code":"not found","message":"bucket \\"other\\" not found"}']);
    expect((await asked('/query?q=CREATE+DATABASE+other', ''))[1]).toMatch(/is not among intake\.influx\.databases/);
  } finally {
    await other.stop();
  }
});

test('it listens with TLS where a certificate is given', async () => {
  const place = makeFolder({ ...MANAGER, intake: { http: { tls: { cert: 'cert.pem', key: 'key.pem' } } } });
  const [key, cert] = [join(place.folder, 'key.pem'), join(place.folder, 'cert.pem')];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
  ];
  execFileSync('openssl', [...args, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const other = await start(MANAGER, place);
  try {
    const status = await new Promise((resolve, reject) => {
      get(`${other.api.feedsUrl}/ping`, { ca: readFileSync(cert) }, (response) => resolve(response.resume().statusCode)).on(
        'error',
        reject,
      );
    });
    expect([status, new URL(other.api.feedsUrl!).protocol]).toEqual([204, 'https:']);
  } finally {
    await other.stop();
    rmSync(place.folder, { recursive: true, force: true });
  }
});

test('what is to be read without a listener is a mistake', () => {
  const { file } = makeFolder({ ...MANAGER, intake: { influx: { map: [{ element: 'web/a' }] } } });
  expect(loadConfiguration(file).findings.map(({ pointer, message, remedy }) => [pointer, message, remedy])).toEqual([
    ['/intake', 'nothing listens: "http" is missing', 'add "http": { "port": 8086 }'],
  ]);
});

test('a port that is in use, and names that are made of what a point has not, are told', async () => {
  const { port } = new URL(running.api.feedsUrl!);
  await expect(start({ ...MANAGER, intake: { http: { port: Number(port) } } })).rejects.toThrow(
    /is in use; name another under intake\.http\.port/,
  );
  const { file } = makeFolder({
    ...MANAGER,
    intake: {
      influx: { map: [{ element: 'web/{host}', property: '{field}_{tag:}', fields: { a: '{tag:x}', b: '{Field}' } }] },
      http: { host: '0.0.0.0' },
    },
  });
  expect(loadConfiguration(file).findings.map(({ code, severity, pointer, message }) => [code, severity, pointer, message])).toEqual([
    ['H005', 'error', '/intake/influx/map/0/element', '{host} is none of {tag:NAME}, {measurement}, {database}'],
    ['H005', 'error', '/intake/influx/map/0/property', '{tag:} is none of {tag:NAME}, {measurement}, {database}, {field}'],
    ['H005', 'error', '/intake/influx/map/0/fields/b', '{Field} is none of {tag:NAME}, {measurement}, {database}, {field}'],
    ['H341', 'warning', '/intake/http/host', 'it listens on 0.0.0.0 without TLS: tokens can be read on the way'],
  ]);
});
