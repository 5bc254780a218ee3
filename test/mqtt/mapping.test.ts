import { type MappingDocument, MessageReader } from '../../src/mqtt/mapping.ts';

const NOW = 1_000_000;
const read = (options: MappingDocument, topic: string, payload: string | Buffer, { retained = false } = {}) => {
  const { samples, wrong } = new MessageReader('probe x', options).read(topic, Buffer.from(payload as string), retained, NOW, false);
  return wrong ?? samples.map(({ element = '-', property, value, time }) => [element, property, value, time]);
};

test('a plain number is the value of its property', () => {
  expect(read({ topic: 'a/b', property: 'load' }, 'a/b', ' 12.5\n')).toEqual([['-', 'load', 12.5, NOW]]);
  expect(read({ topic: 'a/b', property: 'load' }, 'a/b', '-1e3')).toEqual([['-', 'load', -1000, NOW]]);
});

test.each(['nan', 'NaN', 'Infinity', '0x10', '12 kg', 'unavailable', 'null', '{"a":1}', '1,5', '--1', ' '])(
  '%p is no number and is refused',
  (payload) => {
    expect(read({ topic: 'a', property: 'load' }, 'a', payload)).toContain('is no number');
  },
);

test('bytes that are no text are refused', () => {
  expect(read({ topic: 'a', property: 'load', as: 'text' }, 'a', Buffer.from([0xff, 0xfe, 0x00]))).toContain('no text in UTF-8');
});

test('an empty payload is how a retained message is taken away, and says nothing', () => {
  expect(read({ topic: 'a', property: 'load' }, 'a', '')).toEqual([]);
});

test('wildcards name the element and the property', () => {
  const options: MappingDocument = { topic: 'plant/+/line/+/+', wildcards: ['element', 'element', 'property'], elementPrefix: 'plant/' };
  expect(read(options, 'plant/a/line/3/temperature', '21')).toEqual([['plant/a/3', 'temperature', 21, NOW]]);
  expect(read(options, 'plant/a b/line/3/temperature', '21')).toContain('no id of an element');
  expect(read(options, 'plant/a/line/3/tempera ture', '21')).toContain('no name of a property');
});

test('JSON pointers read several properties, and those that are not there are left out', () => {
  const options: MappingDocument = { topic: 'd/+', elementPrefix: 'plant/', read: { load: '/load', state: '/s/name', gone: '/gone' } };
  expect(read(options, 'd/x', '{"load":1.5,"s":{"name":"on"}}')).toEqual([
    ['plant/x', 'load', 1.5, NOW],
    ['plant/x', 'state', 'on', NOW],
  ]);
  expect(read(options, 'd/x', '{"load":[1]}')).toContain('/load is no number, text or truth value');
  expect(read(options, 'd/x', '{"other":1}')).toContain('nothing at /load');
  expect(read(options, 'd/x', '{"load":')).toContain('not JSON');
});

test('words mean what the file says, and others are refused', () => {
  const options: MappingDocument = { topic: 'd', property: 'power', values: { ON: true, OFF: false, standby: 'idle' } };
  expect(read(options, 'd', 'ON')).toEqual([['-', 'power', true, NOW]]);
  expect(read(options, 'd', 'standby')).toEqual([['-', 'power', 'idle', NOW]]);
  expect(read(options, 'd', 'on')).toContain('none of ON, OFF, standby');
});

test('one value of a document may be given as a number, a text or a truth value', () => {
  expect(read({ topic: 'd', property: 'p', valueFrom: '/v' }, 'd', '{"v":"7"}')).toEqual([['-', 'p', 7, NOW]]);
  expect(read({ topic: 'd', property: 'p', valueFrom: '/v', as: 'truth' }, 'd', '{"v":true}')).toEqual([['-', 'p', true, NOW]]);
  expect(read({ topic: 'd', property: 'p', valueFrom: '/v', as: 'truth' }, 'd', '{"v":1}')).toContain('no true or false');
  expect(read({ topic: 'd', property: 'p', as: 'text' }, 'd', '12')).toEqual([['-', 'p', '12', NOW]]);
});

test('the time of a message is taken from it where it says it', () => {
  const options: MappingDocument = { topic: 'd', read: { load: '/load' }, timeFrom: '/t', timeFormat: 's' };
  expect(read(options, 'd', '{"load":1,"t":12.5}')).toEqual([['-', 'load', 1, 12_500]]);
  expect(read(options, 'd', '{"load":1}')).toContain('no time (s) at /t');
});

test('the age of a retained message is unknown unless it carries its time, or its topic holds a state', () => {
  const plain: MappingDocument = { topic: 'd', property: 'p' };
  expect(read(plain, 'd', '1', { retained: true })).toEqual([]);
  expect(read({ ...plain, retained: 'state' }, 'd', '1', { retained: true })).toEqual([['-', 'p', 1, NOW]]);
  const timed: MappingDocument = { topic: 'd', property: 'p', valueFrom: '/v', timeFrom: '/t' };
  expect(read(timed, 'd', '{"v":1,"t":5}', { retained: true })).toEqual([['-', 'p', 1, 5]]);
  expect(read({ ...timed, retained: 'never' }, 'd', '{"v":1,"t":5}', { retained: true })).toEqual([]);
});

test('messages of one topic within a millisecond are observations of their own', () => {
  const reader = new MessageReader('probe x', { topic: 'd', property: 'p' });
  const time = (now: number) => reader.read('d', Buffer.from('1'), false, now, false).samples[0]!.time;
  expect([time(5), time(5), time(5), time(6)]).toEqual([5, 5.001, 5.002, 6]);
});

test('the element may stand in the payload', () => {
  const options: MappingDocument = { topic: 'gateway', read: { load: '/load' }, elementFrom: '/device', elementPrefix: 'plant/' };
  expect(read(options, 'gateway', '{"device":"x","load":1}')).toEqual([['plant/x', 'load', 1, NOW]]);
  expect(read(options, 'gateway', '{"device":"x y","load":1}')).toContain('no id of an element');
  expect(read(options, 'gateway', '{"load":1}')).toContain('nothing at /device');
});

test.each<[MappingDocument, string]>([
  [{ topic: 'a/+b', property: 'p' }, 'whole level'],
  [{ topic: 'a/+/+', property: 'p' }, 'has 2 wildcards'],
  [{ topic: 'a' }, 'give one of'],
  [{ topic: 'a', property: 'p', read: { p: '/p' } }, 'give one of'],
  [{ topic: 'a', read: { p: '/p' }, as: 'number' }, 'not for "read"'],
  [{ topic: 'a', property: 'p', as: 'text', values: { a: 1 } }, 'either "as" or "values"'],
  [{ topic: 'a', property: 'p', timeFormat: 's' }, 'needs "timeFrom"'],
  [{ topic: 'a', property: 'p', elementPrefix: 'x/' }, 'needs a wildcard'],
  [{ topic: 'a', property: 'p', retained: 'timed' }, 'needs "timeFrom"'],
])('options that contradict each other are refused: %p', (options, text) => {
  expect(() => new MessageReader('probe x', options)).toThrow(text);
});
