import { compile } from '../../src/compile/index.ts';
import type { OtherwiseDocument } from '../../src/documents/action.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Event } from '../../src/messages.ts';
import type { StepResult } from '../../src/step.ts';
import { type Given, seen, setupOf, succeeded, World } from './world.ts';

const when = (fact: string, operator: string, value: unknown) => ({ all: [{ fact, operator, value }] });
const grow = (otherwise: OtherwiseDocument[], more: Partial<PolicyDocument> = {}, on?: ('missed' | 'failed')[]): PolicyDocument => ({
  name: 'grow',
  scope: { type: 'farm' },
  priority: 5,
  conditions: when('load', 'greaterThan', 10),
  cooldown: '1h',
  actions: [{ command: 'scale', params: { by: 2 } }],
  expect: { within: '5s', conditions: when('latency', 'lessThan', 100), otherwise, ...(on === undefined ? {} : { on }) },
  ...more,
});
const farm = (...policies: PolicyDocument[]): Given => ({
  types: {
    farm: {
      properties: { load: { stale: 'never' }, latency: { stale: 'never' }, servers: { stale: 'never' } },
      commands: {
        scale: { resource: 'servers', property: 'servers' },
        flush: { resource: 'cache' },
        shrink: { resource: 'servers', property: 'servers' },
      },
    },
  },
  elements: { shop: { type: 'farm', properties: { servers: 2 } } },
  policies,
});
const failed = (command: string): Event => ({ kind: 'outcome', command, status: 'failed', detail: 'no' });
const orders = (...results: StepResult[]) => results.flatMap((r) => r.commands.map((c) => [c.command, c.params]));
const busy = (seconds: number): Event[] => [seen('shop', 'load', 20, seconds), seen('shop', 'latency', 500, seconds)];
const becomes = (servers: number, seconds: number) => ({
  observations: [{ element: 'shop', property: 'servers', value: servers, time: Date.UTC(1971, 0, 1) + seconds * 1_000, source: 'scale' }],
});

/** The newest command succeeds at a time, and six seconds later nothing is better. */
function inVain(world: World, at: number, command: string, servers?: number): StepResult {
  world.at(at, succeeded(command, servers === undefined ? {} : becomes(servers, at)));
  return world.at(at + 6, ...busy(at + 5.5));
}

describe('retry', () => {
  const flush = grow([{ command: 'notify', params: { text: 'no' } }, { retry: 2 }], {
    actions: [{ command: 'flush', params: { size: { fact: 'load' } } }],
  });

  test('the same command with the same values, its effect awaited each time; then the rest', () => {
    const world = new World(farm(flush));
    const first = world.at(1, ...busy(1)).commands[0]!;
    const second = inVain(world, 2, first.id).commands[0]!;
    expect([second.command, second.params, second.id === first.id]).toEqual(['flush', { size: 20 }, false]);
    const third = inVain(world, 9, second.id).commands[0]!;
    expect(third.params).toEqual({ size: 20 });
    expect(orders(inVain(world, 16, third.id))).toEqual([['notify', { text: 'no' }]]);
    expect(world.kinds('effect').map((e) => e.data.effect)).toEqual(['missed', 'missed', 'missed']);
  });

  test('its number is of one raise: cleared and raised again it has all its repetitions; a kill gives none back', () => {
    const world = new World(farm({ ...flush, cooldown: '1s' }));
    let last = world.at(1, ...busy(1)).commands[0]!;
    last = inVain(world, 2, last.id).commands[0]!;
    world.restart();
    last = inVain(world, 9, last.id).commands[0]!;
    world.restart();
    expect(orders(inVain(world, 16, last.id)).map(([command]) => command)).toEqual(['flush', 'notify']);
    expect(world.state.symptoms.get('grow\tshop')!.trying!.retries).toEqual({ 0: 2 });
    world.at(30, seen('shop', 'load', 1, 30));
    expect(world.state.symptoms.get('grow\tshop')!.trying).toBeNull();
  });

  test('not when the symptom has cleared: then there is nothing to repeat it for', () => {
    const world = new World(farm(flush));
    const { commands } = world.at(1, ...busy(1));
    world.at(2, succeeded(commands[0]!.id));
    expect(orders(world.at(8, seen('shop', 'load', 1, 7.5), seen('shop', 'latency', 500, 7.5)))).toEqual([['notify', { text: 'no' }]]);
  });

  test('not when the value that it sets is there already: the rest comes at once', () => {
    const world = new World(farm(grow([{ retry: 3 }, { command: 'notify', params: { text: 'no' } }])));
    const { commands } = world.at(1, ...busy(1));
    expect(orders(inVain(world, 2, commands[0]!.id, 4))).toEqual([['notify', { text: 'no' }]]);
  });

  test('the breaker stops repetitions too', () => {
    const world = new World(farm({ ...flush, breaker: { after: 2, notify: false } }));
    const second = inVain(world, 2, world.at(1, ...busy(1)).commands[0]!.id).commands[0]!;
    expect(second.command).toBe('flush');
    expect(orders(inVain(world, 9, second.id)).map(([command]) => command)).toEqual(['notify']);
  });

  test('a remedy is given up only after its repetitions', () => {
    const remedies = [
      { name: 'flush', actions: [{ command: 'flush' }] },
      { name: 'scale', actions: [{ command: 'scale', params: { to: 9 } }] },
    ];
    const { actions: _actions, ...policy } = grow([{ retry: 1 }]);
    const world = new World(farm({ ...policy, remedies }));
    const second = inVain(world, 2, world.at(1, ...busy(1)).commands[0]!.id).commands[0]!;
    expect(second.command).toBe('flush');
    world.at(9, succeeded(second.id));
    const third = [world.at(15, ...busy(14.5)), world.at(16)];
    expect(orders(...third)).toEqual([['scale', { to: 9 }]]);
  });
});

describe('failures', () => {
  test('a command that failed leads to otherwise only where `on` says so', () => {
    for (const [on, expected] of [
      [undefined, []],
      [['failed' as const], [['notify', {}]]],
    ] as const) {
      const world = new World(farm(grow([{ command: 'notify' }], {}, on === undefined ? undefined : [...on])));
      const { commands } = world.at(1, ...busy(1));
      expect(orders(world.at(2, failed(commands[0]!.id)))).toEqual(expected);
    }
  });

  test('a command that timed out counts as failed; with `on` failed alone a missed effect leads to nothing', () => {
    const world = new World(farm(grow([{ retry: 1 }, { command: 'notify' }], {}, ['failed'])));
    world.at(1, ...busy(1));
    const again = world.runTo(31);
    expect(orders(...again)).toEqual([['scale', { to: 4 }]]);
    expect(orders(inVain(world, 32, again.at(-1)!.commands[0]!.id))).toEqual([]);
  });
});

test('escalate: its actions come with the higher priority, before what another policy wants', () => {
  const rival = {
    name: 'rival',
    scope: { type: 'farm' },
    priority: 8,
    conditions: when('latency', 'greaterThan', 400),
    for: '7s',
    actions: [{ command: 'shrink', params: { to: 1 } }],
  };
  const world = new World(farm(grow([{ escalate: { priority: 9, actions: [{ command: 'scale', params: { to: 30 } }] } }]), rival));
  const { commands } = world.at(1, ...busy(1));
  const result = inVain(world, 2, commands[0]!.id);
  expect(orders(result)).toEqual([['scale', { to: 30 }]]);
  expect(world.state.commands.get(result.commands[0]!.id)!.priority).toBe(9);
  expect(world.kinds('lost').map((e) => [e.policy, e.data.winner])).toEqual([['rival', 'grow']]);
});

test('compensate: stated actions undo what was done', () => {
  const world = new World(farm(grow([{ compensate: [{ command: 'shrink', params: { by: -1 } }, { command: 'flush' }] }])));
  const { commands } = world.at(1, ...busy(1));
  expect(orders(inVain(world, 2, commands[0]!.id, 4))).toEqual([
    ['shrink', { to: 3 }],
    ['flush', {}],
  ]);
});

describe('rollBack', () => {
  test('the property gets the value that it had before the command, also after a kill', () => {
    const world = new World(farm(grow([{ rollBack: true }])));
    const { commands } = world.at(1, ...busy(1));
    expect(orders({ commands } as StepResult)).toEqual([['scale', { to: 4 }]]);
    world.at(2, succeeded(commands[0]!.id, becomes(4, 2)));
    world.restart();
    expect(orders(world.at(8, ...busy(7.5)))).toEqual([['scale', { to: 2 }]]);
    expect(world.kinds('command').at(-1)!.data.otherwise).toBe(true);
  });

  test('nothing is done where the value is as it was', () => {
    const world = new World(farm(grow([{ rollBack: true }])));
    const { commands } = world.at(1, ...busy(1));
    expect(orders(inVain(world, 2, commands[0]!.id))).toEqual([]);
    expect(world.kinds('held').at(-1)!.data.gate).toBe('unchanged');
  });
});

test.each<[string, PolicyDocument, string, string]>([
  [
    'a roll-back of a command that names no property',
    grow([{ rollBack: true }], { actions: [{ command: 'flush' }] }),
    '/policies/0/actions/0/command',
    '"flush" cannot be rolled back: it names no property that it sets',
  ],
  [
    'an escalation that is none',
    grow([{ escalate: { priority: 5, actions: [{ command: 'flush' }] } }]),
    '/policies/0/expect/otherwise/0/escalate/priority',
    'an escalation comes with a higher priority than its policy, which has 5; found 5',
  ],
  [
    'an unknown command in a compensation',
    grow([{ compensate: [{ command: 'flsuh' }] }]),
    '/policies/0/expect/otherwise/0/compensate/0/command',
    'type "farm" has no command "flsuh"; did you mean "flush"?',
  ],
])('%s is refused at load', (_what, policy, pointer, message) => {
  const { findings } = compile(setupOf(farm(policy)), 'homeostat.json');
  expect(findings.list.map((f) => [f.pointer, f.message])).toEqual([[pointer, message]]);
});
