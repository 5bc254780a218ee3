import { complaintAbout, valueOfText } from '../../../src/monitor/probes/values.ts';

test.each([
  ['12', 12],
  [' -1.5e3 ', -1_500],
  ['.5', 0.5],
  ['true', true],
  ['false', false],
  ['0x10', '0x10'],
  ['1.2.3', '1.2.3'],
  ['half speed', 'half speed'],
  ['', undefined],
  ['  ', undefined],
])('the text "%s" is the value %j', (text, value) => {
  expect(valueOfText(text)).toBe(value);
});

test.each(['nan', 'NaN', 'inf', '-Infinity', '+Inf', '1e999'])('"%s" is refused as a number, and never passes for a text', (text) => {
  const value = valueOfText(text);
  expect(complaintAbout({ property: 'load', value: value! })).toBe('load is not a finite number');
});

test.each([
  [{ property: 'a b', value: 1 }, '"a b" is not the name of a property'],
  [{ property: 'load', value: 1, element: '/shop' }, '"/shop" is not the id of an element'],
  [{ property: 'load', value: 1, time: Number.NaN }, 'the time of load is NaN'],
  [{ property: 'load', value: 1, time: -1 }, 'the time of load is -1'],
])('the sample %j is refused', (sample, message) => {
  expect(complaintAbout(sample)).toContain(message);
});

test('a sample that fits an observation is not complained about', () => {
  expect(complaintAbout({ property: 'load', value: '', element: 'shop/server-1', time: 0 })).toBeUndefined();
});
