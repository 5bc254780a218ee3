import type { PolicyDocument } from '../../src/documents/policy.ts';
import { type Given, START, seen, succeeded, World } from './world.ts';

const over = (fact: string, value: number) => ({ all: [{ fact, operator: 'greaterThan', value }] });
const policy = (name: string, more: Partial<PolicyDocument> = {}): PolicyDocument => ({
  name,
  scope: { type: 'farm' },
  conditions: over('load', 10),
  actions: [{ command: 'scale', params: { by: 1 } }],
  ...more,
});

const farm = (policies: PolicyDocument[], more: Partial<Given> = {}): Given => ({
  types: {
    farm: {
      properties: { load: {}, latency: {}, servers: { stale: 'never' }, most: {} },
      commands: {
        scale: { resource: 'servers', property: 'servers', min: 0, max: { fact: 'most' }, effects: { latency: 'falls' } },
        cache: { resource: 'cache', effects: { latency: 'rises' } },
        drain: { opposes: ['fill'] },
        fill: {},
      },
    },
  },
  elements: { shop: { type: 'farm', properties: { servers: 2, most: 9 } } },
  policies,
  ...more,
});

describe('exact rule 6: nothing queues', () => {
  test('what is held back or loses spends nothing, and is made afresh by the next step from the readings there are then', () => {
    const given = farm([
      policy('a', { priority: 9, actions: [{ command: 'scale', params: { to: 5 } }] }),
      policy('b', { cooldown: '1m', actions: [{ command: 'scale', params: { to: { fact: 'load' } } }] }),
    ]);
    const world = new World(given);
    const first = world.at(1, seen('shop', 'load', 20, 1)).commands;
    expect(first.map((c) => c.params)).toEqual([{ to: 5 }]);
    expect(world.state.symptoms.get('b\tshop')!.acted).toEqual({ committed: [], cooldownUntil: null });
    const second = world.at(2, succeeded(first[0]!.id), seen('shop', 'load', 7.5 + 4, 2)).commands;
    expect(second.map((c) => [c.policy, c.params])).toEqual([['b', { to: 9 }]]);
  });

  test('a loser is recorded once with its winner, and not at each step', () => {
    const world = new World(farm([policy('a', { priority: 9 }), policy('b')]));
    for (let t = 1; t < 5; t++) world.at(t, seen('shop', 'load', 20 + t, t));
    const lost = world.kinds('lost').map((e) => [e.policy, e.data.winner, e.data.rule]);
    expect(lost).toEqual([
      ['b', 'a', 'resource'],
      ['b', 'shop.2.0', 'lease'],
    ]);
  });
});

describe('exact rule 7: commands are absolute', () => {
  test('`by` becomes `to` inside the step, within the bounds', () => {
    const world = new World(farm([policy('p', { actions: [{ command: 'scale', params: { by: 100 } }] })]));
    expect(world.at(1, seen('shop', 'load', 20, 1)).commands[0]!.params).toEqual({ to: 9 });
  });

  test('if the current value is unknown there is no command', () => {
    const given = farm([policy('p')]);
    const world = new World({ ...given, elements: { shop: { type: 'farm', properties: { most: 9 } } } });
    expect(world.at(1, seen('shop', 'load', 20, 1)).commands).toEqual([]);
    expect(world.kinds('held')[0]!.text).toMatch(/the current value of servers is unknown/);
  });

  test('a value that is there already is no command', () => {
    const world = new World(farm([policy('p', { actions: [{ command: 'scale', params: { to: 2 } }] })]));
    expect(world.at(1, seen('shop', 'load', 20, 1)).commands).toEqual([]);
    expect(world.heldBy('p', 'shop')).toBe('unchanged');
  });

  test.each([
    [{ fact: 'load' }, 4],
    [{ expression: 'servers * 2 + 1' }, 5],
    [3, 3],
  ])('a parameter may be %j', (to, expected) => {
    const world = new World(farm([policy('p', { conditions: over('load', 3), actions: [{ command: 'scale', params: { to } }] })]));
    expect(world.at(1, seen('shop', 'load', 4, 1)).commands[0]!.params).toEqual({ to: expected });
  });
});

describe('exact rule 8: effects', () => {
  const expecting = (more: Partial<PolicyDocument> = {}) =>
    policy('p', {
      cooldown: '1s',
      expect: {
        within: '10s',
        conditions: { all: [{ fact: 'latency', operator: 'lessThan', value: 100 }] },
        otherwise: [{ command: 'notify', params: { text: 'no help' } }],
      },
      ...more,
    });

  test('the wait starts at `succeeded`, and only readings newer than that count', () => {
    const world = new World(farm([expecting()]));
    const [command] = world.at(1, seen('shop', 'load', 20, 1), seen('shop', 'latency', 50, 1)).commands;
    world.at(6, succeeded(command!.id));
    const row = world.state.commands.get(command!.id)!;
    expect([row.phase, row.effectBy]).toEqual(['settling', START + 16_000]);
    world.at(7, seen('shop', 'latency', 60, 5.5));
    expect(world.kinds('effect')).toEqual([]);
    world.at(8, seen('shop', 'latency', 60, 7.5));
    expect(world.kinds('effect').map((e) => e.data)).toEqual([{ command: 'scale', effect: 'seen', afterMs: 2_000 }]);
  });

  test('at the deadline: false leads to `otherwise`, which skips for, dead zone, cooldown and settling', () => {
    const world = new World(farm([expecting({ for: '0ms', cooldown: '1h' })]));
    const [command] = world.at(1, seen('shop', 'load', 20, 1)).commands;
    world.at(2, succeeded(command!.id));
    world.at(11.5, seen('shop', 'latency', 500, 11.5));
    expect(world.state.nextDue()).toBe(START + 12_000);
    const { commands } = world.at(12);
    expect(commands.map((c) => [c.command, c.params])).toEqual([['notify', { text: 'no help' }]]);
    expect(world.kinds('effect')[0]!.data.effect).toBe('missed');
  });

  test('at the deadline: unknown leads neither to `otherwise` nor to the breaker', () => {
    const world = new World(farm([expecting({ breaker: { after: 1 } })]));
    const [command] = world.at(1, seen('shop', 'load', 20, 1)).commands;
    world.at(2, succeeded(command!.id));
    const done = world.runTo(12);
    expect(done.flatMap((r) => r.commands)).toEqual([]);
    expect(world.kinds('effect')[0]!.data.effect).toBe('unknown');
    expect(world.state.symptoms.get('p\tshop')!.misses).toBe(0);
  });

  test('until then element and resource are settling for all but a higher priority', () => {
    const same = policy('same', { conditions: over('load', 30) });
    const higher = policy('higher', { priority: 2, conditions: over('load', 40) });
    const world = new World(farm([expecting(), same, higher]));
    const [command] = world.at(1, seen('shop', 'load', 20, 1)).commands;
    world.at(2, succeeded(command!.id));
    expect(world.at(3, seen('shop', 'load', 35, 3)).commands).toEqual([]);
    expect([world.heldBy('p', 'shop'), world.heldBy('same', 'shop')]).toEqual(['settling', 'settling']);
    expect(world.at(4, seen('shop', 'load', 45, 4)).commands.map((c) => c.policy)).toEqual(['higher']);
  });

  test('a pause holds `otherwise` too', () => {
    const world = new World(farm([expecting()]));
    const [command] = world.at(1, seen('shop', 'load', 20, 1)).commands;
    world.at(2, succeeded(command!.id));
    world.at(3, { kind: 'pause', name: 'all', scope: {}, reason: 'night', author: 'ann', until: null });
    expect(world.at(12, seen('shop', 'latency', 500, 11.9)).commands).toEqual([]);
  });

  test('commands without the expected effect open the breaker, a person is told, and resuming closes it', () => {
    const world = new World(farm([expecting({ breaker: { after: 2 } })]));
    let sent = 0;
    for (let t = 1; t < 60; t++) {
      const outcomes = [...world.state.commands.rows()].filter((c) => c.phase === 'sent').map((c) => succeeded(c.key));
      sent += world
        .at(t, ...outcomes, seen('shop', 'load', 20, t), seen('shop', 'latency', 500, t), seen('shop', 'servers', 2, t))
        .commands.filter((c) => c.command === 'scale').length;
    }
    expect(sent).toBe(2);
    expect(world.heldBy('p', 'shop')).toBe('breaker');
    expect(world.kinds('breaker')[0]!.text).toMatch(/a person must look/);
    const { commands } = world.at(60, { kind: 'resume', scope: {}, reason: 'mended', author: 'ann' }, seen('shop', 'load', 20, 60));
    expect(commands.map((c) => c.command)).toEqual(['scale']);
  });
});

describe('conflicts and their order', () => {
  test.each([
    ['opposite', 'cache', { all: [{ fact: 'load', operator: 'greaterThan', value: 10 }] }],
    ['opposed', 'fill', { all: [{ fact: 'load', operator: 'greaterThan', value: 10 }] }],
  ])('two proposals that are %s do not both pass', (rule, command, conditions) => {
    const first = rule === 'opposite' ? policy('a', { priority: 2 }) : policy('a', { priority: 2, actions: [{ command: 'drain' }] });
    const world = new World(farm([first, policy('b', { conditions, actions: [{ command }] })]));
    expect(world.at(1, seen('shop', 'load', 20, 1)).commands.map((c) => c.policy)).toEqual(['a']);
    expect(world.kinds('lost')[0]!.data).toMatchObject({ rule, winner: 'a' });
  });

  test('the order is priority, service class, age of the symptom, policy, element, action: nothing is left to chance', () => {
    const types = {
      server: { properties: { load: {} }, commands: { ping: { resource: 'r' } } },
      farm: { commands: { ping: { resource: 'r' } } },
    };
    const ask = (name: string, more: Partial<PolicyDocument> = {}): PolicyDocument => ({
      name,
      scope: { type: 'server' },
      conditions: over('load', 10),
      actions: [{ command: 'ping', target: 'parent' }],
      ...more,
    });
    const elements = {
      shop: { type: 'farm' },
      'shop/a': { type: 'server' },
      'shop/b': { type: 'server' },
      'shop/c': { type: 'server', serviceClass: 'gold' as const },
    };
    const winner = (policies: PolicyDocument[], ...order: [string, number][]) => {
      const world = new World({ types, elements, policies });
      const results = order.map(([id, t]) =>
        world.at(
          t,
          seen(id, 'load', 20, t),
          ...(t < 2 ? [{ kind: 'pause', name: 'p', scope: {}, reason: 'r', author: 'a', until: START + 1_999 } as const] : []),
        ),
      );
      const command = results.flatMap((r) => r.commands)[0]!;
      return [command.policy, world.kinds('command')[0]!.data.origin];
    };
    expect(winner([ask('x'), ask('y', { priority: 2 })], ['shop/a', 2])).toEqual(['y', 'shop/a']);
    expect(winner([ask('y'), ask('x')], ['shop/a', 2])).toEqual(['x', 'shop/a']);
    expect(winner([ask('x')], ['shop/b', 1], ['shop/a', 2])).toEqual(['x', 'shop/b']);
  });
});
