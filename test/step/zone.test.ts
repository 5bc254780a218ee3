import { compile } from '../../src/compile/index.ts';
import type { TypeDocument } from '../../src/documents/manager.ts';
import type { Zone } from '../../src/documents/raising.ts';
import { above, heat, load, shop } from './raising.ts';
import { type Given, seen, setupOf, World } from './world.ts';

const ZONES: Zone[] = [
  { name: 'calm', below: 150 },
  { name: 'busy', from: 150, below: 400 },
  { name: 'overload', from: 500 },
];

/** The shop with zones on its load, and a policy about its heat. */
const zoned = (zone: { fact: string; in: string[] }, zones: readonly Zone[] = ZONES): Given => {
  const given = shop({ conditions: above('heat', 50), zone, cooldown: '1ms' });
  const type = given.types.shop as TypeDocument;
  return {
    ...given,
    types: { shop: { ...type, properties: { ...type.properties, load: { stale: '30s', unit: 'rps', zones: [...zones] } } } },
  };
};

test.each([
  [149.9, 'calm (below 150)'],
  [150, undefined],
  [399.9, undefined],
  [400, 'no zone'],
  [500, 'overload (from 500)'],
])('at %d a policy for the busy zone is held by: %s', (value, where) => {
  const world = new World(zoned({ fact: 'load', in: ['busy'] }));
  expect(world.at(1, heat(60, 1), load(value, 1)).commands).toHaveLength(where === undefined ? 1 : 0);
  expect(world.kinds('held').map((entry) => entry.text)).toEqual(
    where === undefined ? [] : [`p on shop is held back by zone: load ${value} rps is in ${where}, and the policy applies in busy`],
  );
});

test('it holds where the zone is unknown, and lets go in the step that enters it', () => {
  const world = new World(zoned({ fact: 'load', in: ['busy', 'overload'] }));
  expect(world.at(1, heat(60, 1)).commands).toEqual([]);
  expect(world.kinds('held')[0]!.text).toMatch(/load is unknown, and the policy applies in busy or overload/);
  world.restart();
  expect(world.at(2, load(600, 2)).commands).toHaveLength(1);
});

test('the zone may be that of another element', () => {
  const given = zoned({ fact: 'depot.load', in: ['calm'] });
  const world = new World({ ...given, elements: { ...given.elements, depot: { type: 'shop' } } });
  const at = (value: number, t: number) => world.at(t, heat(60 + t, t), seen('depot', 'load', value, t)).commands;
  expect(at(200, 1)).toEqual([]);
  expect(at(100, 2)).toHaveLength(1);
});

test.each<[string, { fact: string; in: string[] }, readonly Zone[], object]>([
  [
    'a zone that is not declared',
    { fact: 'load', in: ['busi'] },
    ZONES,
    { code: 'H005', pointer: '/policies/0/zone/in/0', message: '"load" has no zone "busi"; did you mean "busy"?' },
  ],
  [
    'a fact without zones',
    { fact: 'heat', in: ['busy'] },
    ZONES,
    { code: 'H005', pointer: '/policies/0/zone/fact', message: '"heat" declares no zones' },
  ],
  [
    'a fact that is not there',
    { fact: 'laod', in: ['busy'] },
    ZONES,
    { code: 'H103', pointer: '/policies/0/zone/fact', message: expect.stringContaining('did you mean "load"') },
  ],
  [
    'zones that overlap',
    { fact: 'load', in: ['a'] },
    [
      { name: 'a', below: 10 },
      { name: 'b', from: 9 },
    ],
    { code: 'H003', pointer: '/types/shop/properties/load/zones/1', message: 'zone "b" overlaps "a": from 9 and below 10' },
  ],
  [
    'a zone that is reversed',
    { fact: 'load', in: ['a'] },
    [{ name: 'a', from: 10, below: 9 }],
    { code: 'H003', pointer: '/types/shop/properties/load/zones/0' },
  ],
  [
    'two of one name',
    { fact: 'load', in: ['a'] },
    [
      { name: 'a', below: 9 },
      { name: 'a', from: 9 },
    ],
    { code: 'H006', pointer: '/types/shop/properties/load/zones/1/name' },
  ],
])('%s is found at load', (_, zone, zones, finding) => {
  expect(compile(setupOf(zoned(zone, zones)), 'homeostat.json').findings.list).toMatchObject([finding]);
});
