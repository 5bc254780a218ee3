/** Operators that ask about a fact's past or about its being known: they turn by themselves, and survive what the state survives. */

import { compile } from '../../src/compile/index.ts';
import { Confirmer } from '../../src/confirm.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { type Given, START, seen, setupOf, World } from './world.ts';

const TYPES: Given['types'] = {
  server: { properties: { state: { stale: 'never' }, load: { stale: '5s' }, capacity: { stale: 'never' } }, commands: { restart: {} } },
};

const when = (fact: string, operator: string, value: unknown, more: Partial<PolicyDocument> = {}): PolicyDocument => ({
  name: 'p',
  scope: { type: 'server' },
  conditions: { all: [{ fact, operator, value }] },
  actions: [{ command: 'restart' }],
  ...more,
});
const given = (...policies: PolicyDocument[]): Given => ({
  types: TYPES,
  elements: { shop: { type: 'server' }, 'shop/a': { type: 'server' } },
  policies,
});
function truth(world: World, element = 'shop'): boolean | null {
  const row = world.state.symptoms.get(`p	${element}`);
  return row === undefined ? false : row.truth;
}

test('changed is true from the change until the span has passed, and a step is made for its end', () => {
  const world = new World(given(when('state', 'changed', '10s')));
  world.at(1, seen('shop', 'state', 'up', 1));
  expect(world.value('shop', 'state@changed:10s')).toBe(false); // The first value is no change.
  world.at(2, seen('shop', 'state', 'up', 2));
  expect(truth(world)).toBe(false);
  const { commands, firings } = world.at(3, seen('shop', 'state', 'down', 3));
  expect(truth(world)).toBe(true);
  expect(commands).toHaveLength(1);
  expect(firings[0]!.facts).toEqual({ 'state@changed:10s': true });
  expect(world.state.nextDue()).toBe(START + 13_000);
  world.at(12.999);
  expect(truth(world)).toBe(true);
  world.runTo(13);
  expect(truth(world)).toBe(false);
});

test('increased and decreased look at the last change of a number only', () => {
  const up = new World(given(when('capacity', 'increased', '10s')));
  const down = new World(given(when('capacity', 'decreased', '1m')));
  for (const [second, value] of [
    [1, 5],
    [2, 7],
    [3, 7],
    [4, 6],
  ] as const) {
    up.at(second, seen('shop', 'capacity', value, second));
    down.at(second, seen('shop', 'capacity', value, second));
    expect([second, truth(up), truth(down)]).toEqual([second, second === 2 || second === 3, second === 4]);
  }
  up.at(5, seen('shop', 'capacity', 'many', 5));
  expect(up.why('shop', 'capacity@increased:10s')).toBe('capacity is no number');
  up.at(6, seen('shop', 'capacity', 9, 6));
  expect(truth(up)).toBe(false); // From a text to a number is no rise.
});

test('of what is unknown nobody can say whether it has changed, but that it is unknown, or stale', () => {
  const asks = (operator: string, value: unknown) => new World(given(when('load', operator, value)));
  const [changed, unknown, known, stale] = [asks('changed', '1h'), asks('unknown', true), asks('unknown', false), asks('stale', true)];
  const all = () => [changed, unknown, known, stale].map((world) => truth(world));
  expect(all()).toEqual([false, true, false, false]);
  expect(changed!.why('shop', 'load@changed:1h')).toBe('load is unknown');
  for (const world of [changed, unknown, known, stale]) world!.at(1, seen('shop', 'load', 1, 1));
  for (const world of [changed, unknown, known, stale]) world!.at(2, seen('shop', 'load', 2, 2));
  expect(all()).toEqual([true, false, true, false]);
  for (const world of [changed, unknown, known, stale]) world!.runTo(7);
  expect(all()).toEqual([null, true, false, true]);
  for (const world of [changed, unknown, known, stale]) world!.at(8, seen('shop', 'load', 2, 8));
  expect(all()).toEqual([true, false, true, false]); // It came back as it was: the last change is the one at 2 s.
});

test("not before a question is Kleene's not", () => {
  const world = new World(given(when('state', 'not:changed', '10s')));
  expect(world.state.symptoms.get('p\tshop')).toBeUndefined();
  world.at(1, seen('shop', 'state', 'up', 1));
  expect(truth(world)).toBe(true);
  world.at(2, seen('shop', 'state', 'down', 2));
  expect(truth(world)).toBe(false);
  world.runTo(12);
  expect(truth(world)).toBe(true);
});

test('questions about a relative', () => {
  const world = new World(given(when('parent.state', 'changed', '10s', { scope: { element: 'shop/a' } })));
  world.at(1, seen('shop', 'state', 'up', 1));
  expect(truth(world, 'shop/a')).toBe(false);
  world.at(2, seen('shop', 'state', 'down', 2));
  expect(truth(world, 'shop/a')).toBe(true);
});

test('a restart and a reload in the middle change nothing', () => {
  const policies = [when('capacity', 'increased', '10s')];
  const plain = new World(given(...policies));
  const killed = new World(given(...policies));
  for (const world of [plain, killed]) {
    world.at(1, seen('shop', 'capacity', 1, 1));
    world.at(2, seen('shop', 'capacity', 2, 2));
    if (world === killed) {
      world.restart();
      world.configure(3, given(...policies, when('load', 'greaterThan', 100, { name: 'other' })));
    }
    world.runTo(11.999);
    expect(truth(world)).toBe(true);
    world.restart();
    world.runTo(12);
    expect(truth(world)).toBe(false);
  }
});

test('a property that is declared anew is not taken for one that changed', () => {
  const world = new World(given(when('state', 'changed', '1h')));
  world.at(1, seen('shop', 'state', 'up', 1));
  world.configure(2, {
    ...given(when('state', 'changed', '1h')),
    types: { server: { ...TYPES.server, properties: { ...TYPES.server!.properties, state: { unit: 's', stale: 'never' } } } },
  });
  world.at(3, seen('shop', 'state', 'down', 3));
  expect(world.value('shop', 'state@changed:1h')).toBe(false);
});

test('json-rules-engine confirms what rests on them, and on between and matches', async () => {
  const conditions: PolicyDocument['conditions'] = {
    all: [
      { fact: 'state', operator: 'not:changed', value: '10s' },
      { fact: 'capacity', operator: 'between', value: [1, 5] },
      { fact: 'state', operator: 'matches', value: '^u' },
      { fact: 'load', operator: 'unknown', value: true },
      {
        any: [
          { fact: 'capacity', operator: 'equal', value: 3 },
          { fact: 'state', operator: 'in', value: { fact: 'load' } },
        ],
      },
    ],
  };
  const world = new World(given(when('state', 'equal', 1, { conditions })));
  const { firings } = world.at(1, seen('shop', 'state', 'up', 1), seen('shop', 'capacity', 3, 1));
  expect(firings).toHaveLength(1);
  const confirmer = new Confirmer();
  const policy = world.derived.blueprint.policies.get('p')!;
  expect(await confirmer.disagreement(policy, firings[0]!)).toBeUndefined();
  for (const [fact, value] of [
    ['state@changed:10s', true],
    ['capacity', 6],
    ['state', 'down'],
    ['load@unknown', false],
  ] as const)
    expect(await confirmer.disagreement(policy, { ...firings[0]!, facts: { ...firings[0]!.facts, [fact]: value } })).toContain(
      'does not find',
    );
});

test('a question about what no element has is told where it is asked', () => {
  const { findings } = compile(setupOf(given(when('stat', 'changed', '10s'))), 'homeostat.json');
  expect(findings.list).toMatchObject([
    {
      code: 'H103',
      file: 'rules.json',
      pointer: '/policies/0/conditions/all/0/fact',
      message: expect.stringContaining('did you mean "state"?'),
    },
  ]);
});
