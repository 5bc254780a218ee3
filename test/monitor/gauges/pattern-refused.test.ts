import type { GaugeDocument } from '../../../src/documents/manager.ts';
import { HomeostatError } from '../../../src/errors.ts';
import { createGauge } from '../../../src/monitor/gauges/create.ts';
import { is } from './events.ts';

const refusal = (document: object): string => {
  try {
    createGauge({ kind: 'pattern', ...document } as GaugeDocument);
  } catch (thrown) {
    if (thrown instanceof HomeostatError) return `${thrown.code} ${thrown.message}`;
    throw thrown;
  }
  return 'taken';
};

test('what cannot be meant is refused, with its place', () => {
  expect(refusal({})).toBe('H007 pattern: it needs one of event, any, all, sequence, notAll, absence, count; found none');
  expect(refusal({ event: {}, any: [{}] })).toMatch(/found event and any$/);
  expect(refusal({ absence: {} })).toBe('H007 pattern: "absence" needs "within", such as "5m"');
  expect(refusal({ event: {}, within: '5s' })).toMatch(/"within" means nothing beside "event"/);
  expect(refusal({ count: { atLeast: 200 }, within: '5s' })).toMatch(/let "keep" be 200 or more/);
  expect(refusal({ event: { where: { fact: 'event', operator: 'greaterThen', value: 1 } } })).toBe(
    'H104 pattern: /event/where/operator: unknown operator "greaterThen"; did you mean "greaterThan"?; take the suggested one; they are listed in docs/conditions.md',
  );
  expect(refusal({ all: [{ as: 'first' }, { where: { any: [is('$.a', 1, 'frist')] } }] })).toMatch(
    /^H103 pattern: \/all\/1\/where\/any\/0: no event before it is named "frist"; did you mean "first"\?/,
  );
  expect(refusal({ any: [{ as: 'first' }, { where: is('$.a', 1, 'first') }] })).toMatch(/^H103/);
  expect(refusal({ event: { where: { fact: 'event', operator: 'changed', value: '5s' } } })).toBe(
    'H104 pattern: /event/where/operator: an event has no past, which "changed" asks about',
  );
  expect(refusal({ event: { where: { expression: 'event.a >' } } })).toMatch(/^H107/);
  expect(refusal({ event: { where: { fact: '=x', operator: 'equal', value: 1 } } })).toMatch(/^H103 pattern: \/event\/where\/fact/);
  expect(refusal({ event: { where: { fact: '?x', operator: 'equal', value: 1 } } })).toMatch(/^H103/);
  expect(refusal({ event: { where: { all: [5] } } })).toMatch(/^H102 pattern: \/event\/where\/all\/0/);
  expect(refusal({ event: { where: is('$.a[?(@.b)]', 1) } })).toMatch(/^H121 pattern: \/event\/where\/path/);
  expect(refusal({ event: {}, by: ['$[?(1)]'] })).toMatch(/^H121/);
  expect(refusal({ all: [{ as: 'a' }, { as: 'a' }] })).toMatch(/there is "a" already/);
  expect(refusal({ event: {}, gives: { fact: 'other' } })).toMatch(/no step is named "other"/);
});
