import fc from 'fast-check';
import { ID_PATTERN, NAME_PATTERN } from '../src/messages.ts';
import { elementBy, missingIn, propertyBy, templateOf } from '../src/naming.ts';

const looking = (values: Record<string, unknown>) => (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);

test('placeholders stand for what the source has, whatever their names', () => {
  const look = looking({ instance: 'a:9100', '/device/id': 7, 'tag:host': 'b', up: true });
  expect(elementBy(templateOf('web/{instance}'), look)).toBe('web/a:9100');
  expect(elementBy(templateOf('{tag:host}/{/device/id}.x'), look)).toBe('b/7.x');
  expect(propertyBy(templateOf('is_{up}'), look)).toBe('is_true');
  expect(propertyBy(templateOf('plain'), look)).toBe('plain');
});

test('a placeholder without a value, or with an empty one, makes no name, and is told', () => {
  const look = looking({ empty: '', nothing: null, there: 'x' });
  const template = templateOf('{there}/{empty}/{nothing}/{absent}');
  expect(elementBy(template, look)).toBeUndefined();
  expect(missingIn(template, look)).toEqual(['empty', 'nothing', 'absent']);
});

test('a text is one part of a path, and a list is several', () => {
  expect(elementBy(templateOf('x/{a}/y'), looking({ a: 'p/q' }))).toBe('x/p_q/y');
  expect(elementBy(templateOf('x/{a}/y'), looking({ a: ['p', 'q r'] }))).toBe('x/p/q_r/y');
  expect(propertyBy(templateOf('{a}'), looking({ a: ['p', 'q'] }))).toBe('p_q');
});

test('whatever the source says, what comes of it is a name', () => {
  const id = new RegExp(ID_PATTERN);
  const name = new RegExp(NAME_PATTERN);
  const value = fc.oneof(
    fc.string({ minLength: 1, unit: 'binary' }),
    fc.constantFrom('.', '..', '/', '\n', 'ä', '../x'),
    fc.integer(),
    fc.boolean(),
  );
  fc.assert(
    fc.property(value, (given) => {
      const look = looking({ a: given });
      expect(elementBy(templateOf('web/{a}'), look)).toMatch(id);
      expect(propertyBy(templateOf('{a}'), look)).toMatch(name);
    }),
    { numRuns: 1_000, seed: 5 },
  );
});
