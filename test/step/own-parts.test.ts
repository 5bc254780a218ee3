import { explain } from '../../src/analyze/explain.ts';
import { statusOf } from '../../src/api/status.ts';
import { compile } from '../../src/compile/index.ts';
import type { ActionDocument } from '../../src/documents/action.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Event } from '../../src/messages.ts';
import type { StepResult } from '../../src/step.ts';
import { type Given, START, seen, setupOf, succeeded, World } from './world.ts';

const when = (fact: string, operator: string, value: unknown) => ({ all: [{ fact, operator, value }] });
const over = (fact: string, value: unknown) => when(fact, 'greaterThan', value);
const own = (command: string, params: ActionDocument['params'], more: Partial<ActionDocument> = {}): ActionDocument => ({
  command,
  target: 'homeostat',
  params: params!,
  ...more,
});
/** Acts where the load is above its set-point. */
const grow: PolicyDocument = {
  name: 'grow',
  scope: { type: 'farm' },
  suite: 'day',
  setPoints: { limit: 250, step: 2 },
  conditions: over('load', { fact: 'setPoint.limit' }),
  cooldown: '1s',
  actions: [{ command: 'scale', params: { by: { fact: 'setPoint.step' } } }],
};
/** Its twin changes something while it is night. */
const night = (action: ActionDocument, more: Partial<PolicyDocument> = {}): PolicyDocument => ({
  name: 'night',
  scope: { type: 'farm' },
  conditions: when('dark', 'equal', true),
  actions: [action],
  ...more,
});
const toLimit = (to: number, more: Partial<ActionDocument> = {}) => own('setPoint', { policy: 'grow', name: 'limit', to }, more);
const given = (...policies: PolicyDocument[]): Given => ({
  types: {
    farm: {
      properties: { load: { stale: 'never' }, dark: { stale: 'never' }, dusk: { stale: 'never' }, servers: { stale: 'never' } },
      commands: { scale: { resource: 'servers', property: 'servers' } },
    },
  },
  elements: { shop: { type: 'farm', properties: { servers: 1 } }, mall: { type: 'farm', properties: { servers: 1 } } },
  policies,
});
const load = (value: number, seconds: number, element = 'shop') => seen(element, 'load', value, seconds);
const dark = (is: boolean, seconds: number, element = 'shop') => seen(element, 'dark', is, seconds);
const orders = (...results: StepResult[]) => results.flatMap((r) => r.commands.map((c) => [c.command, c.element, c.params]));
const tuned = (world: World) => world.kinds('tuned').map((e) => e.text);
const values = (world: World) =>
  [...world.state.tunings.rows()].map(({ key, layers }) => [key.replaceAll('\t', ' '), layers.at(-1)!.value]);
const PAUSED: Event = { kind: 'pause', name: 'all', scope: {}, reason: 'fire', author: 'ann', until: null };

describe('setPoint', () => {
  test('conditions and parameters read it, and the facts of a firing name it', () => {
    const world = new World(given(grow));
    expect(orders(world.at(1, load(200, 1)))).toEqual([]);
    const result = world.at(2, load(260, 2));
    expect(orders(result)).toEqual([['scale', 'shop', { to: 3 }]]);
    expect(result.firings[0]!.facts).toEqual({ load: 260, 'setPoint.limit': 250 });
  });

  test('another policy sets it: carried out by the step itself, and its policy is judged anew everywhere', () => {
    const world = new World(given(grow, night(toLimit(100))));
    world.at(1, load(200, 1), load(120, 1, 'mall'));
    const first = world.at(2, dark(true, 2));
    expect(orders(first)).toEqual([['setPoint', 'homeostat', { policy: 'grow', name: 'limit', to: 100 }]]);
    expect(first.commands[0]!.resource).toBe('setPoint grow limit');
    expect(world.state.nextDue()).toBe(START + 2_001);
    const [second] = world.runTo(2.5);
    expect(orders(second!)).toEqual([
      ['scale', 'mall', { to: 3 }],
      ['scale', 'shop', { to: 3 }],
    ]);
    expect(world.kinds('outcome').map((e) => e.data.status)).toEqual(['succeeded']);
    expect(tuned(world)).toEqual(['night set the set-point limit of grow to 100']);
  });

  test('the dead zone reads it too', () => {
    const policy: PolicyDocument = {
      ...grow,
      conditions: over('load', 10),
      deadZone: { fact: 'load', low: 5, high: { fact: 'setPoint.limit' } },
    };
    const world = new World(given(policy, night(toLimit(100))));
    world.at(1, load(200, 1));
    expect(world.heldBy('grow', 'shop')).toBe('dead-zone');
    world.at(2, dark(true, 2));
    expect(orders(...world.runTo(3))).toEqual([['scale', 'shop', { to: 3 }]]);
  });

  test('what it is set to already is no command; two policies that set the same conflict', () => {
    const world = new World(given(grow, night(toLimit(250))));
    world.at(1, dark(true, 1));
    expect(world.heldBy('night', 'shop')).toBe('unchanged');
    const other = new World(given(grow, night(toLimit(100)), night(toLimit(90), { name: 'second', priority: 2 })));
    expect(orders(other.at(1, dark(true, 1))).map(([, , params]) => params)).toEqual([{ policy: 'grow', name: 'limit', to: 90 }]);
    expect(other.kinds('lost').map((e) => [e.policy, e.data.rule, e.data.winner])).toEqual([['night', 'resource', 'second']]);
  });

  test('budgets hold for it as for any command', () => {
    const world = new World({
      ...given(grow, night(toLimit(100))),
      budgets: [{ name: 'none', scope: { command: 'setPoint' }, commands: 0 }],
    });
    expect(orders(world.at(1, dark(true, 1)))).toEqual([]);
    expect(world.heldBy('night', 'shop')).toBe('budget none');
  });

  test('it survives a kill and a reload, with its policy edited too, and is forgotten with the set-point', () => {
    const world = new World(given(grow, night(toLimit(100))));
    world.at(1, dark(true, 1));
    world.restart();
    world.runTo(2);
    world.restart();
    world.configure(3, given({ ...grow, why: 'edited', setPoints: { limit: 260, step: 2 } }, night(toLimit(100))));
    expect(values(world)).toEqual([['setPoint grow limit', 100]]);
    expect(orders(world.at(4, load(150, 4)))).toHaveLength(1);
    world.configure(5, given({ ...grow, setPoints: { limit2: 1, step: 2 }, conditions: over('load', { fact: 'setPoint.limit2' }) }));
    expect(values(world)).toEqual([]);
    expect(tuned(world).at(-1)).toBe('what was set of the set-point limit of grow is forgotten: grow has no set-point "limit"');
  });

  test('a firing that is not confirmed sets nothing', () => {
    const world = new World(given(grow, night(toLimit(100))));
    const { commands } = world.at(1, dark(true, 1));
    world.at(1.001, { kind: 'withheld', command: commands[0]!.id, cause: 'disagreement', detail: 'no' });
    world.runTo(3);
    expect(values(world)).toEqual([]);
  });

  test('the emergency stop withholds it', () => {
    const world = new World(given(grow, night(toLimit(100))));
    world.at(1, dark(true, 1));
    world.at(1.001, PAUSED);
    expect(values(world)).toEqual([]);
    expect(world.kinds('withheld').map((e) => e.data.cause)).toEqual(['paused']);
  });

  test('a policy that observes only says what it would set', () => {
    const world = new World(given(grow, night(toLimit(100), { mode: 'observe' })));
    world.at(1, dark(true, 1));
    world.runTo(3);
    expect(world.kinds('would')).toHaveLength(1);
    expect(values(world)).toEqual([]);
  });

  test('an effect is awaited where the policy expects one, and a retry of what is there already is passed over', () => {
    const expect_ = { within: '5s', conditions: when('load', 'lessThan', 50), otherwise: [{ retry: 2 }, { command: 'notify' }] };
    const world = new World(given(grow, night(toLimit(100), { expect: expect_ })));
    world.at(1, load(80, 1), dark(true, 1));
    world.runTo(2);
    world.at(4, load(80, 4));
    expect(orders(...world.runTo(7)).map(([command]) => command)).toEqual(['notify']);
  });

  test('a calculated name that is the policy itself is refused in the step', () => {
    const self = own('setPoint', { policy: { expression: '"ni" + "ght"' }, name: 'x', to: 3 });
    const world = new World(given(grow, night(self, { setPoints: { x: 1 } })));
    world.at(1, dark(true, 1));
    expect([world.heldBy('night', 'shop'), world.kinds('held').at(-1)!.data.reason]).toEqual([
      'target',
      'a policy cannot change itself: the set-point x of night',
    ]);
  });

  test('explain shows its value and who set it; status lists it', () => {
    const world = new World(given(grow, night(toLimit(100))));
    world.at(1, load(50, 1), dark(true, 1));
    world.runTo(2);
    const [explained] = explain(world.state, world.derived, 'shop', 'grow', START + 3_000, world.journal);
    expect(explained!.summary).toMatch(/^not raised: load 50 > setPoint\.limit 100 \(50 short\)/);
    expect(JSON.stringify(explained!.conditions)).toContain('"made":"set by night on shop"');
    expect(statusOf(world.state, world.derived, { now: START + 3_000, startedAt: START, limit: 9 }).tunings).toEqual([
      { what: 'the set-point limit of grow', value: 100, policy: 'night', element: 'shop', since: START + 1_001, while: false },
    ]);
  });
});

describe('while', () => {
  const lasting = toLimit(100, { while: true });

  test('what was set is as before when the symptom clears, and the policy is judged anew in the same step', () => {
    const world = new World(given(grow, night(lasting)));
    world.at(1, load(200, 1), dark(true, 1));
    world.runTo(1.5);
    expect(world.state.symptoms.get('grow\tshop')!.truth).toBe(true);
    world.restart();
    world.at(2, dark(false, 2));
    expect(values(world)).toEqual([]);
    expect(world.state.symptoms.get('grow\tshop')?.truth ?? false).toBe(false);
    expect(tuned(world).at(-1)).toBe('the set-point limit of grow is again as the files say: night on shop is over');
  });

  test('it stays while the conditions are unknown, and through an edit that leaves them true', () => {
    const world = new World(given(grow, night(lasting)));
    world.at(1, dark(true, 1));
    world.runTo(1.5);
    world.configure(2, given(grow, night(lasting, { why: 'edited' })));
    expect(values(world)).toEqual([['setPoint grow limit', 100]]);
    const unknown = given(grow, night(lasting));
    world.configure(3, {
      ...unknown,
      types: { farm: { ...unknown.types.farm!, properties: { ...unknown.types.farm!.properties, dark: { stale: '1s' } } } },
    });
    world.runTo(9);
    expect(world.state.symptoms.get('night\tshop')?.truth).toBeNull();
    expect(values(world)).toEqual([['setPoint grow limit', 100]]);
  });

  test('it goes with its policy, and with its element', () => {
    const world = new World(given(grow, night(lasting)));
    world.at(1, dark(true, 1));
    world.runTo(1.5);
    world.configure(2, given(grow));
    expect(values(world)).toEqual([]);
    const other = new World(given(grow, night(lasting)));
    other.at(1, dark(true, 1));
    other.runTo(1.5);
    other.at(2, { kind: 'vanished', element: 'shop', source: 'test' });
    expect(values(other)).toEqual([]);
  });

  test('what was set below comes back; a later setting that lasts holds on', () => {
    const dusk: PolicyDocument = { ...night(toLimit(150, { while: true })), name: 'dusk', conditions: when('dusk', 'equal', true) };
    const world = new World(given(grow, dusk, night(lasting)));
    const at = (seconds: number, ...events: Event[]) => {
      world.at(seconds, ...events);
      world.runTo(seconds + 0.5);
      return values(world)[0]?.[1];
    };
    expect(at(1, seen('shop', 'dusk', true, 1))).toBe(150);
    expect(at(2, dark(true, 2))).toBe(100);
    expect(at(3, dark(false, 3))).toBe(150);
    expect(tuned(world).at(-1)).toMatch(/again 150, as dusk set it/);
    expect(at(4, dark(true, 4))).toBe(100);
    expect(at(5, seen('shop', 'dusk', false, 5))).toBe(100);
    expect(at(6, dark(false, 6))).toBeUndefined();
  });
});

describe('switchSuite', () => {
  const off = own('switchSuite', { suite: 'day', on: false }, { while: true });

  test('the policies of a suite that is off are held back, until it is on again', () => {
    const world = new World(given(grow, night(off)));
    world.at(1, dark(true, 1));
    world.runTo(1.5);
    expect(orders(world.at(2, load(300, 2)))).toEqual([]);
    expect(world.heldBy('grow', 'shop')).toBe('suite');
    expect(world.kinds('held').at(-1)!.data.reason).toMatch(/the suite day is off, since .* by night on shop/);
    world.restart();
    expect(orders(world.at(3, load(301, 3)))).toEqual([]);
    expect(orders(world.at(4, dark(false, 4)))).toEqual([['scale', 'shop', { to: 3 }]]);
  });
});

describe('setMode', () => {
  test('a policy that acts can be made to observe, and act again', () => {
    const world = new World(given(grow, night(own('setMode', { policy: 'grow', mode: 'observe' }, { while: true }))));
    world.at(1, dark(true, 1));
    world.runTo(1.5);
    expect(orders(world.at(2, load(300, 2)))).toEqual([]);
    expect(world.kinds('would').map((e) => e.policy)).toEqual(['grow']);
    expect(orders(world.at(4, dark(false, 4)))).toEqual([['scale', 'shop', { to: 3 }]]);
  });

  test('without a policy it is the mode of all others', () => {
    const ping: PolicyDocument = { ...night({ command: 'scale', params: { to: 9 } }), name: 'ping', conditions: over('load', 10) };
    const keeper = night(own('setMode', { mode: 'observe' }));
    const world = new World(given(ping, { ...keeper, actions: [...keeper.actions!, { command: 'notify', params: { text: 'night' } }] }));
    const first = world.at(1, dark(true, 1));
    expect(orders(first).map(([command]) => command)).toEqual(['setMode', 'notify']);
    world.at(1.2, succeeded(first.commands[1]!.id));
    world.runTo(1.5);
    expect(orders(world.at(2, load(300, 2)))).toEqual([]);
    expect(orders(world.at(3, dark(false, 3)), world.at(4, dark(true, 4))).map(([command]) => command)).toEqual(['notify']);
  });

  test('never bolder than the manager: it may set act where the policy observes, and not where the manager does', () => {
    const bold = night(own('setMode', { policy: 'grow', mode: 'act' }));
    const world = new World(given({ ...grow, mode: 'observe' }, bold));
    world.at(1, dark(true, 1));
    world.runTo(1.5);
    expect(orders(world.at(2, load(300, 2)))).toHaveLength(1);
    world.configure(3, { ...given({ ...grow, mode: 'observe' }, bold), mode: 'observe' });
    expect(orders(world.at(5, load(301, 5)))).toEqual([]);
    const cautious = new World({ ...given({ ...grow, mode: 'observe' }, bold), mode: 'advise' });
    cautious.at(1, dark(true, 1));
    expect(cautious.kinds('held').at(-1)!.data.reason).toMatch(/act is bolder than the manager, which may only advise/);
  });
});

describe('setInterval', () => {
  const quick = night(own('setInterval', { probe: 'ping', every: '1s' }, { while: true }));

  test('is sent to the shell, holds from its success on, and is taken back', () => {
    const world = new World(given(quick));
    const { commands } = world.at(1, dark(true, 1));
    expect(commands.map((c) => [c.actuator, c.params])).toEqual([['homeostat', { every: '1s', probe: 'ping' }]]);
    expect(world.runTo(3)).toEqual([]);
    expect(values(world)).toEqual([]);
    world.at(3, succeeded(commands[0]!.id));
    expect(values(world)).toEqual([['interval ping', '1s']]);
    world.restart();
    world.at(4, dark(false, 4));
    expect(values(world)).toEqual([]);
    expect(tuned(world).at(-1)).toBe('the interval of ping is again as the files say: night on shop is over');
  });

  test('what failed has set nothing', () => {
    const world = new World(given(quick));
    const { commands } = world.at(1, dark(true, 1));
    world.at(2, { kind: 'outcome', command: commands[0]!.id, status: 'failed', detail: 'no probe' });
    expect(values(world)).toEqual([]);
  });
});

describe('refused at load', () => {
  test.each<[string, PolicyDocument, string, string]>([
    [
      'itself: its set-point',
      night(own('setPoint', { policy: 'night', name: 'x', to: 1 }), { setPoints: { x: 2 } }),
      'params/policy',
      'a policy cannot change itself: the set-point x of night',
    ],
    [
      'itself: its suite',
      night(own('switchSuite', { suite: 'day', on: true }), { suite: 'day' }),
      'params/suite',
      'a policy cannot change itself: the suite day',
    ],
    [
      'itself: its mode',
      night(own('setMode', { policy: 'night', mode: 'act' })),
      'params/policy',
      'a policy cannot change itself: the mode of night',
    ],
    [
      'an unknown policy',
      night(own('setMode', { policy: 'gorw', mode: 'act' })),
      'params/policy',
      'no policy is named "gorw"; did you mean "grow"?',
    ],
    [
      'an unknown set-point',
      night(own('setPoint', { policy: 'grow', name: 'limti', to: 1 })),
      'params/name',
      'grow has no set-point "limti"; did you mean "limit"?',
    ],
    [
      'a set-point of another type',
      night(own('setPoint', { policy: 'grow', name: 'limit', to: 'high' })),
      'params/to',
      'found "high"; it needs a number, as in 250',
    ],
    [
      'an unknown suite',
      night(own('switchSuite', { suite: 'dya', on: true })),
      'params/suite',
      'no policy is of a suite "dya"; did you mean "day"?',
    ],
    ['no switch', night(own('switchSuite', { suite: 'day', on: 'yes' })), 'params/on', 'found "yes"; it needs true or false'],
    ['no mode', night(own('setMode', { policy: 'grow', mode: 'watch' })), 'params/mode', 'found "watch"; it needs observe, advise, act'],
    [
      'no span',
      night(own('setInterval', { probe: 'ping', every: '0s' })),
      'params/every',
      'found "0s"; it needs a span of time: 250ms, 10s, 5m, 2h, 1d',
    ],
    [
      'an unknown probe',
      night(own('setInterval', { probe: 'pnig', every: '1s' })),
      'params/probe',
      'no probe is named "pnig"; did you mean "ping"?',
    ],
    ['an unknown command', night(own('setPiont', {})), 'command', 'homeostat has no command "setPiont"; did you mean "setPoint"?'],
    ['a missing parameter', night(own('setPoint', { policy: 'grow', name: 'limit' })), 'command', 'setPoint needs "to"'],
    [
      'a parameter too many',
      night(own('setPoint', { policy: 'grow', name: 'limit', to: 1, too: 2 })),
      'params/too',
      'setPoint takes no "too"; did you mean "to"?',
    ],
    [
      'while on an element',
      night({ command: 'scale', params: { by: 1 }, while: true }),
      'while',
      'only what was set of Homeostat itself can be taken back by itself',
    ],
  ])('%s', (_what, policy, pointer, message) => {
    const { findings } = compile({ ...setupOf(given(grow, policy)), probes: ['ping'] }, 'homeostat.json');
    expect(findings.list.map((f) => [f.pointer, f.message])).toEqual([[`/policies/1/actions/0/${pointer}`, message]]);
  });

  test('a fact that names no set-point of the policy, and an element of the reserved name', () => {
    const { findings } = compile(setupOf(given({ ...grow, conditions: over('load', { fact: 'setPoint.limti' }) })), 'homeostat.json');
    expect(findings.list.map((f) => f.message)).toEqual(['the policy has no set-point "limti"; did you mean "setPoint.limit"?']);
    const named = { ...given(grow), elements: { homeostat: { type: 'farm' } } };
    expect(compile(setupOf(named), 'homeostat.json').findings.list.map((f) => f.message)).toEqual([
      '"homeostat" stands for Homeostat itself',
    ]);
  });
});
