import { createGauge } from '../../../src/monitor/gauges/create.ts';

test('it calculates from other readings, and names those it needs', () => {
  const gauge = createGauge({ kind: 'expression', expression: 'busy / parent.capacity' });
  if (gauge.over !== 'readings') throw new Error('it rests on readings');
  const known: Record<string, number> = { busy: 3, 'parent.capacity': 4 };
  expect(gauge.facts).toEqual(['busy', 'parent.capacity']);
  expect(gauge.read((fact) => known[fact], 0)).toEqual({ value: 0.75 });
  expect(gauge.read(() => undefined, 0)).toEqual({ why: 'busy is unknown' });
});

test('a wrong expression is refused when the gauge is made', () => {
  expect(() => createGauge({ kind: 'expression', expression: 'busy /' })).toThrow(/Unexpected token: EOF, at character 7/);
});
