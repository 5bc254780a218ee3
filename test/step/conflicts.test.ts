/** The three kinds of conflict, against proposals of the same step and against commands in flight. */
import type { CommandDocument } from '../../src/documents/manager.ts';
import { farm, lost, over, raise, wants } from './arbitration.ts';
import { seen, succeeded, World } from './world.ts';

interface Kind {
  readonly rule: string;
  /** `first` is what is there before, `second` what comes against it. */
  readonly first: CommandDocument;
  readonly second: CommandDocument;
  /** The rule against a command that is sent. */
  readonly sent?: string;
}

const KINDS: Record<string, Kind> = {
  'the same resource': { rule: 'resource', sent: 'lease', first: { resource: 'x' }, second: { resource: 'x' } },
  'opposite pulls': {
    rule: 'opposite',
    first: { effects: { latency: 'falls' } },
    second: { effects: { latency: 'rises', cost: 'rises' } },
  },
  'opposed, declared by the first': { rule: 'opposed', first: { opposes: ['second'] }, second: {} },
  'opposed, declared by the second': { rule: 'opposed', first: {}, second: { opposes: ['first'] } },
};

const given = ({ first, second }: Kind, priorities: readonly [number, number], expecting = false) =>
  farm({ first, second }, [
    wants(
      'a',
      'first',
      {},
      {
        priority: priorities[0],
        ...(expecting ? { expect: { within: '60s', conditions: over('worth', 0) } } : {}),
      },
    ),
    wants('b', 'second', {}, { priority: priorities[1] }),
  ]);

describe.each(Object.entries(KINDS))('%s', (_, kind) => {
  test('two in one step: the higher priority wins, whichever it is', () => {
    const world = new World(given(kind, [5, 4]));
    expect(world.at(1, ...raise(1, ['a', 'b'])).commands.map((c) => c.policy)).toEqual(['a']);
    expect(lost(world)).toEqual([['b', kind.rule, 'a']]);
    const turned = new World(given(kind, [4, 5]));
    expect(turned.at(1, ...raise(1, ['a', 'b'])).commands.map((c) => c.policy)).toEqual(['b']);
    expect(lost(turned)).toEqual([['a', kind.rule, 'b']]);
  });

  test.each([
    ['lower', 4],
    ['equal', 5],
    ['higher', 6],
  ])('one is sent and has no outcome: a %s priority loses to the command', (_name, priority) => {
    const world = new World(given(kind, [5, priority]));
    const [command] = world.at(1, ...raise(1, ['a'])).commands;
    expect(world.at(2, ...raise(2, ['b'])).commands).toEqual([]);
    expect(lost(world)).toEqual([['b', kind.sent ?? kind.rule, command!.id]]);
    expect(world.at(3, succeeded(command!.id)).commands.map((c) => c.policy)).toEqual(['b']);
  });

  test.each([
    ['lower', 4, false],
    ['equal', 5, false],
    ['higher', 6, true],
  ])("one's effect is awaited: a %s priority passes or not", (_name, priority, passes) => {
    const world = new World(given(kind, [5, priority], true));
    const [command] = world.at(1, ...raise(1, ['a'])).commands;
    world.at(2, succeeded(command!.id));
    const { commands } = world.at(3, ...raise(3, ['b']));
    expect(commands.map((c) => c.policy)).toEqual(passes ? ['b'] : []);
    // On the same resource it is the gate `settling` that holds, before there is a proposal.
    if (kind.rule === 'resource') expect(world.heldBy('b', 'shop')).toBe(passes ? null : 'settling');
    else expect(lost(world)).toEqual(passes ? [] : [['b', kind.rule, command!.id]]);
  });

  test('on another element nothing is in the way', () => {
    const both = given(kind, [5, 4]);
    const world = new World({
      ...both,
      elements: { shop: { type: 'farm' }, mall: { type: 'farm' } },
      policies: [both.policies[0]!, { ...both.policies[1]!, scope: { element: 'mall' } }],
    });
    const { commands } = world.at(1, ...raise(1, ['a']), ...raise(1, ['b'], 'mall'));
    expect(commands.map((c) => [c.policy, c.element])).toEqual([
      ['a', 'shop'],
      ['b', 'mall'],
    ]);
  });
});

test('the direction of a number decides which way it pulls: two that set apart things apart in the same direction do not conflict', () => {
  const commands: Record<string, CommandDocument> = {
    scale: { property: 'servers', effects: { latency: 'falls' } },
    warm: { property: 'cache', effects: { latency: 'falls' } },
  };
  const world = new World(farm(commands, [wants('a', 'scale', { to: 5 }), wants('b', 'warm', { to: 5 }), wants('c', 'warm', { to: 1 })]));
  expect(world.at(1, ...raise(1, ['a', 'b'])).commands.map((c) => c.policy)).toEqual(['a', 'b']);
  const apart = new World(farm(commands, [wants('a', 'scale', { to: 5 }), wants('c', 'warm', { to: 1 })]));
  expect(apart.at(1, ...raise(1, ['a', 'c'])).commands.map((c) => c.policy)).toEqual(['a']);
  expect(lost(apart)).toEqual([['c', 'opposite', 'a']]);
});

test('each action that loses is recorded by itself, once for each winner', () => {
  const world = new World(
    farm({ one: { resource: 'one' }, two: { resource: 'two' } }, [
      wants('a', 'one', {}, { priority: 9 }),
      wants('b', 'two', {}, { priority: 8 }),
      wants('c', 'one', {}, { actions: [{ command: 'one' }, { command: 'two' }] }),
    ]),
  );
  for (let t = 1; t < 4; t++) world.at(t, ...raise(t, ['a', 'b', 'c']), seen('shop', 'latency', t, t));
  expect(world.kinds('lost').map(({ data }) => [data.action, data.rule, data.winner])).toEqual([
    [0, 'resource', 'a'],
    [1, 'resource', 'b'],
    [0, 'lease', 'shop.2.0'],
    [1, 'lease', 'shop.2.1'],
  ]);
});
