import { compile } from '../../src/compile/index.ts';
import type { Param } from '../../src/documents/action.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { type Given, seen, setupOf, World } from './world.ts';

const farm = (to: Param): Given => ({
  types: {
    farm: {
      properties: { load: {}, servers: { stale: 'never' }, most: { stale: 'never' }, name: { stale: 'never' } },
      commands: { scale: { resource: 'servers', property: 'servers' } },
    },
  },
  elements: { shop: { type: 'farm', properties: { servers: 100, name: 'shop' } } },
  policies: [
    {
      name: 'p',
      scope: { type: 'farm' },
      conditions: { fact: 'load', operator: 'greaterThan', value: 0 } as PolicyDocument['conditions'],
      actions: [{ command: 'scale', params: { to } }],
    },
  ],
});

test.each<[Param, number, number]>([
  [{ expression: 'load / 10', min: 2 }, 15, 2],
  [{ expression: 'load / 10', min: 1, max: { fact: 'most' } }, 99, 7],
  [{ expression: 'load / 10', min: 1, max: { fact: 'most' }, step: 1 }, 34, 3],
  [{ expression: 'load / 10', min: 1, step: 2 }, 38, 3],
  [{ expression: 'load / 10', step: 2 }, 38, 4],
  [{ expression: 'load / 10', step: 5, max: 4 }, 38, 4],
  [{ fact: 'load', max: 12 }, 38, 12],
  [{ fact: 'load', step: 0.1 }, 0.3049, 0.3],
  [{ value: 5 }, 38, 5],
  [{ value: 5, min: { fact: 'most' } }, 38, 7],
])('%j at a load of %d is %d', (to, load, expected) => {
  const world = new World(farm(to));
  const { commands } = world.at(1, seen('shop', 'most', 7, 1), seen('shop', 'load', load, 1));
  expect(commands.map((c) => c.params)).toEqual([{ to: expected }]);
});

test.each<[Param, RegExp]>([
  [{ fact: 'load', max: { fact: 'most' } }, /to is unknown: its bound most has no value/],
  [{ fact: 'load', min: { fact: 'name' } }, /its bound name is no number/],
  [{ fact: 'name', min: 1 }, /"shop" is no number to hold within bounds/],
  [{ fact: 'load', min: { fact: 'servers' }, max: 2 }, /its lower bound 100 is above its upper bound 2/],
])('%j makes no command while a bound is unknown or makes no sense', (to, reason) => {
  const world = new World(farm(to));
  expect(world.at(1, seen('shop', 'load', 5, 1)).commands).toEqual([]);
  expect(world.heldBy('p', 'shop')).toBe('unknown-value');
  expect(world.kinds('held')[0]!.text).toMatch(reason);
});

test.each<[Param, string]>([
  [{ fact: 'load', min: 3, max: 2 }, 'min 3 is above max 2'],
  [{ value: 'many', max: 2 }, 'min, max and step are for numbers; found "many"'],
  [{ fact: 'load', max: { fact: 'mots' } }, 'type "farm" has no property "mots"; did you mean "most"?'],
])('%j is refused at load', (to, message) => {
  const { findings } = compile(setupOf(farm(to)), 'homeostat.json');
  expect(findings.list.map((f) => f.message)).toContain(message);
});

test('a command that sets a property and is given both by and to is refused at load', () => {
  const given = farm(5);
  const policies = given.policies.map((policy) => ({ ...policy, actions: [{ command: 'scale', params: { by: 1, to: 5 } }] }));
  const { findings } = compile(setupOf({ ...given, policies }), 'homeostat.json');
  expect(findings.list.map((f) => [f.code, f.pointer, f.message])).toEqual([
    ['H003', '/policies/0/actions/0/command', '"scale" takes either "by" or "to"'],
  ]);
});
