import { SystemClock } from '../../src/clock.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { type Given, START, seen, World } from './world.ts';

const farm = (policy: Partial<PolicyDocument>, more: Partial<Given> = {}): Given => ({
  types: {
    farm: {
      properties: { load: {}, latency: { deadZone: { low: 150, high: 250 } }, servers: { stale: 'never' } },
      commands: { scale: { resource: 'servers', property: 'servers', effects: { latency: 'falls' } }, ping: {}, pong: {} },
    },
  },
  elements: { shop: { type: 'farm', properties: { servers: 1 } } },
  policies: [
    {
      name: 'p',
      scope: { type: 'farm' },
      conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 10 }] },
      actions: [{ command: 'ping' }],
      ...policy,
    },
  ],
  ...more,
});

describe('exact rule 1: now', () => {
  test('a step refuses a time before that of the last one', () => {
    const world = new World(farm({}));
    world.at(10);
    expect(() => world.at(9)).toThrow(/time cannot go back/);
  });

  test('the clock starts at the later of the last stored now and the wall clock', () => {
    const stored = Date.now() + 7_200_000;
    expect(new SystemClock(stored).now()).toBeGreaterThanOrEqual(stored);
    expect(new SystemClock(0).now()).toBeGreaterThanOrEqual(Date.now() - 1_000);
  });

  test('an observation more than 5 s ahead of now is a dead letter, one that is 5 s ahead is not', () => {
    const world = new World(farm({}));
    world.at(100, seen('shop', 'load', 99, 105.001), seen('shop', 'load', 20, 105));
    expect(world.kinds('deadLetter')).toHaveLength(1);
    expect(world.kinds('deadLetter')[0]!.text).toMatch(/5001 ms ahead/);
    expect(world.value('shop', 'load')).toBe(20);
  });

  test('a backlog of old observations ages its readings and does not act', () => {
    const world = new World(farm({}));
    const { commands } = world.at(3_600, seen('shop', 'load', 99, 10), seen('shop', 'load', 99, 11));
    expect(commands).toEqual([]);
    expect(world.why('shop', 'load')).toBe('stale');
  });

  test('a jump of the wall clock is journaled and decides nothing', () => {
    const world = new World(farm({}));
    const { commands } = world.at(10, seen('shop', 'load', 5, 10), { kind: 'clockJumped', wall: START + 3_600_000, jumpMs: 3_590_000 });
    expect(commands).toEqual([]);
    expect(world.kinds('clockJumped')[0]!.data.jumpMs).toBe(3_590_000);
    expect(world.value('shop', 'load')).toBe(5);
  });
});

describe('exact rule 2: batch', () => {
  test('conditions are judged once, on the readings at the end of the batch', () => {
    const world = new World(farm({}));
    const { commands } = world.at(1, seen('shop', 'load', 99, 0.2), seen('shop', 'load', 1, 0.4));
    expect(commands).toEqual([]);
    expect(world.kinds('symptom').filter((e) => e.data.is === 'raised')).toEqual([]);
  });

  test('gauges see every observation of the batch', () => {
    const given = farm({});
    const world = new World({
      ...given,
      types: {
        farm: { ...given.types.farm, properties: { ...given.types.farm!.properties, load: { gauge: { kind: 'max', window: '10s' } } } },
      },
    });
    world.at(1, seen('shop', 'load', 99, 0.2), seen('shop', 'load', 1, 0.4));
    expect(world.value('shop', 'load')).toBe(99);
  });
});

describe('exact rule 3: level, not edge', () => {
  test('without a cooldown a raise commits one command, however long it lasts, and the next raise another', () => {
    const world = new World(farm({}));
    expect(world.at(1, seen('shop', 'load', 20, 1)).commands).toHaveLength(1);
    for (let t = 2; t < 20; t++)
      expect(
        world.at(
          t,
          seen('shop', 'load', 20 + t, t),
          ...(t === 3 ? [{ kind: 'outcome', command: 'shop.2.0', status: 'succeeded', detail: '' } as const] : []),
        ).commands,
      ).toEqual([]);
    expect(world.heldBy('p', 'shop')).toBe('cooldown');
    world.at(20, seen('shop', 'load', 1, 20));
    expect(world.at(21, seen('shop', 'load', 20, 21)).commands).toHaveLength(1);
  });

  test('with a cooldown it commits one each time the cooldown has run out while it is still raised', () => {
    const world = new World(farm({ cooldown: '5s' }));
    const sent: number[] = [];
    for (let t = 1; t <= 12; t++) {
      const { commands } = world.at(
        t,
        ...[...world.state.commands.keys()].map((command) => ({ kind: 'outcome', command, status: 'succeeded', detail: '' }) as const),
        seen('shop', 'load', 20, t),
      );
      if (commands.length > 0) sent.push(t);
    }
    expect(sent).toEqual([1, 6, 11]);
  });

  test('the cooldown starts at the commit, whatever the outcome', () => {
    const world = new World(farm({ cooldown: '5s' }));
    const [command] = world.at(1, seen('shop', 'load', 20, 1)).commands;
    world.at(2, { kind: 'outcome', command: command!.id, status: 'failed', detail: 'refused' }, seen('shop', 'load', 20, 2));
    expect(world.at(3, seen('shop', 'load', 20, 3)).commands).toEqual([]);
    expect(world.heldBy('p', 'shop')).toBe('cooldown');
  });

  test('firing does not restart `for`', () => {
    const world = new World(farm({ for: '3s', cooldown: '1s' }));
    world.at(1, seen('shop', 'load', 20, 1));
    world.at(3, seen('shop', 'load', 20, 3));
    const [first] = world.at(4, seen('shop', 'load', 20, 4)).commands;
    expect(first).toBeDefined();
    expect(
      world.at(5, { kind: 'outcome', command: first!.id, status: 'succeeded', detail: '' }, seen('shop', 'load', 20, 5)).commands,
    ).toHaveLength(1);
  });
});

describe('exact rule 4: for', () => {
  test('it counts from the now of the first true step, whatever time the observation bears, and passes at ≥', () => {
    const world = new World(farm({ for: '3s' }));
    world.at(2, seen('shop', 'load', 20, 0.5));
    expect(world.at(4.999, seen('shop', 'load', 20, 4.9)).commands).toEqual([]);
    expect(world.state.nextDue()).toBe(START + 5_000);
    expect(world.at(5).commands).toHaveLength(1);
  });

  test.each([
    ['false', [seen('shop', 'load', 1, 3)], 3],
    ['unknown, because its reading went stale', [], 4.1],
  ])('%s resets it', (_, events, seconds) => {
    const world = new World(farm({ for: '4s' }));
    world.at(1, seen('shop', 'load', 20, 1));
    world.at(seconds, ...events);
    world.at(4.5, seen('shop', 'load', 20, 4.5));
    expect(world.at(8.4, seen('shop', 'load', 20, 8.4)).commands).toEqual([]);
    expect(world.at(8.5, seen('shop', 'load', 20, 8.5)).commands).toHaveLength(1);
  });

  test('a reading stays known until it is stale: three of its intervals', () => {
    const world = new World(farm({}));
    world.at(1, seen('shop', 'load', 20, 1));
    world.at(3.999);
    expect(world.value('shop', 'load')).toBe(20);
    expect(world.state.nextDue()).toBe(START + 4_000);
    world.at(4);
    expect(world.why('shop', 'load')).toBe('stale');
  });

  test('unknown does not let a raise spend again: the raise ends when the conditions are seen to be false', () => {
    const world = new World(farm({}));
    const [command] = world.at(1, seen('shop', 'load', 20, 1)).commands;
    world.at(2, { kind: 'outcome', command: command!.id, status: 'succeeded', detail: '' });
    world.at(5);
    expect(world.state.symptoms.get('p\tshop')!.truth).toBeNull();
    expect(world.at(6, seen('shop', 'load', 20, 6)).commands).toEqual([]);
  });
});

describe('exact rule 5: dead zone', () => {
  const scale = {
    conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 10 }] },
    actions: [{ command: 'scale', params: { by: 1 } }],
  };

  test.each([
    [149, 1],
    [150, 0],
    [212, 0],
    [250, 0],
    [251, 1],
  ])('at %d, with a band of 150…250, %d commands move it', (latency, commands) => {
    const world = new World(farm(scale));
    expect(world.at(1, seen('shop', 'load', 20, 1), seen('shop', 'latency', latency, 1)).commands).toHaveLength(commands);
  });

  test('it holds where x is unknown, and says so', () => {
    const world = new World(farm(scale));
    expect(world.at(1, seen('shop', 'load', 20, 1)).commands).toEqual([]);
    expect(world.kinds('held')[0]!.text).toMatch(/latency is unknown/);
  });

  test('it does not reset `for`', () => {
    const world = new World(farm({ ...scale, for: '3s' }));
    world.at(1, seen('shop', 'load', 20, 1), seen('shop', 'latency', 200, 1));
    world.at(3, seen('shop', 'load', 20, 3), seen('shop', 'latency', 200, 3));
    expect(world.at(4, seen('shop', 'load', 20, 4), seen('shop', 'latency', 300, 4)).commands).toHaveLength(1);
  });
});
