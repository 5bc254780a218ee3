import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { influxKind } from '../../../src/monitor/probes/influx.ts';
import type { ProbeContext } from '../../../src/monitor/probes/probe.ts';
import { describeWith, type Server, startInflux, tellInflux } from '../../servers/index.ts';
import { afterwards, context, sampled } from './support.ts';

type Options = Parameters<typeof influxKind.create>[0];
const QUERY = 'SELECT last(load) FROM system WHERE time > now() - 5m GROUP BY host LIMIT 1';
const relaxed = (changes: Partial<ProbeContext> = {}) => context({ everyMs: 10_000, timeoutMs: 10_000, ...changes });

async function answering(
  status: number,
  body: unknown,
  seen: (path: string, authorization: string | undefined) => void = () => {},
): Promise<string> {
  const server = createServer((request, response) => {
    seen(decodeURIComponent(request.url ?? '').replaceAll('+', ' '), request.headers.authorization);
    response.statusCode = status;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const read = async (url: string, more: Partial<Options> = {}, surroundings: Partial<ProbeContext> = {}) =>
  sampled(influxKind.create({ url, database: 'telegraf', query: QUERY, ...more }, relaxed(surroundings)));

const ROWS = {
  results: [
    {
      statement_id: 0,
      series: [
        {
          name: 'system',
          tags: { host: 'a b' },
          columns: ['time', 'load', 'users'],
          values: [
            [1_000, 0.5, null],
            [2_000, 0.75, 3],
          ],
        },
        { name: 'system', tags: { host: 'c' }, columns: ['time', 'load', 'users'], values: [[1_000, true, 'x']] },
      ],
    },
  ],
};

test('rows become properties of the elements that their tags name, with the time of the row', async () => {
  const seen: string[] = [];
  const url = await answering(200, ROWS, (path) => seen.push(path));
  expect(await read(`${url}/influx/`, { elementFrom: 'web/{host}', retentionPolicy: 'week' })).toEqual({
    samples: [
      { element: 'web/a_b', property: 'load', value: 0.5, time: 1_000 },
      { element: 'web/a_b', property: 'load', value: 0.75, time: 2_000 },
      { element: 'web/a_b', property: 'users', value: 3, time: 2_000 },
      { element: 'web/c', property: 'load', value: true, time: 1_000 },
      { element: 'web/c', property: 'users', value: 'x', time: 1_000 },
    ],
  });
  expect(seen).toEqual([`/influx/query?db=telegraf&rp=week&epoch=ms&q=${QUERY}`]);
});

test('columns are chosen and named, by a list or by a template; values may have the time of the query', async () => {
  const url = await answering(200, ROWS);
  const named = async (more: Partial<Options>) =>
    (await read(url, more)).samples.map(({ element, property, value, time }) => [element, property, value, time]);
  expect(await named({ columns: { users: 'people' } })).toEqual([
    ['shop/server-1', 'people', 3, 2_000],
    ['shop/server-1', 'people', 'x', 1_000],
  ]);
  expect((await named({ property: '{measurement}_{column}_{host}', time: 'query', elementFrom: '{id}/{name}' }))[0]).toEqual([
    'shop/server-1/server-1',
    'system_load_a_b',
    0.5,
    undefined,
  ]);
});

test('a row without its tag is reported, and what InfluxDB complains of too', async () => {
  expect((await read(await answering(200, ROWS), { elementFrom: 'web/{rack}' })).wrong).toBe(
    'a row has no rack, neither as a tag that the query groups by nor as a column',
  );
  await expect(read(await answering(200, { results: [{ error: 'database not found: x' }] }))).rejects.toThrow(
    /answers 200: database not found: x/,
  );
  await expect(read(await answering(401, { error: 'authorization failed' }))).rejects.toThrow(/answers 401: authorization failed/);
  await expect(read(await answering(400, { code: 'invalid', message: 'no' }))).rejects.toThrow(/answers 400: no/);
  await expect(read(await answering(200, 'hello'))).rejects.toThrow(/answers 200 and no JSON; is it an InfluxDB\?/);
  await expect(read(await answering(200, ROWS), { maxBytes: 10 })).rejects.toThrow(/longer than 10 bytes/);
});

test('the token is shown as InfluxDB wants it', async () => {
  const shown: (string | undefined)[] = [];
  const url = await answering(200, { results: [] }, (_, authorization) => shown.push(authorization));
  await read(url, { token: { env: 'T' } }, { environment: { T: 'secret' } });
  expect(shown).toEqual(['Token secret']);
});

test.each([
  'SELECT mean(a) FROM m WHERE time > now() - 5m LIMIT 1',
  `select "time" , a from m where host = 'x;y OR --' and time>=now()-1h group by * limit 10000`,
  'SELECT a FROM m WHERE (h = 1 OR h = 2) AND time > now() - 5m ORDER BY time DESC LIMIT 5',
  "SELECT a FROM m WHERE '2026-01-01' < time LIMIT 5",
  "SELECT a FROM /it's/ WHERE h =~ /a;'b/ AND time > now() - 5m LIMIT 1",
  'SELECT max(x) FROM (SELECT mean(a) AS x FROM m WHERE time > now() - 1h GROUP BY host) LIMIT 5',
])('a bounded query is sent: %s', (query) => {
  expect(() => influxKind.create({ url: 'http://a', database: 'd', query }, relaxed())).not.toThrow();
});

test.each([
  ['SELECT a FROM m LIMIT 1', /no bound in time/],
  ['SELECT a FROM m WHERE time < now() LIMIT 1', /no bound in time/],
  ["SELECT a FROM m WHERE h = 'time > now() - 5m' LIMIT 1", /no bound in time/],
  ['SELECT a FROM m WHERE a = 1 /* AND time > now() - 5m */ LIMIT 1', /no bound in time/],
  ['SELECT a FROM m WHERE time > now() - 5m OR h = 1 LIMIT 1', /no bound in time/],
  ['SELECT x FROM (SELECT a AS x FROM m) WHERE time > now() - 5m LIMIT 1', /no bound in time/],
  ['SELECT x FROM (SELECT a AS x FROM m WHERE time > now() - 5m), n LIMIT 1', /no bound in time/],
  ["SELECT a FROM m WHERE h =~ /'/ AND g = ' AND time > now()' LIMIT 1", /no bound in time/],
  ['SELECT a FROM m WHERE time > now() - 5m', /no limit to its rows/],
  ['SELECT a FROM m WHERE time > now() - 5m LIMIT 10001', /no limit to its rows/],
  ['SELECT x FROM (SELECT a AS x FROM m WHERE time > now() - 5m LIMIT 5)', /no limit to its rows/],
  ['SELECT a INTO b FROM m WHERE time > now() - 5m LIMIT 1', /changes nothing/],
  ['DROP DATABASE d', /must be a SELECT/],
  ['SELECT a FROM m WHERE time > now() - 5m LIMIT 1; DROP DATABASE d', /one query, without a semicolon/],
])('a query that could hurt is refused before it is sent: %s', (query, message) => {
  expect(() => influxKind.create({ url: 'http://a', database: 'd', query }, relaxed())).toThrow(message);
});

describeWith('influx', 'the influx probe and a real InfluxDB', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startInflux();
  }, 60_000);
  afterAll(() => server?.stop());

  test('reads what was written, and tells of a database that is not there', async () => {
    const url = `http://127.0.0.1:${server.port}`;
    await tellInflux(server, 'CREATE DATABASE telegraf');
    await fetch(`${url}/write?db=telegraf`, { method: 'POST', body: 'system,host=a load=0.5\nsystem,host=b load=2' });
    expect(
      (await read(url, { elementFrom: 'web/{host}', columns: { last: 'load' } })).samples.map(({ element, property, value }) => [
        element,
        property,
        value,
      ]),
    ).toEqual([
      ['web/a', 'load', 0.5],
      ['web/b', 'load', 2],
    ]);
    await expect(read(url, { database: 'nowhere' })).rejects.toThrow(/answers 200: database not found: nowhere/);
  });
});
