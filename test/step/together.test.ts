import { farm, lost, over, raise, wants } from './arbitration.ts';
import { seen, succeeded, World } from './world.ts';

const both = wants('both', '', {}, { together: true, actions: [{ command: 'one' }, { command: 'two', params: { to: 5 } }] });
const commands = { one: { resource: 'one' }, two: { property: 'servers' }, three: { effects: { latency: 'rises' as const } } };

describe('all of its actions, or none', () => {
  test('where nothing is in the way all are carried out', () => {
    const world = new World(farm(commands, [both]));
    expect(world.at(1, ...raise(1, ['both'])).commands.map((c) => c.command)).toEqual(['one', 'two']);
  });

  test('one that loses takes the others with it; each is recorded, and both name who stopped the first', () => {
    const world = new World(farm(commands, [both, wants('strong', 'two', { to: 7 }, { priority: 9 })]));
    expect(world.at(1, ...raise(1, ['both', 'strong'])).commands.map((c) => c.policy)).toEqual(['strong']);
    expect(world.kinds('lost').map((e) => [e.data.action, e.data.rule, e.data.winner])).toEqual([
      [1, 'resource', 'strong'],
      [0, 'together', 'strong'],
    ]);
    expect(world.kinds('lost')[1]!.data.reason).toMatch(/its two on shop lost by resource to strong/);
    expect(world.state.symptoms.get('both\tshop')!.acted.committed).toEqual([]);
  });

  test('what it would have taken is free for who comes after it', () => {
    const world = new World(
      farm(commands, [{ ...both, priority: 5 }, wants('strong', 'two', { to: 7 }, { priority: 9 }), wants('weak', 'one', {})], {
        budgets: [{ name: 'two', commands: 2 }],
      }),
    );
    expect(world.at(1, ...raise(1, ['both', 'strong', 'weak'])).commands.map((c) => c.policy)).toEqual(['strong', 'weak']);
  });

  test('a budget for one of two is none', () => {
    const world = new World(farm(commands, [both], { budgets: [{ name: 'one', commands: 1, per: '1m' }] }));
    expect(world.at(1, ...raise(1, ['both'])).commands).toEqual([]);
    expect(lost(world)).toEqual([
      ['both', 'budget', 'one'],
      ['both', 'together', 'one'],
    ]);
    expect(world.state.budgets.get('one')).toBeUndefined();
  });

  test('a gate that holds one holds all, but what is there already holds nobody', () => {
    const slow = farm(commands, [{ ...both, actions: [{ command: 'one' }, { command: 'three' }] }]);
    const types = {
      farm: { ...slow.types.farm!, properties: { ...slow.types.farm!.properties, latency: { deadZone: { low: 1, high: 9 } } } },
    };
    const world = new World({ ...slow, types });
    expect(world.at(1, ...raise(1, ['both']), seen('shop', 'latency', 5, 1)).commands).toEqual([]);
    expect(world.heldBy('both', 'shop')).toBe('dead-zone');
    expect(world.at(2, seen('shop', 'latency', 10, 2)).commands.map((c) => c.command)).toEqual(['one', 'three']);
    const there = new World(farm(commands, [both], { elements: { shop: { type: 'farm', properties: { servers: 5 } } } }));
    expect(there.at(1, ...raise(1, ['both'])).commands.map((c) => c.command)).toEqual(['one']);
  });

  test('its numbers are meant to the letter: they do not merge', () => {
    const merging = { ...commands, two: { property: 'servers', merge: 'max' as const } };
    const world = new World(farm(merging, [{ ...both, priority: 9 }, wants('more', 'two', { to: 9 })]));
    expect(world.at(1, ...raise(1, ['both', 'more'])).commands.map((c) => [c.command, c.params])).toEqual([
      ['one', {}],
      ['two', { to: 5 }],
    ]);
    expect(lost(world)).toEqual([['more', 'resource', 'both']]);
  });

  test('where a person is asked, all parts must be approved', () => {
    const world = new World(farm(commands, [{ ...both, mode: 'advise' }]));
    world.at(1, ...raise(1, ['both']));
    const [one, two] = [...world.state.advice.rows()].map((row) => row.id);
    const answer = (advice: string) => ({ kind: 'answered', advice, answer: 'approved', author: 'me', reason: '' }) as const;
    expect(world.at(2, answer(one!)).commands).toEqual([]);
    expect(world.at(3, answer(two!)).commands.map((c) => c.command)).toEqual(['one', 'two']);
  });

  test('what one of several depends on comes first among them', () => {
    const given = farm(
      commands,
      [
        wants(
          'both',
          '',
          {},
          {
            together: true,
            scope: { element: 'shop' },
            conditions: over('both', 0),
            actions: [{ command: 'one' }, { command: 'one', target: 'db' }],
          },
        ),
      ],
      { elements: { shop: { type: 'farm', relations: { dependsOn: ['db'] } }, db: { type: 'farm' } } },
    );
    const world = new World(given);
    const sent = world.at(1, ...raise(1, ['both'])).commands;
    expect(sent.map((c) => c.element)).toEqual(['db', 'shop']);
    expect(world.at(2, succeeded(sent[0]!.id)).commands).toEqual([]);
  });
});
