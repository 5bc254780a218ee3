import { compile } from '../../src/compile/index.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { GRANTS_PER_STEP } from '../../src/plan/pool.ts';
import { farm, lost, raise, wants } from './arbitration.ts';
import { type Given, seen, setupOf, succeeded, World } from './world.ts';

const commands = { scale: { property: 'servers', merge: 'utility' as const, pool: 'machines' } };
/** One more unit is worth less the more there are, and `worth` says how much an element is worth altogether. */
const falling = { expression: 'worth / units' };
const more = (name: string, to: number, other: Partial<PolicyDocument> = {}) =>
  wants(name, 'scale', { to }, { utility: falling, ...other });

/** Shops with so many servers, each worth so much. */
const shops = (
  total: number,
  of: Record<string, readonly [servers: number, worth: number]>,
  policies: PolicyDocument[],
  and: Partial<Given> = {},
) =>
  farm(commands, policies, {
    pools: { machines: { total } },
    elements: Object.fromEntries(
      Object.entries(of).map(([id, [servers, worth]]) => [id, { type: 'farm', properties: { servers, worth } }]),
    ),
    ...and,
  });
const sent = (result: { commands: readonly { element: string; params: object }[] }) => result.commands.map((c) => [c.element, c.params]);

describe('a shared pool is divided unit by unit, to whom one more is worth most', () => {
  test('until it is spent', () => {
    const world = new World(shops(10, { a: [1, 12], b: [1, 6], c: [2, 1] }, [more('grow', 9)]));
    // Six are free. a: 6 4 3 2.4 2 …, b: 3 2 1.5 …, c: 1/3 …; of equals the first in the total order.
    expect(sent(world.at(1, ...['a', 'b', 'c'].flatMap((id) => raise(1, ['grow'], id))))).toEqual([
      ['a', { to: 6 }],
      ['b', { to: 2 }],
    ]);
    expect(world.kinds('command').map((e) => e.data.grant)).toEqual([
      { pool: 'machines', wanted: 8, granted: 5, utility: 2 },
      { pool: 'machines', wanted: 8, granted: 1, utility: 3 },
    ]);
    expect(world.kinds('lost').map((e) => [e.element, e.data.rule, e.data.reason])).toEqual([
      ['a', 'pool', 'pool machines: 5 of 8 granted; one more unit is worth 1.71429 here; 10 of 10 are held'],
      ['b', 'pool', 'pool machines: 1 of 8 granted; one more unit is worth 2 here; the last unit went to grow on a at 2'],
      ['c', 'pool', 'pool machines: one more unit is worth 0.333333 here; the last unit went to grow on a at 2'],
    ]);
    // Who got a part has acted; who got nothing is held back and has spent nothing.
    expect([world.heldBy('grow', 'a'), world.heldBy('grow', 'c')]).toEqual([null, 'pool grow']);
    expect(world.state.symptoms.get('grow\tc')!.acted.committed).toEqual([]);
  });

  test('what is promised by a command on its way is not there to be granted', () => {
    const world = new World(shops(4, { a: [1, 9], b: [1, 1] }, [more('grow', 3)]));
    const first = world.at(1, ...raise(1, ['grow'], 'a'));
    expect(sent(first)).toEqual([['a', { to: 3 }]]);
    expect(world.at(2, ...raise(2, ['grow'], 'b')).commands).toEqual([]);
    expect(lost(world)).toEqual([['grow', 'pool', 'machines']]);
    expect(world.kinds('lost')[0]!.data.reason).toBe('pool machines: one more unit is worth 0.5 here; 4 of 4 are held');
    // It failed: the reading says that the units were never taken.
    expect(sent(world.at(3, succeeded(first.commands[0]!.id, { status: 'failed' })))).toEqual([['b', { to: 3 }]]);
  });

  test('two policies that want more for one element: a unit serves both, and is worth what it is worth to the one that values it most', () => {
    const world = new World(
      shops(5, { a: [1, 1], b: [1, 1] }, [
        more('some', 3, { utility: 5, scope: { element: 'a' } }),
        more('lots', 9, { utility: 2, scope: { element: 'a' } }),
        more('rival', 9, { utility: 3, scope: { element: 'b' } }),
      ]),
    );
    const result = world.at(1, ...raise(1, ['some', 'lots'], 'a'), ...raise(1, ['rival'], 'b'));
    expect(result.commands.map((c) => [c.policy, c.element, c.params])).toEqual([
      ['lots', 'a', { to: 3 }],
      ['rival', 'b', { to: 2 }],
    ]);
    expect(world.kinds('lost').map((e) => [e.policy, e.data.winner])).toEqual([
      ['lots', 'rival'],
      ['rival', 'machines'],
    ]);
  });

  test('what is worth nothing, or nobody knows what, is not granted', () => {
    const world = new World(
      shops(9, { a: [1, 0], b: [1, 1] }, [
        more('grow', 3, { scope: { element: 'a' } }),
        more('blind', 3, { scope: { element: 'b' }, utility: { fact: 'latency' } }),
      ]),
    );
    expect(world.at(1, ...raise(1, ['grow'], 'a'), ...raise(1, ['blind'], 'b')).commands).toEqual([]);
    expect(world.kinds('lost').map((e) => e.data.reason)).toEqual([
      'pool machines: its utility is unknown: latency has no value; 2 of 9 are held',
      'pool machines: one more unit is worth 0 here; 2 of 9 are held',
    ]);
  });

  test('while it is unknown how much is held, nobody gets more, and who gives back does', () => {
    const given = shops(9, { a: [1, 1], b: [3, 1] }, [more('grow', 3), more('shrink', 1)]);
    const world = new World({ ...given, elements: { ...given.elements, c: { type: 'farm' } } });
    expect(sent(world.at(1, ...raise(1, ['grow'], 'a'), ...raise(1, ['shrink'], 'b')))).toEqual([['b', { to: 1 }]]);
    expect(world.kinds('lost')[0]!.data.reason).toBe(
      'pool machines: one more unit is worth 0.5 here; how much c holds, its servers, is unknown',
    );
  });

  test('the total may be the property of an element', () => {
    const given = shops(0, { a: [1, 1], b: [4, 1] }, [more('grow', 9, { scope: { element: 'a' } })]);
    const world = new World({ ...given, pools: { machines: { total: { element: 'b', property: 'cache' } } } });
    expect(world.at(1, ...raise(1, ['grow'], 'a')).commands).toEqual([]);
    expect(world.kinds('lost')[0]!.data.reason).toMatch(/its total, cache of b, is unknown/);
    expect(sent(world.at(2, seen('b', 'cache', 7, 2)))).toEqual([['a', { to: 3 }]]);
  });

  test('a unit may be more than one, and what is left of one is granted to whom it fits', () => {
    const given = shops(0, { a: [0, 9], b: [0, 1] }, [more('grow', 5)]);
    const world = new World({ ...given, pools: { machines: { total: 7, unit: 3 } } });
    expect(sent(world.at(1, ...raise(1, ['grow'], 'a'), ...raise(1, ['grow'], 'b')))).toEqual([['a', { to: 5 }]]);
  });

  test('who cannot act keeps no units from those who can', () => {
    const world = new World(
      shops(3, { a: [1, 9], b: [1, 1] }, [more('grow', 3)], { budgets: [{ name: 'none', scope: { type: 'farm' }, commands: 1 }] }),
    );
    const [command] = world.at(1, ...raise(1, ['grow'], 'b')).commands;
    expect(command!.params).toEqual({ to: 2 });
    const free = new World(shops(4, { a: [1, 9], b: [1, 1] }, [more('grow', 2), more('more', 3)]));
    const [first] = free.at(1, ...raise(1, ['grow'], 'a')).commands;
    expect(sent(free.at(2, ...raise(2, ['more'], 'a'), ...raise(2, ['more'], 'b')))).toEqual([['b', { to: 2 }]]);
    expect(lost(free).map(([policy, rule, winner]) => [policy, rule, winner])).toEqual([
      ['more', 'lease', first!.id],
      ['more', 'pool', 'machines'],
    ]);
  });

  test('what only observes is granted what is left by what acts', () => {
    const world = new World(
      shops(5, { a: [1, 1], b: [1, 9] }, [
        more('grow', 3, { scope: { element: 'a' } }),
        more('watch', 9, { mode: 'observe', scope: { element: 'b' } }),
      ]),
    );
    expect(sent(world.at(1, ...raise(1, ['grow'], 'a'), ...raise(1, ['watch'], 'b')))).toEqual([['a', { to: 3 }]]);
    expect(world.kinds('would').map((e) => e.data.params)).toEqual([{ to: 2 }]);
  });

  test('the work of a step is bounded: so many units, and the rest is asked for afresh', () => {
    const world = new World(shops(1e9, { a: [0, 1] }, [more('grow', 5e8, { utility: 1 })]));
    expect(sent(world.at(1, ...raise(1, ['grow'], 'a')))).toEqual([['a', { to: GRANTS_PER_STEP }]]);
    expect(world.kinds('lost')[0]!.data.reason).toMatch(/10000 of 500000000 granted; .*10000 units are granted in one step at most/);
  });
});

describe('what is wrong with a pool is said at load', () => {
  const findings = (given: Given) => compile(setupOf(given), 'homeostat.json').findings.list.map((f) => [f.code, f.file, f.pointer]);
  const right = shops(9, { a: [1, 1] }, [more('grow', 3)]);
  const { utility: _, ...silent } = right.policies[0]!;
  test.each<[string, Given, [string, string, string]]>([
    ['a policy without utility', { ...right, policies: [silent] }, ['H003', 'rules.json', '/policies/0']],
    ['utility without a pool', farm({ scale: { property: 'servers' } }, right.policies), ['H003', 'rules.json', '/policies/0/utility']],
    [
      'a part of what is all or nothing',
      { ...right, policies: [more('grow', 3, { together: true })] },
      ['H003', 'rules.json', '/policies/0/together'],
    ],
    ['a pool that is not there', { ...right, pools: {} }, ['H005', 'homeostat.json', '/types/farm/commands/scale/pool']],
    [
      'a pool that no merge divides',
      { ...right, types: { farm: { ...right.types.farm!, commands: { scale: { property: 'servers', pool: 'machines' } } } } },
      ['H003', 'homeostat.json', '/types/farm/commands/scale'],
    ],
    [
      'a total of nothing',
      { ...right, pools: { machines: { total: { element: 'a', property: 'nothing' } } } },
      ['H005', 'homeostat.json', '/pools/machines/total/property'],
    ],
    [
      'a utility that is no expression',
      { ...right, policies: [more('grow', 3, { utility: { expression: '1 +' } })] },
      ['H107', 'rules.json', '/policies/0/utility'],
    ],
  ])('%s', (_name, given, finding) => {
    expect(findings(given)).toEqual([finding]);
  });
});
