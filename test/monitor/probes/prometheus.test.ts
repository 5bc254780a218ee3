import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ProbeContext } from '../../../src/monitor/probes/probe.ts';
import { prometheusKind } from '../../../src/monitor/probes/prometheus.ts';
import { afterwards, context, folder, sampled } from './support.ts';

type Options = Parameters<typeof prometheusKind.create>[0];

const relaxed = (changes: Partial<ProbeContext> = {}) => context({ everyMs: 10_000, timeoutMs: 10_000, ...changes });

async function serve(listener: RequestListener, tls?: { cert: string; key: string }): Promise<string> {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterwards(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

/** What one scrape of a text gives, but for `up` and `scrapeMs`. */
async function scraped(text: string, series: Options['series'], more: Partial<Options> = {}) {
  const url = await serve((_, response) => response.end(text));
  const { samples, wrong } = await sampled(prometheusKind.create({ url, series, ...more }, relaxed()));
  return {
    samples: samples
      .filter(({ property }) => property !== 'up' && property !== 'scrapeMs')
      .map(({ element, property, value }) => [element, property, value]),
    wrong,
  };
}

const WEB = `# TYPE requests_total counter
requests_total{instance="a:9100",code="200"} 10
requests_total{instance="a:9100",code="500"} 1
requests_total{instance="b:9100",code="200"} 20
requests_total{instance="b:9100",code="503"} NaN
up_since{path="/var/lib",where="./x"} 5 1795278600000
`;

test('series are selected by labels as Prometheus does, and their labels name elements and properties', async () => {
  expect(
    await scraped(WEB, [
      { select: 'requests_total{code=~"2.."}', element: 'web/{instance}', property: 'requests' },
      { select: `requests_total{code!~'2..', instance!="b:9100"}`, property: 'status_{code}' },
      { select: 'requests_total{instance="a:9100",missing=""}', property: 'all', combine: 'sum', times: 100 },
      { select: 'up_since', element: 'web/{where}/{path}', property: '{__name__}.{path}' },
    ]),
  ).toEqual({
    samples: [
      ['web/a:9100', 'requests', 10],
      ['web/b:9100', 'requests', 20],
      ['shop/server-1', 'status_500', 1],
      ['shop/server-1', 'all', 1_100],
      ['web/__x/_var_lib', 'up_since._var_lib', 5],
    ],
    wrong: undefined,
  });
});

test('the element of the probe stands in selectors and templates, unless a label has the name', async () => {
  expect(
    await scraped('load{host="server-1"} 1\nload{host="server-2"} 2\nnamed{name="x"} 3\n', [
      { select: 'load{host="{name}"}', element: '{id}/cpu', property: 'load' },
      { select: 'named', property: 'of_{name}' },
    ]),
  ).toEqual({
    samples: [
      ['shop/server-1/cpu', 'load', 1],
      ['shop/server-1', 'of_x', 3],
    ],
    wrong: undefined,
  });
});

test('the ways to combine several series into one property', async () => {
  const combine = (how: 'sum' | 'min' | 'max' | 'mean') => ({ select: 'x', property: how, combine: how });
  expect(
    (await scraped('x{a="1"} 1\nx{a="2"} 5\nx{a="3"} 3\n', [combine('sum'), combine('min'), combine('max'), combine('mean')])).samples,
  ).toEqual([
    ['shop/server-1', 'sum', 9],
    ['shop/server-1', 'min', 1],
    ['shop/server-1', 'max', 5],
    ['shop/server-1', 'mean', 3],
  ]);
});

test('what is ambiguous, missing or without its label is reported, and the rest is published', async () => {
  expect(
    await scraped(WEB, [
      { select: 'requests_total', property: 'requests' },
      { select: 'absent_total', property: 'absent' },
      { select: 'absent_total', property: 'absent', optional: true },
      { select: 'up_since', element: 'web/{instance}', property: 'since' },
      { select: 'up_since', property: 'since' },
    ]),
  ).toEqual({
    samples: [['shop/server-1', 'since', 5]],
    wrong:
      '4 series of requests_total are property requests of shop/server-1; select one by its labels, put a label into "property" or "element", or say how to "combine" them; ' +
      'no series fits absent_total; a series of up_since has no label instance; no series fits up_since',
  });
});

test('values have the time of the exporter where it gives one, or that of the scrape if so told', async () => {
  const url = await serve((_, response) => response.end(WEB));
  const series = [{ select: 'up_since', property: 'since' }];
  const times = async (more: Partial<Options>) =>
    (await sampled(prometheusKind.create({ url, series, ...more }, relaxed()))).samples.map(({ property, time }) => [property, time]);
  expect(await times({})).toEqual([
    ['up', undefined],
    ['scrapeMs', undefined],
    ['since', 1795278600000],
  ]);
  expect((await times({ timestamps: 'scrape' }))[2]).toEqual(['since', undefined]);
});

test('a quantile is of what was measured since the last scrape, over a restart of the exporter too', async () => {
  // After each scrape the next: buckets of at most 0.1, 0.5, 1 and any.
  const scrapes = [
    [10, 10, 10, 10],
    [10, 20, 20, 20],
    [10, 20, 20, 20],
    [0, 0, 4, 4],
    [0, 0, 4, 8],
  ];
  const url = await serve((_, response) => {
    const counts = scrapes.shift()!;
    const lines = ['0.1', '0.5', '1', '+Inf'].map(
      (le, i) => `took_bucket{path="a",le="${le}"} ${counts[i]! / 2}\ntook_bucket{path="b",le="${le}"} ${counts[i]! / 2}\n`,
    );
    response.end(`# TYPE took histogram\n${lines.join('')}took_sum 1\ntook_count 1\n`);
  });
  const probe = prometheusKind.create({ url, series: [{ select: 'took', property: 'p50Ms', quantile: 0.5, times: 1_000 }] }, relaxed());
  const seen: unknown[] = [];
  while (scrapes.length > 0) seen.push((await sampled(probe)).samples.find(({ property }) => property === 'p50Ms')?.value);
  // Nothing to compare with; the middle of 100…500; nothing measured; began again: the middle of 500…1000; beyond the highest bound.
  expect(seen).toEqual([undefined, expect.closeTo(300, 6), undefined, 750, 1_000]);
});

test('only a histogram has quantiles', async () => {
  expect((await scraped('# TYPE x gauge\nx 1\n', [{ select: 'x', property: 'p', quantile: 0.9 }])).wrong).toBe(
    'x is a gauge, and only a histogram has "quantile"',
  );
});

test('packed answers are read, and OpenMetrics is asked for', async () => {
  let accepted = '';
  const url = await serve((request, response) => {
    accepted = `${request.headers.accept} | ${request.headers['accept-encoding']}`;
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync('x_total 3 1795278600.25 # {a="b"} 1\n# EOF\n'));
  });
  const { samples } = await sampled(prometheusKind.create({ url, series: [{ select: 'x_total', property: 'x' }] }, relaxed()));
  expect(samples[2]).toEqual({ element: 'shop/server-1', property: 'x', value: 3, time: 1795278600250 });
  expect(accepted).toMatch(/application\/openmetrics-text;version=1\.0\.0.*text\/plain.*gzip/);
});

test.each([
  ['a user', { username: 'ann', password: { env: 'PASSWORD' } }, `Basic ${Buffer.from('ann:s3cret').toString('base64')}`],
  ['a token', { token: { env: 'PASSWORD' } }, 'Bearer s3cret'],
])('%s is shown, and the secret is nowhere else', async (_, access, expected) => {
  let shown: string | undefined;
  const url = await serve((request, response) => {
    shown = request.headers.authorization;
    response.statusCode = 401;
    response.end();
  });
  const probe = prometheusKind.create(
    { url, series: [{ select: 'x', property: 'x' }], ...access },
    relaxed({ environment: { PASSWORD: 's3cret' } }),
  );
  const measurement = await sampled(probe);
  expect(shown).toBe(expected);
  expect(measurement).toEqual({
    samples: [{ property: 'up', value: 0 }],
    wrong: `${url} answers 401; it wants "username" and "password", or "token"`,
  });
});

test('a server with a certificate of its own is trusted by its file, and not without', async () => {
  const directory = folder();
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  execFileSync(
    'openssl',
    [
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
      '/CN=exporter.test',
      '-addext',
      'subjectAltName=DNS:exporter.test',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    { stdio: 'ignore' },
  );
  const url = await serve((_, response) => response.end('x 1\n'), { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') });
  const options = { url, series: [{ select: 'x', property: 'x' }] };
  const asked = (tls?: Options['tls']) =>
    sampled(prometheusKind.create(tls === undefined ? options : { ...options, tls }, relaxed({ directory })));
  expect((await asked({ ca: 'cert.pem', serverName: 'exporter.test' })).samples).toHaveLength(3);
  expect((await asked()).wrong).toMatch(/does not answer: self.signed certificate/);
  expect((await asked({ ca: 'cert.pem', serverName: 'other.test' })).wrong).toMatch(/does not answer: .*other\.test/);
  expect((await asked({ ca: 'none.pem' })).wrong).toMatch(/^tls\.ca: none\.pem cannot be read: /);
});

test('what cannot be had makes the probe fail, tells that it is not up, and nothing else', async () => {
  const down = (wrong: unknown) => ({ samples: [{ property: 'up', value: 0 }], wrong });
  const of = async (listener: RequestListener, changes: Partial<Options> = {}, surroundings: Partial<ProbeContext> = {}) =>
    sampled(
      prometheusKind.create({ url: await serve(listener), series: [{ select: 'x', property: 'x' }], ...changes }, relaxed(surroundings)),
    );
  expect(await of((_, response) => response.end('x 1\n'), { url: 'http://127.0.0.1:1/metrics' })).toEqual(
    down(expect.stringMatching(/does not answer: .*ECONNREFUSED/)),
  );
  expect(
    await of((_, response) => {
      response.statusCode = 302;
      response.end();
    }),
  ).toEqual(down(expect.stringMatching(/answers 302; give the URL that it leads to/)));
  expect(
    await of((_, response) => {
      response.setHeader('content-type', 'application/openmetrics-text');
      response.end('x 1\n');
    }),
  ).toEqual(down(expect.stringMatching(/was cut off: it has no # EOF/)));
  // Little when packed, and much when not.
  expect(
    await of(
      (_, response) => {
        response.setHeader('content-encoding', 'gzip');
        response.end(gzipSync('#'.repeat(100_000)));
      },
      { maxBytes: 10_000 },
    ),
  ).toEqual(down(expect.stringMatching(/is longer than 10000 bytes \(maxBytes\)/)));
  expect(
    await of((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end('no gzip');
    }),
  ).toEqual(down(expect.stringMatching(/does not answer: incorrect header check/)));
  // An exporter that hangs: a little before the timeout of the probe.
  expect(await of(() => {}, {}, { everyMs: 60, timeoutMs: 60 })).toEqual(down('no answer within 54 ms'));
});

test.each([
  [{ url: 'nowhere' }, /"nowhere" is not a URL/],
  [{ url: 'ftp://a/' }, /must begin with http: or https:/],
  [{ url: 'http://ann:s3cret@a/' }, /a URL is no place for a password/],
  [{ username: 'ann' }, /"username" and "password" need each other/],
  [{ username: 'ann', password: { env: 'A' }, token: { env: 'A' } }, /give either "username" or "token"/],
  [{ series: [{ select: '{a="b"}', property: 'x' }] }, /probe test: the selector .* is wrong: begin with the name of a metric/],
  [{ series: [{ select: 'x{a=b}', property: 'x' }] }, /write label="value".* at "a=b"/],
  [{ series: [{ select: 'x{a=~"("}', property: 'x' }] }, /the regular expression .* is wrong/],
  [{ series: [{ select: 'x', property: 'x', quantile: 0.5, combine: 'sum' as const }] }, /buckets of several series are added up/],
])('wrong options are refused before anything is asked: %j', (changes, message) => {
  const options = { url: 'http://127.0.0.1/', series: [{ select: 'x', property: 'x' }], ...changes };
  expect(() => prometheusKind.create(options, relaxed())).toThrow(message);
});

test('a secret that is not there fails the probe with its place', async () => {
  const url = await serve((_, response) => response.end('x 1\n'));
  const directory = folder();
  writeFileSync(join(directory, 'empty'), '');
  const { wrong } = await sampled(
    prometheusKind.create({ url, series: [{ select: 'x', property: 'x' }], token: { file: 'empty' } }, relaxed({ directory })),
  );
  expect(wrong).toMatch(/token: file empty is empty/);
});
