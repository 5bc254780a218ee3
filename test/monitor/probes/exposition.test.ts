import fc from 'fast-check';
import { type ExpositionFormat, formatOf, parseExposition } from '../../../src/monitor/probes/exposition.ts';

const all = (text: string, format: ExpositionFormat = 'text') => parseExposition(text, format, () => true);
const plain = (text: string, format: ExpositionFormat = 'text') =>
  all(text, format).samples.map(({ name, labels, value, time }) => [name, Object.fromEntries(labels), value, time]);

test('the text format: comments, types, labels with escapes, all writings of numbers, times in ms', () => {
  const text = [
    '# HELP http_requests_total The total number of HTTP requests.',
    '# TYPE http_requests_total counter',
    'http_requests_total{method="post",code="200"} 1027 1395066363000',
    'http_requests_total{method="post",code="400",}    3 1395066363000',
    '',
    '# Escaping in label values:',
    'msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9',
    'metric_without_timestamp_and_labels 12.47',
    'something_weird{problem="division by zero"} +Inf -3982045',
    '\tspaced { a = "x y" , b="" }\t-.5e-3\t',
    'none NaN',
    'negative -Inf',
  ].join('\n');
  expect(plain(text)).toEqual([
    ['http_requests_total', { method: 'post', code: '200' }, 1027, 1395066363000],
    ['http_requests_total', { method: 'post', code: '400' }, 3, 1395066363000],
    ['msdos_file_access_time_seconds', { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' }, 1.458255915e9, undefined],
    ['metric_without_timestamp_and_labels', {}, 12.47, undefined],
    ['something_weird', { problem: 'division by zero' }, Infinity, -3982045],
    ['spaced', { a: 'x y', b: '' }, -0.0005, undefined],
    ['none', {}, Number.NaN, undefined],
    ['negative', {}, -Infinity, undefined],
  ]);
  expect(all(text).types.get('http_requests_total')).toBe('counter');
  expect(all(text).wrong).toBeUndefined();
});

test('OpenMetrics: times in seconds, exemplars, units, created, and the end', () => {
  const text = [
    '# TYPE foo histogram',
    '# UNIT foo seconds',
    'foo_bucket{le="0.01"} 0',
    'foo_bucket{le="0.1"} 8 # {} 0.054',
    'foo_bucket{le="1"} 11 # {trace_id="KOO5S4vxi0o"} 0.67',
    'foo_bucket{le="+Inf"} 17 1520879607.789 # {trace_id="oHg5SJ#YRHA0"} 9.8 1520879607.789',
    'foo_created 1520430000.123',
    '# EOF',
    'after 1',
  ].join('\n');
  expect(plain(text, 'openmetrics')).toEqual([
    ['foo_bucket', { le: '0.01' }, 0, undefined],
    ['foo_bucket', { le: '0.1' }, 8, undefined],
    ['foo_bucket', { le: '1' }, 11, undefined],
    ['foo_bucket', { le: '+Inf' }, 17, 1520879607789],
    ['foo_created', {}, 1520430000.123, undefined],
  ]);
  expect(all(text, 'openmetrics')).toMatchObject({ whole: true, types: new Map([['foo', 'histogram']]) });
  expect(all('a 1\n', 'openmetrics').whole).toBe(false);
  expect(all('a 1\n').whole).toBe(true);
});

test('names with characters that names could not have of old stand in quotation marks within the braces', () => {
  expect(plain('{"http.server.duration",route="/a","odd key"="v"} 1')).toEqual([
    ['http.server.duration', { route: '/a', 'odd key': 'v' }, 1, undefined],
  ]);
});

test.each([
  ['a', 'there is no value'],
  ['a{', 'a label is wrong'],
  ['a{b} 1', 'a label has no value'],
  ['a{b=c} 1', 'the value of a label is not in quotation marks'],
  ['a{b="c} 1', 'the value of a label is not in quotation marks'],
  ['a{b="c" d="e"} 1', 'the labels have no end'],
  ['a{b="c",b="d"} 1', 'the label b is there twice'],
  ['a{b="c"}', '"" is no number'],
  ['a one', '"one" is no number'],
  ['a 0x10', '"0x10" is no number'],
  ['a 1 soon', 'the time "soon" is no number'],
  ['a 1 2 3', 'there is something after the time'],
  ['{b="c"} 1', 'there is no name'],
  ['1a 1', 'there is no name'],
])('a wrong line is told by its number and the others hold: %s', (line, reason) => {
  const { samples, wrong } = all(`good 1\n${line}\nalso 2\n`);
  expect(samples.map(({ name }) => name)).toEqual(['good', 'also']);
  expect(wrong).toBe(`line 2: ${reason}: ${line}`);
});

test('lines of metrics that nobody wants are not read, and may be anything', () => {
  const { samples, wrong } = parseExposition('x{{{ 1\ny 2\n', 'text', (name) => name === 'y');
  expect([samples.length, wrong]).toEqual([1, undefined]);
});

test('the content type tells the formats apart', () => {
  expect(['application/openmetrics-text; version=1.0.0; charset=utf-8', 'text/plain; version=0.0.4', undefined].map(formatOf)).toEqual([
    'openmetrics',
    'text',
    'text',
  ]);
});

const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
const sample = fc.record({
  name: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,12}$/),
  labels: fc.dictionary(label, fc.string({ unit: fc.constantFrom('\\', '"', '\n', '{', '}', ',', '=', '#', ' ', 'a', 'ä') }), {
    noNullPrototype: true,
  }),
  value: fc.oneof(fc.double(), fc.integer()),
  time: fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined }),
});
const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
const number = (x: number) => (Number.isNaN(x) ? 'NaN' : Number.isFinite(x) ? String(x) : x > 0 ? '+Inf' : '-Inf');

test('what is written as the formats say is read as it was', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 10 }), fc.constantFrom('text' as const, 'openmetrics' as const), (samples, format) => {
      const lines = samples.map(({ name, labels, value, time }) => {
        const inside = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
        const at = time === undefined ? '' : ` ${format === 'text' ? time : time / 1_000}`;
        return `${name}${inside.length === 0 ? '' : `{${inside.join(',')}}`} ${number(value)}${at}${format === 'text' ? '' : ' # {a="}"} 1 2'}\n`;
      });
      const read = all(`${lines.join('')}# EOF\n`, format);
      expect(read.wrong).toBeUndefined();
      expect(
        read.samples.map(({ name, labels, value, time }) => ({ name, labels: Object.fromEntries(labels), value: value + 0, time })),
      ).toEqual(samples.map((one) => ({ ...one, labels: { ...one.labels }, value: one.value + 0 })));
    }),
    { numRuns: 500, seed: 5 },
  );
});
