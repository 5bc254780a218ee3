import fc from 'fast-check';
import { type Point, parseLines, type WrongLine } from '../../../src/api/feeds/line-protocol.ts';
import type { Value } from '../../../src/messages.ts';

function parse(text: string) {
  const points: Point[] = [];
  const wrong: WrongLine[] = [];
  parseLines(
    text,
    (point) => points.push(point),
    (line) => wrong.push(line),
  );
  return { points, wrong };
}
const plain = (text: string) =>
  parse(text).points.map(({ measurement, tags, fields, timestamp }) => [
    measurement,
    Object.fromEntries(tags),
    Object.fromEntries(fields),
    timestamp,
  ]);

test('the examples of its reference', () => {
  expect(
    plain(
      [
        'myMeasurement,tag1=value1,tag2=value2 fieldKey="fieldValue" 1556813561098000000',
        'my\\ Measurement fieldKey="string value"',
        'myMeasurement fieldKey="\\"string\\" within a string"',
        'myMeasurement,tag\\ Key1=tag\\ Value1,tag\\=Key2=tag\\,Value2 fieldKey=100',
        'myMeasurement,tagKey=🍭 fieldKey="Launch 🚀" 1556813561098000000',
        'mymeas,path=C:\\dir\\file v="C:\\dir \\\\ x"',
        '# a comment',
        '   ',
        'm a=1i,b=12485903u,c=-1.5e3,d=t,e=FALSE,f=.5,g=+2 -1',
      ].join('\n'),
    ),
  ).toEqual([
    ['myMeasurement', { tag1: 'value1', tag2: 'value2' }, { fieldKey: 'fieldValue' }, 1556813561098000000],
    ['my Measurement', {}, { fieldKey: 'string value' }, undefined],
    ['myMeasurement', {}, { fieldKey: '"string" within a string' }, undefined],
    ['myMeasurement', { 'tag Key1': 'tag Value1', 'tag=Key2': 'tag,Value2' }, { fieldKey: 100 }, undefined],
    ['myMeasurement', { tagKey: '🍭' }, { fieldKey: 'Launch 🚀' }, 1556813561098000000],
    ['mymeas', { path: 'C:\\dir\\file' }, { v: 'C:\\dir \\ x' }, undefined],
    ['m', {}, { a: 1, b: 12485903, c: -1500, d: true, e: false, f: 0.5, g: 2 }, -1],
  ]);
});

test('line breaks end lines, but not within texts; those of Windows do too', () => {
  expect(plain('a v="one\ntwo,three=4" 1\r\nb v=1\r\nc v=2 2\r\n\r\nd v=t\r')).toEqual([
    ['a', {}, { v: 'one\ntwo,three=4' }, 1],
    ['b', {}, { v: 1 }, undefined],
    ['c', {}, { v: 2 }, 2],
    ['d', {}, { v: true }, undefined],
  ]);
});

test.each([
  ['cpu', 'missing fields'],
  ['cpu ', 'missing fields'],
  ['cpu,host=a', 'missing fields'],
  [',host=a v=1', 'missing measurement'],
  ['cpu, v=1', 'missing tag key'],
  ['cpu,host v=1', 'missing tag value'],
  ['cpu,host= v=1', 'missing tag value'],
  ['cpu,host=a=b v=1', 'invalid tag format'],
  ['cpu,a=1,a=2 v=1', 'duplicate tags'],
  ['cpu v', 'invalid field format'],
  ['cpu =1', 'missing field key'],
  ['cpu v=', 'missing field value'],
  ['cpu v=1,', 'missing field key'],
  ['cpu v=1,w', 'invalid field format'],
  ['cpu v="a', 'unbalanced quotes'],
  ['cpu v="a"b', 'invalid field format'],
  ['cpu v=1.5i', 'invalid number'],
  ['cpu v=-1u', 'invalid number'],
  ['cpu v=1e999', 'invalid number'],
  ['cpu v=0x1', 'invalid number'],
  ['cpu v=NaN', 'invalid boolean'],
  ['cpu v=tRUE', 'invalid boolean'],
  ['cpu v=9223372036854775808i', 'unable to parse integer: value out of range'],
  ['cpu v=18446744073709551616u', 'unable to parse integer: value out of range'],
  [`cpu v=${'9'.repeat(100)}i`, 'unable to parse integer: value out of range'],
  ['cpu v=1 now', 'bad timestamp'],
  ['cpu v=1 1.5', 'bad timestamp'],
  ['cpu v=1 9223372036854775808', 'bad timestamp'],
  ['cpu v=1 1 2', 'bad timestamp'],
])('a wrong line is told by its number and the others are taken: %s', (line, reason) => {
  const { points, wrong } = parse(`before v=1\n\n${line}\nafter v=2`);
  expect(wrong).toEqual([{ line: 3, text: line.trimEnd(), reason }]);
  expect(points.map(({ measurement, line: at }) => [measurement, at])).toEqual([
    ['before', 1],
    ['after', 4],
  ]);
});

test('the ends of the ranges are within them', () => {
  expect(plain('m a=9223372036854775807i,b=-9223372036854775808i,c=18446744073709551615u -9223372036854775808')[0]!.slice(2)).toEqual([
    { a: 2 ** 63, b: -(2 ** 63), c: 2 ** 64 },
    -(2 ** 63),
  ]);
});

const name = fc
  .string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('a', 'b', ',', '=', ' ', '"', '#', '\\', 'ä', '{', '.') })
  // A backslash at the end, or before another, would escape what follows: the line protocol cannot write it.
  .filter((text) => !/\\$|\\[\\,= ]/.test(text));
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x): [string, Value] => [String(x), x + 0]),
  fc.maxSafeInteger().map((x): [string, Value] => [`${x}i`, x]),
  fc.maxSafeNat().map((x): [string, Value] => [`${x}u`, x]),
  fc.constantFrom<[string, Value][]>(['t', true], ['True', true], ['f', false], ['FALSE', false]),
  fc
    .string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\r', ',', ' ', '=', '#') })
    .map((text): [string, Value] => [`"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`, text]),
);
const point = fc.record({
  measurement: name.filter((text) => !/^[#\s]/.test(text)),
  tags: fc.uniqueArray(fc.tuple(name, name), { selector: ([key]) => key, maxLength: 3 }),
  fields: fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 3 }),
  timestamp: fc.option(fc.maxSafeInteger(), { nil: undefined }),
});
const keyed = (text: string) => text.replace(/[, =]/g, '\\$&');

test('what is written as its reference says is read as it was', () => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 8 }), fc.constantFrom('\n', '\r\n', '\n\n# a "comment\n  '), (points, between) => {
      const lines = points.map(
        ({ measurement, tags, fields, timestamp }) =>
          `${[measurement.replace(/[, ]/g, '\\$&'), ...tags.map(([key, tag]) => `${keyed(key)}=${keyed(tag)}`)].join(',')} ${fields
            .map(([key, [text]]) => `${keyed(key)}=${text}`)
            .join(',')}${timestamp === undefined ? '' : ` ${timestamp}`}`,
      );
      const read = parse(lines.join(between));
      expect(read.wrong).toEqual([]);
      expect(
        read.points.map(({ measurement, tags, fields, timestamp }) => ({ measurement, tags: [...tags], fields: [...fields], timestamp })),
      ).toEqual(
        points
          .map((one) => ({ ...one, fields: one.fields.map(([key, [, was]]) => [key, typeof was === 'number' ? was + 0 : was]) }))
          .map((one) => ({
            ...one,
            timestamp: one.timestamp === undefined ? undefined : one.timestamp + 0,
          })),
      );
    }),
    { numRuns: 1_000, seed: 5 },
  );
});

test('rubbish is complained of, and never ends the reading', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 60, unit: fc.constantFrom('a', '"', '\\', '\n', '\r', ',', ' ', '=', '#', '1', 'i', '-') }),
      (text) => {
        const { points, wrong } = parse(`${text}\n"\nlast v=1`);
        expect(points.length + wrong.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 2_000, seed: 5 },
  );
});
