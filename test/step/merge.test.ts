import { compile } from '../../src/compile/index.ts';
import type { CommandDocument } from '../../src/documents/manager.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { farm, lost, over, raise, wants } from './arbitration.ts';
import { seen, setupOf, World } from './world.ts';

const scale = (merge: CommandDocument['merge'], more: Partial<CommandDocument> = {}): Record<string, CommandDocument> => ({
  scale: { property: 'servers', min: 0, max: 10, effects: { latency: 'falls' }, ...(merge && { merge }), ...more },
  slow: { effects: { latency: 'rises' } },
  drop: { resource: 'servers' },
});
const A = (to: number, more: Partial<PolicyDocument> = {}) => wants('a', 'scale', { to }, { priority: 9, cooldown: '10m', ...more });
const B = (to: number, more: Partial<PolicyDocument> = {}) => wants('b', 'scale', { to }, { priority: 5, cooldown: '10m', ...more });
const C = (to: number, more: Partial<PolicyDocument> = {}) => wants('c', 'scale', { to }, { priority: 1, cooldown: '10m', ...more });

describe('numbers for the same thing become one', () => {
  test.each([
    ['max', [3, 7, 4], 7, 'b'],
    ['max', [7, 7, 4], 7, 'a'],
    ['max', [1, 0, 1], 1, 'a'],
    ['min', [3, 7, 1], 1, 'c'],
    ['min', [5, 4, 4], 4, 'b'],
    ['sum', [3, 5, 4], 8, 'a'],
    ['sum', [9, 9, 9], 10, 'a'],
    ['sum', [1, 5, 1], 3, 'b'],
    ['sum', [3, 0, 1], 0, 'b'],
    ['mean', [3, 7, 5], 5, 'a'],
    ['mean', [3, 3, 5], 4, 'a'],
    ['mean', [4.5, 3, 3], 3.5, 'a'],
    ['mean', [4, 0, 0], 1, 'b'],
  ] as const)('the %s of %j, where there are 2, is %d, for %s', (merge, [a, b, c], to, issuer) => {
    const world = new World(farm(scale(merge), [A(a), B(b), C(c)]));
    const { commands } = world.at(1, ...raise(1, ['a', 'b', 'c']));
    expect(commands.map((command) => [command.policy, command.params])).toEqual([[issuer, { to }]]);
    const [entry] = world.kinds('command');
    expect(entry!.data.merged).toEqual(
      [
        ['a', a],
        ['b', b],
        ['c', c],
      ].map(([policy, wanted]) => ({ policy, origin: 'shop', action: 0, otherwise: false, wanted: { to: wanted } })),
    );
    expect(world.kinds('lost')).toEqual([]);
    for (const policy of ['a', 'b', 'c']) expect(world.state.symptoms.get(`${policy}\tshop`)!.acted.committed).toEqual([0]);
  });

  test.each([
    ['max', 2, 1, []],
    ['max', 2, 4, [['b', { to: 4 }]]],
    ['min', 2, 4, []],
    ['min', 2, 1, [['b', { to: 1 }]]],
    ['sum', 2, 1, [['b', { to: 1 }]]],
    ['mean', 2, 1, [['b', { to: 1 }]]],
  ] as const)('with %s, one that asks for the %d that there are and one for %d make %j', (merge, a, b, orders) => {
    const world = new World(farm(scale(merge), [A(a), B(b)]));
    const { commands } = world.at(1, ...raise(1, ['a', 'b']));
    expect(commands.map((command) => [command.policy, command.params])).toEqual(orders);
    expect(world.heldBy('a', 'shop')).toBe('unchanged');
  });

  test('who asks for what is there holds the others, also of three, until it no longer asks', () => {
    const world = new World(farm(scale('max'), [A(2), B(1), C(0)]));
    expect(world.at(1, ...raise(1, ['a', 'b', 'c'])).commands).toEqual([]);
    expect(lost(world)).toEqual([
      ['b', 'merge', 'a'],
      ['c', 'merge', 'a'],
    ]);
    expect(world.kinds('lost')[0]!.data.reason).toBe('the max of what they ask leaves servers at 2');
    expect(world.state.symptoms.get('b\tshop')!.acted).toEqual({ committed: [], cooldownUntil: null });
    world.restart();
    expect(world.at(2, seen('shop', 'a', 0, 2)).commands.map((command) => [command.policy, command.params])).toEqual([['b', { to: 1 }]]);
  });

  test('what only observes asks for nothing of those that act', () => {
    const world = new World(farm(scale('max'), [A(2, { mode: 'observe' }), B(1)]));
    expect(world.at(1, ...raise(1, ['a', 'b'])).commands.map(({ params }) => params)).toEqual([{ to: 1 }]);
  });

  test('what cancels out changes nothing, spends nothing and is said', () => {
    const world = new World(farm(scale('sum'), [A(3), B(1)]));
    expect(world.at(1, ...raise(1, ['a', 'b'])).commands).toEqual([]);
    expect(lost(world)).toEqual([
      ['a', 'merge', 'b'],
      ['b', 'merge', 'a'],
    ]);
    expect(world.kinds('lost')[0]!.data.reason).toBe('the sum of what they ask leaves servers at 2');
    expect(world.state.symptoms.get('a\tshop')!.acted).toEqual({ committed: [], cooldownUntil: null });
  });

  test('the firings of all that it serves are given to the second evaluator', () => {
    const world = new World(farm(scale('max'), [A(3), B(4)]));
    const { firings, commands } = world.at(1, ...raise(1, ['a', 'b']));
    expect(firings.map((f) => [f.policy, f.commands])).toEqual(
      [
        ['b', [commands[0]!.id]],
        ['a', [commands[0]!.id]],
      ].sort(),
    );
  });

  test('withheld, it gives back what all of them spent; set aside is whose firing was not confirmed', () => {
    const world = new World(farm(scale('max'), [A(3), B(4)]));
    const [command] = world.at(1, ...raise(1, ['a', 'b'])).commands;
    world.at(2, { kind: 'withheld', command: command!.id, cause: 'disagreement', detail: 'no', policy: 'a' });
    expect(world.state.aside.get('a')?.reason).toBe('no');
    expect(world.state.aside.get('b')).toBeUndefined();
    expect(world.state.symptoms.get('a\tshop')!.acted).toEqual({ committed: [], cooldownUntil: null });
    // Given back to b as well, which so acted alone in the same step.
    expect([...world.state.commands.rows()].map((row) => [row.policy, row.params.to])).toEqual([['b', 4]]);
  });

  test('the expected effect of the policy it is issued for is watched', () => {
    const expect_ = { within: '1m' as const, conditions: over('worth', 0) };
    const world = new World(farm(scale('max'), [A(3), B(4, { expect: expect_ })]));
    const [command] = world.at(1, ...raise(1, ['a', 'b'])).commands;
    world.at(2, { kind: 'outcome', command: command!.id, status: 'succeeded', detail: '' });
    expect(world.state.commands.get(command!.id)!.phase).toBe('settling');
  });
});

describe('a merge among what does not merge', () => {
  test('a command in flight holds the lease against all of them', () => {
    const world = new World(farm(scale('max'), [A(3), B(4), C(5)]));
    const [command] = world.at(1, ...raise(1, ['a'])).commands;
    expect(world.at(2, ...raise(2, ['b', 'c'])).commands).toEqual([]);
    expect(lost(world)).toEqual([
      ['b', 'lease', command!.id],
      ['c', 'lease', command!.id],
    ]);
  });

  test('who would turn it against what was accepted before stays out, and the others go on', () => {
    // Together a and c would take servers away, which makes it slow; b, between them, makes it slow too and came first.
    const world = new World(
      farm(scale('min', { effects: { latency: 'falls' } }), [A(5), wants('slower', 'slow', {}, { priority: 5 }), C(1)]),
    );
    expect(world.at(1, ...raise(1, ['a', 'slower', 'c'])).commands.map((c) => [c.policy, c.params])).toEqual([['c', { to: 1 }]]);
    const other = new World(
      farm({ ...scale('min'), fast: { effects: { latency: 'falls' } } }, [A(5), wants('faster', 'fast', {}, { priority: 5 }), C(1)]),
    );
    expect(other.at(1, ...raise(1, ['a', 'faster', 'c'])).commands.map((c) => [c.policy, c.params])).toEqual([
      ['a', { to: 5 }],
      ['faster', {}],
    ]);
    expect(lost(other)).toEqual([['c', 'opposite', 'faster']]);
  });

  test('whose own way is not where the merged command pulls may join it', () => {
    const commands = { ...scale('max'), fast: { effects: { latency: 'falls' as const } } };
    const world = new World(farm(commands, [A(5), wants('faster', 'fast', {}, { priority: 5 }), C(1)]));
    expect(world.at(1, ...raise(1, ['a', 'faster', 'c'])).commands.map((c) => [c.policy, c.params])).toEqual([
      ['a', { to: 5 }],
      ['faster', {}],
    ]);
    expect(lost(world)).toEqual([]);
  });

  test('another command on the same resource, which does not merge, is excluded', () => {
    const world = new World(farm(scale('max'), [A(3), B(4), wants('d', 'drop', {})]));
    expect(world.at(1, ...raise(1, ['a', 'b', 'd'])).commands.map((c) => c.policy)).toEqual(['b']);
    expect(lost(world)).toEqual([['d', 'resource', 'b']]);
  });

  test('it draws once on each budget, and whose own budget is spent stays out', () => {
    const world = new World(
      farm(scale('max'), [A(3), B(4), C(5)], {
        budgets: [
          { name: 'all', commands: 1 },
          { name: 'none', scope: { policy: 'c' }, commands: 0 },
        ],
      }),
    );
    expect(world.at(1, ...raise(1, ['a', 'b', 'c'])).commands.map((c) => [c.policy, c.params])).toEqual([['b', { to: 4 }]]);
    expect(lost(world)).toEqual([['c', 'budget', 'none']]);
    expect(world.state.budgets.get('all')!.spent).toHaveLength(1);
  });

  test('what only observes would have joined what acts, and does not change it', () => {
    const world = new World(farm(scale('max'), [A(3), B(7, { mode: 'observe' })]));
    expect(world.at(1, ...raise(1, ['a', 'b'])).commands.map((c) => [c.policy, c.params])).toEqual([['a', { to: 3 }]]);
    expect(world.kinds('would').map((e) => [e.policy, e.data.params, (e.data.merged as unknown[]).length])).toEqual([['b', { to: 7 }, 2]]);
    expect(world.state.symptoms.get('b\tshop')!.observed.committed).toEqual([0]);
  });
});

describe('what is wrong with a merge is said at load', () => {
  const codes = (commands: Record<string, CommandDocument>) =>
    compile(setupOf(farm(commands, [])), 'homeostat.json').findings.list.map((f) => [f.code, f.pointer]);
  test.each([
    ['no property', { scale: { merge: 'max' } }, ['H003', '/types/farm/commands/scale/merge']],
    [
      'two ways for one resource',
      { one: { property: 'servers', merge: 'max' }, two: { property: 'servers', merge: 'min' } },
      ['H003', '/types/farm/commands/two/merge'],
    ],
    ['utility without a pool', { scale: { property: 'servers', merge: 'utility' } }, ['H003', '/types/farm/commands/scale']],
  ] as const)('%s', (_, commands, finding) => {
    expect(codes(commands as Record<string, CommandDocument>)).toEqual([finding]);
  });
});
