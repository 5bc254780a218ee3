import { farm, play, survives, tick } from './pace.ts';
import { loadFindings } from './pace-findings.ts';
import { World } from './world.ts';

describe('cooldown by direction', () => {
  const given = farm([{ cooldown: { up: '10s', down: '60s' } }]);

  test('the way that a proposal goes says how long it waits after the last command, whichever way that went', () => {
    const deeds = survives(given, [
      [1, { size: 6 }],
      [2, { size: 7 }],
      [12, { size: 3 }],
      [30, { size: 8 }],
      [31, { size: 2 }],
      [100, {}],
    ]);
    // Up after 10 s; down would have to wait until 71, and up goes first; then 60 s from there.
    expect(deeds).toEqual([
      [1, 'scale', 6],
      [11, 'scale', 7],
      [30, 'scale', 8],
      [90, 'scale', 2],
    ]);
  });

  test('it is held by cooldown, with its number and its way, and is done when that is over', () => {
    const world = new World(given);
    tick(world, 1, { size: 6 });
    tick(world, 2, { size: 1 });
    expect(world.heldBy('follow', 'shop')).toBe('cooldown');
    expect(world.kinds('held').at(-1)!.text).toBe('follow on shop is held back by cooldown: 59 s of 60 s left before going down');
    expect(world.runTo(60).flatMap((r) => r.commands)).toEqual([]);
    expect(world.runTo(61).flatMap((r) => r.commands)).toHaveLength(1);
  });

  test('a command without a number is up', () => {
    const world = new World(farm([{ cooldown: { up: '10s', down: '60s' }, actions: [{ command: 'ping' }] }]));
    expect(tick(world, 1, { size: 6 })).toHaveLength(1);
    expect(tick(world, 2)).toEqual([]);
    expect(world.runTo(11).flatMap((r) => r.commands)).toHaveLength(1);
  });

  test('a command that was never sent leaves no cooldown', () => {
    const world = new World(given);
    const [command] = tick(world, 1, { size: 6 });
    expect(world.at(2, { kind: 'withheld', command: command!.id, cause: 'paused', detail: 'stop' }).commands).toHaveLength(1);
  });

  test('what nobody asks for any more is forgotten', () => {
    const world = new World(given);
    tick(world, 1, { size: 6 });
    tick(world, 2);
    expect(world.state.moves.size).toBe(1);
    world.runTo(61);
    expect(world.state.moves.size).toBe(0);
  });

  test('an edit from one kind of cooldown to the other leaves running what runs', () => {
    for (const [before, after] of [
      ['30s', { up: '30s' }],
      [{ up: '30s' }, '30s'],
    ] as const) {
      const world = new World(farm([{ cooldown: before }]));
      tick(world, 1, { size: 6 });
      world.configure(2, farm([{ cooldown: after }]));
      expect(tick(world, 3, { size: 9 })).toEqual([]);
      expect(world.heldBy('follow', 'shop')).toBe('cooldown');
      expect(world.runTo(31).flatMap((r) => r.commands)).toHaveLength(1);
    }
  });
});

describe('cooldown by target', () => {
  const other = { name: 'other', conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 1 }] } };
  const policies = [
    { cooldown: { for: '20s', per: 'target' as const } },
    { ...other, cooldown: '0s', actions: [{ command: 'scale', params: { to: 9 } }] },
  ];

  test('commands of every policy on the same element and resource count', () => {
    const deeds = survives(farm(policies), [
      [1, { size: 4 }],
      [5, { load: 5 }],
      [6, { load: 0 }],
      [7, { size: 2 }],
      [40, {}],
    ]);
    expect(deeds).toEqual([
      [5, 'scale', 9],
      [25, 'scale', 2],
    ]);
  });

  test('another resource of the element does not count', () => {
    const [follow, ping] = [policies[0]!, { ...other, cooldown: '0s', actions: [{ command: 'ping' }] }];
    const deeds = play(farm([follow, ping]), [
      [1, { load: 5, size: 4 }],
      [2, { size: 2, load: 0 }],
    ]);
    expect(deeds).toEqual([
      [1, 'ping', undefined],
      [2, 'scale', 2],
    ]);
  });

  test('what only observes waits for what was done, and nobody waits for what it would have done', () => {
    const watching = { name: 'watching', mode: 'observe' as const, cooldown: { for: '20s', per: 'target' as const } };
    const world = new World(farm([watching, policies[0]!]));
    tick(world, 1, { size: 6 });
    expect(world.kinds('would')).toEqual([]);
    expect(world.kinds('command')).toHaveLength(1);
    const alone = new World(farm([watching, policies[1]!, policies[0]!].slice(0, 2)));
    tick(alone, 1, { size: 6 });
    expect(alone.kinds('would')).toHaveLength(1);
    expect(tick(alone, 2, { load: 5 })).toHaveLength(1);
  });
});

test('a cooldown that says nothing, or both, is an error with its remedy', () => {
  expect(loadFindings({ cooldown: { per: 'target' } })).toMatchObject([
    { code: 'H003', pointer: '/policies/0/cooldown', message: 'it does not say how long', remedy: 'give either "for", or "up" and "down"' },
  ]);
  expect(loadFindings({ cooldown: { for: '1s', up: '2s' } })).toMatchObject([{ code: 'H003', pointer: '/policies/0/cooldown' }]);
  expect(loadFindings({ cooldown: { upp: '2s' } as never })[0]).toMatchObject({ code: 'H004' });
});
