import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SimulatedClock } from '../../../src/clock.ts';
import { fileKind } from '../../../src/monitor/probes/file.ts';
import type { Measurement } from '../../../src/monitor/probes/probe.ts';
import { context, folder, followed, until } from './support.ts';

type Options = Parameters<typeof fileKind.create>[0];

const read = { load: '/load' };

/** Follows a file in a folder of its own, which holds `text` at the beginning; undefined: there is none. */
function follow(text: string | undefined, options: Partial<Options>, clock?: SimulatedClock) {
  const directory = folder();
  const path = join(directory, 'values');
  if (text !== undefined) writeFileSync(path, text);
  const probe = fileKind.create({ path: 'values', ...options }, context({ directory, ...(clock && { clock }) }));
  return { path, seen: followed(probe), probe };
}

const all = (seen: readonly Measurement[]) => seen.flatMap((m) => m.samples);
const values = (seen: readonly Measurement[]) => all(seen).map((s) => s.value);
const wrongs = (seen: readonly Measurement[]) => seen.flatMap((m) => m.wrong ?? []);

test('lines that are appended are published, those that were there before are not', async () => {
  const { path, seen } = follow('{"load":1}\n{"load":2}\n', { read });
  // Again and again: what is appended before the probe has opened the file is as old as the rest.
  await until(() => {
    appendFileSync(path, '{"load":3}\n');
    return values(seen).length > 0;
  });
  expect(new Set(values(seen))).toEqual(new Set([3]));
});

test('from its start, the whole file is published', async () => {
  const { path, seen } = follow('{"load":1}\r\n\n{"load":2,"other":true}\n{"other":1}\n{"load":null}\n', { read, from: 'start' });
  await until(() => values(seen).length >= 2);
  appendFileSync(path, '{"load":3}\n');
  await until(() => values(seen).length >= 3);
  expect(values(seen)).toEqual([1, 2, 3]);
  expect(wrongs(seen)).toEqual([]);
});

test('a line without its end waits until it is complete', async () => {
  const { path, seen } = follow('{"load":1}\n{"lo', { read, from: 'start' });
  await until(() => values(seen).length === 1);
  appendFileSync(path, 'ad":2');
  appendFileSync(path, '7}\n{"load":3');
  await until(() => values(seen).length === 2);
  appendFileSync(path, '}\n');
  await until(() => values(seen).length === 3);
  expect(values(seen)).toEqual([1, 27, 3]);
});

test('a line that began before the probe did is read whole', async () => {
  const { path, seen } = follow('{"load":1}\n{"lo', { read });
  await until(() => {
    appendFileSync(path, 'ad":2}\n{"lo');
    return values(seen).length > 0;
  });
  expect(new Set(values(seen))).toEqual(new Set([2]));
  expect(wrongs(seen)).toEqual([]);
});

test('after a rotation by rename the rest of the old file and all of the new one are published, in order', async () => {
  const { path, seen } = follow('{"load":1}\n', { read, from: 'start' });
  await until(() => values(seen).length === 1);
  appendFileSync(path, '{"load":2}\n');
  renameSync(path, `${path}.1`);
  writeFileSync(path, '{"load":4}\n');
  // Its writer has not yet noticed.
  appendFileSync(`${path}.1`, '{"load":3}');
  await until(() => values(seen).length === 4);
  expect(values(seen).sort()).toEqual([1, 2, 3, 4]);
  expect(values(seen).indexOf(1)).toBe(0);
  renameSync(path, `${path}.2`);
  writeFileSync(path, '{"load":5}\n');
  await until(() => values(seen).length === 5);
  expect(wrongs(seen).filter((w) => !w.includes('ENOENT'))).toEqual([]);
});

test('after a truncation the file is read from its start', async () => {
  const { path, seen } = follow('{"load":1}\n{"load":2}\n{"load":3}\n{"lo', { read, from: 'start' });
  await until(() => values(seen).length === 3);
  truncateSync(path);
  appendFileSync(path, '{"load":4}\n');
  await until(() => values(seen).length === 4);
  expect(values(seen)).toEqual([1, 2, 3, 4]);
  expect(wrongs(seen)).toEqual([]);
});

test('a missing file is a failure that ends when it appears, empty or not, and it is read from its start', async () => {
  const { path, seen } = follow(undefined, { read });
  expect((await until(() => seen[0])).wrong).toMatch(/cannot be read: .*ENOENT/);
  writeFileSync(path, '');
  await until(() => seen.some((m) => m.wrong === undefined));
  expect(values(seen)).toEqual([]);
  appendFileSync(path, '{"load":1}\n');
  await until(() => values(seen).length === 1);
  rmSync(path);
  await until(() => seen.at(-1)?.wrong !== undefined);
  writeFileSync(path, '{"load":2}\n');
  await until(() => values(seen).length === 2);
  expect(values(seen)).toEqual([1, 2]);
});

test('something that is not a plain file is a failure', async () => {
  const { path, seen } = follow(undefined, { read });
  mkdirSync(path);
  await until(() => wrongs(seen).some((w) => w.includes('it is not a plain file')));
});

test('wrong lines are reported by the number of the first, and the others are published', async () => {
  const text = '{"load":1}\nload 2\n{"load":{"a":1}}\n{"load":4}\n{"load":1e999}\n';
  const { seen } = follow(text, { read, from: 'start' });
  await until(() => seen.length > 0);
  expect(values(seen)).toEqual([1, 4]);
  expect(wrongs(seen)).toEqual(['line 2: not JSON: load 2; 2 more wrong lines']);
});

test('a wrong line stays the last word until there is a good one', async () => {
  const clock = new SimulatedClock(1_000);
  const { path, seen } = follow('{"load":1}\nwrong\n', { read, from: 'start' }, clock);
  await until(() => seen.length === 1);
  appendFileSync(path, '{"load":2}\n');
  await until(() => {
    clock.advanceTo(clock.now() + 20);
    return seen.length > 1;
  });
  expect(seen.map((m) => m.wrong)).toEqual(['line 2: not JSON: wrong', undefined]);
});

test('a line longer than allowed is reported and the next one is read', async () => {
  const { seen } = follow(`{"load":1,"x":"${'x'.repeat(200_000)}"}\n{"load":2}\n`, { read, from: 'start', maxLineBytes: 100 });
  await until(() => seen.length > 0);
  expect(values(seen)).toEqual([2]);
  expect(wrongs(seen)).toEqual(['line 1: the line is too long']);
});

test('where reading began at the end, a wrong line is placed by the byte from which lines are counted', async () => {
  const { path, seen } = follow('{"load":1}\n', { read });
  await until(() => {
    appendFileSync(path, 'wrong\n');
    return wrongs(seen).length > 0;
  });
  expect(wrongs(seen)[0]).toMatch(/^line 1 after byte \d+: not JSON: wrong/);
});

test('element and time come from the line, and a line without them is wrong', async () => {
  const text = [
    '{"at":"1970-01-01T00:00:01.5Z","who":"server-2","load":1}',
    '{"at":"yesterday","who":"server-2","load":2}',
    '{"at":"1970-01-01T00:00:02Z","who":"no such/ id","load":3}',
    '{"at":"1970-01-01T00:00:03Z","load":4}',
    '',
  ].join('\n');
  const mapping = { read, from: 'start', timeFrom: '/at', timeFormat: 'iso', elementFrom: '/who', elementPrefix: 'shop/' } as const;
  const { seen } = follow(text, mapping);
  await until(() => seen.length > 0);
  expect(all(seen)).toEqual([{ property: 'load', value: 1, element: 'shop/server-2', time: 1_500 }]);
  expect(wrongs(seen)).toEqual(['line 2: the time "yesterday" is not written as 2026-01-31T12:00:00Z; 2 more wrong lines']);
});

test('lines of one value each name their property', async () => {
  const text = '{"metric":"load","value":1}\n{"metric":"a b","value":2}\n{"metric":"ready","value":true}\n{}\n';
  const { seen } = follow(text, { from: 'start', propertyFrom: '/metric', valueFrom: '/value' });
  await until(() => seen.length > 0);
  expect(all(seen).map((s) => [s.property, s.value])).toEqual([
    ['load', 1],
    ['ready', true],
  ]);
  expect(wrongs(seen)[0]).toMatch(/^line 2: "a b" is not the name of a property/);
});

test('lines of the same time, told or not, are a thousandth of a millisecond apart, so that each is an observation of its own', async () => {
  const { seen } = follow('{"t":5,"load":1}\n{"t":5,"load":1}\n{"t":5,"load":2}\n{"t":6.5,"load":3}\n', {
    read,
    from: 'start',
    timeFrom: '/t',
  });
  await until(() => seen.length > 0);
  expect(all(seen).map((s) => s.time)).toEqual([5, 5.001, 5.002, 6.5]);
});

test('lines that tell no time have that of the look that found them', async () => {
  const clock = new SimulatedClock(1_000);
  const { seen } = follow('{"load":1}\n{"load":2}\n{"load":3}\n', { read, from: 'start' }, clock);
  await until(() => seen.length > 0);
  expect(all(seen).map((s) => s.time)).toEqual([1_000, 1_000.001, 1_000.002]);
});

test('a CSV file names its columns in its first line, also where reading begins at its end', async () => {
  const { path, seen } = follow('time,load,mode\n1000,1,"a, b"\n', {
    format: 'csv',
    read: { load: 'load', mode: 'mode' },
    timeFrom: 'time',
  });
  await until(() => {
    appendFileSync(path, '2000,2.5,"c, ""d"""\n');
    return all(seen).length > 0;
  });
  expect(all(seen).slice(0, 2)).toEqual([
    { property: 'load', value: 2.5, time: 2_000 },
    { property: 'mode', value: 'c, "d"', time: 2_000 },
  ]);
  // After a rotation the columns may stand in another order.
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'mode,load,time\nx,3,3000\n');
  await until(() => values(seen).includes(3));
  expect(
    all(seen)
      .slice(-2)
      .map((s) => s.value),
  ).toEqual([3, 'x']);
});

test('CSV values are numbers, truth values and texts; an empty field says nothing; a wrong record is reported', async () => {
  const text = 'load;ready;mode\n1;true;x\n;false;\n2;true\nnan;true;z\n3;"x;true\n4;true;w\n';
  const mapping = { load: 'load', ready: 'ready', mode: 'mode' };
  const { seen } = follow(text, { format: 'csv', delimiter: ';', from: 'start', read: mapping });
  await until(() => seen.length > 0);
  expect(values(seen)).toEqual([1, true, 'x', false, true, 'z', 4, true, 'w']);
  expect(wrongs(seen)).toEqual(['line 4: 2 fields, and 3 columns; 2 more wrong lines']);
});

test('a column that the header does not name is reported with each line, and the others are published', async () => {
  const { seen } = follow('load\n1\n2\n', { format: 'csv', from: 'start', read: { load: 'load', speed: 'speed' } });
  await until(() => seen.length > 0);
  expect(values(seen)).toEqual([1, 2]);
  expect(wrongs(seen)).toEqual(['line 2: there is no column "speed"; 1 more wrong lines']);
});

test('a CSV file without a header is read by the columns given', async () => {
  const { seen } = follow('1,2\n', { format: 'csv', from: 'start', columns: ['a', 'b'], read: { load: 'b' } });
  await until(() => seen.length > 0);
  expect(values(seen)).toEqual([2]);
});

test('nothing is told after the probe was closed', async () => {
  const { path, seen, probe } = follow('{"load":1}\n', { read, from: 'start' });
  await until(() => seen.length === 1);
  await probe.close();
  appendFileSync(path, '{"load":2}\n');
  await new Promise((resolve) => setImmediate(resolve));
  expect(values(seen)).toEqual([1]);
});

test.each<[Partial<Options>, string]>([
  [{}, 'give either "read", or "propertyFrom" and "valueFrom"'],
  [{ read, propertyFrom: '/a', valueFrom: '/b' }, 'give either "read"'],
  [{ propertyFrom: '/a' }, '"propertyFrom" and "valueFrom" need each other'],
  [{ read: { load: 'load' } }, '"load" is not a JSON pointer; did you mean "/load"?'],
  [{ read, columns: ['a'] }, '"columns" and "delimiter" need "format": "csv"'],
  [{ read: { load: 'b' }, format: 'csv', columns: ['a'] }, '"b" is not among "columns"'],
  [{ read, elementPrefix: 'shop/' }, '"elementPrefix" needs "elementFrom"'],
  [{ read, timeFormat: 's' }, '"timeFormat" needs "timeFrom"'],
])('options %j are refused', (options, message) => {
  const create = () => fileKind.create({ path: 'x', ...options }, context());
  expect(create).toThrow(message);
  expect(create).toThrow(expect.objectContaining({ code: 'H007' }));
});
