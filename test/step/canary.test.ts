/** A new version of a file of policies on a share of the elements: who decides where, what withdraws it, what promotes it. */
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { type Given, START, seen, succeeded, World } from './world.ts';

const scope = { type: 'farm' };
const over = (value: number) => ({ all: [{ fact: 'load', operator: 'greaterThan', value }] });
const scale = (by: number) => [{ command: 'scale', params: { by } }];
const FARMS = ['a', 'b', 'c', 'd'];

const OLD = [
  { name: 'grow', scope, conditions: over(80), cooldown: '10s', actions: scale(1) },
  { name: 'only-old', scope, conditions: over(200), cooldown: '1s', actions: [{ command: 'ping' }] },
];
const NEW = [
  { name: 'grow', scope, conditions: over(50), cooldown: '10s', actions: scale(2) },
  { name: 'only-new', scope, conditions: over(200), cooldown: '1s', actions: [{ command: 'pong' }] },
];
const withdraw = { scope, conditions: { all: [{ fact: 'time', operator: 'greaterThan', value: 900 }] }, for: '5s' };

const farms = (canary: object | undefined, more: Partial<Given> = {}, policies: NonNullable<Given['tried']>['policies'] = NEW): Given => ({
  types: {
    farm: {
      properties: { load: {}, time: {}, servers: { initial: 1, stale: 'never' } },
      commands: { scale: { actuator: 'set', operation: 'set', resource: 'servers', property: 'servers' }, ping: {}, pong: {} },
    },
    server: { properties: { load: {} } },
  },
  elements: Object.fromEntries(FARMS.map((id) => [id, { type: 'farm' }])),
  policies: OLD,
  ...(canary === undefined ? {} : { tried: { policies, canary: { for: '60s', withdraw, ...canary } as never } }),
  ...more,
});
const ON_B = farms({ elements: ['b'] });

/** The same load on all farms, a probe that goes on, and good response times. */
const load = (value: number, seconds: number, times: Record<string, number> = {}) =>
  FARMS.flatMap((id) => [seen(id, 'load', value, seconds), seen(id, 'time', times[id] ?? 100, seconds)]);

const sent = (world: World, seconds: number, value: number, times?: Record<string, number>) =>
  world
    .at(seconds, ...load(value, seconds, times))
    .commands.map(({ element, command, params }) => `${element} ${command} ${params.to ?? ''}`.trim());

const said = (world: World) => world.kinds('canary').map(({ data }) => data.is);
const row = (world: World) => world.state.trials.get('new.json');

test('each version decides about its own elements, and its decisions name it', () => {
  const world = new World(ON_B);
  expect(sent(world, 1, 60)).toEqual(['b scale 3']);
  expect(sent(world, 20, 90)).toEqual(['a scale 2', 'c scale 2', 'd scale 2']);
  const [old, tried] = world.derived.blueprint.setup.sets!;
  const set = (element: string) => world.kinds('command').find((entry) => entry.element === element)!.data.set;
  expect([set('a'), set('b')]).toEqual([old!.version, tried!.version]);
  expect(world.kinds('canary')[0]).toMatchObject({ data: { is: 'running', set: tried!.version, elements: ['b'], drawn: 1, of: 4 } });
});

test('what must not be, for long enough, withdraws it at once, and its predecessor decides again', () => {
  const world = new World(ON_B);
  world.at(1, ...load(10, 1, { b: 1_000 }));
  world.at(4, ...load(10, 4, { b: 1_000 }));
  expect(row(world)!.phase).toBe('running');
  // Nothing comes at the sixth second: it is the canary's own timer.
  world.runTo(6);
  expect(row(world)).toMatchObject({ phase: 'withdrawn', since: START + 6_000 });
  expect(said(world)).toEqual(['running', 'withdrawn']);
  expect(world.kinds('canary')[1]!.text).toContain('on b, for 5 s: time 1000; its predecessor decides about b again');
  expect(sent(world, 7, 60, { b: 1_000 })).toEqual([]);
  expect(sent(world, 20, 90)).toEqual(['a scale 2', 'b scale 2', 'c scale 2', 'd scale 2']);
});

test('what must not be elsewhere does not touch it, and neither does a harm that is over in time', () => {
  const world = new World(ON_B);
  for (let s = 1; s < 30; s++) world.at(s, ...load(10, s, { a: 1_000, b: s % 4 === 0 ? 100 : 1_000 }));
  expect(said(world)).toEqual(['running']);
});

test('a canary that does no harm is promoted, and decides everywhere', () => {
  const world = new World(ON_B);
  for (let s = 1; s <= 60; s++) world.at(s, ...load(10, s));
  expect(row(world)).toMatchObject({ phase: 'promoted', since: START + 60_000 });
  expect(sent(world, 61, 60)).toEqual(['a scale 3', 'b scale 3', 'c scale 3', 'd scale 3']);
  // What is over is not watched.
  world.at(62, ...load(10, 62, { a: 1_000, b: 1_000 }));
  world.runTo(100);
  expect(said(world)).toEqual(['running', 'promoted']);
  expect([...world.state.symptoms.keys()].filter((key) => key.startsWith('canary'))).toEqual([]);
});

test('it is not promoted while nobody knows whether it does harm', () => {
  const world = new World(ON_B);
  world.at(1, ...load(10, 1));
  world.runTo(75);
  expect(said(world)).toEqual(['running', 'waits']);
  expect(world.kinds('canary')[1]!.text).toContain('it is not known whether what must not be is the case on b');
  // What was not seen for a minute was not tried for a minute.
  for (let s = 76; s < 136; s++) world.at(s, ...load(10, s));
  expect(said(world)).toEqual(['running', 'waits', 'again']);
  world.at(136, ...load(10, 136));
  expect(said(world)).toEqual(['running', 'waits', 'again', 'promoted']);
});

test('a manager that only observes promotes nothing', () => {
  const world = new World(farms({ elements: ['b'] }, { mode: 'observe' }));
  for (let s = 1; s <= 90; s++) world.at(s, ...load(10, s));
  expect(said(world)).toEqual(['running', 'waits']);
  expect(world.kinds('canary')[1]!.text).toContain('the manager does not act');
});

test('cooldowns hold over a switch, for they belong to the policy and the element', () => {
  const world = new World(ON_B);
  const harm = { b: 1_000 };
  for (let s = 1; s <= 5; s++) expect(sent(world, s, 10, harm)).toEqual([]);
  expect(sent(world, 5.5, 60, harm)).toEqual(['b scale 3']);
  world.at(
    5.6,
    succeeded(world.kinds('command')[0]!.command!, { observations: [{ ...seen('b', 'servers', 3, 5.6), kind: undefined } as never] }),
  );
  expect(sent(world, 6, 90, harm)).toEqual(['a scale 2', 'c scale 2', 'd scale 2']);
  expect(row(world)!.phase).toBe('withdrawn');
  expect(world.heldBy('grow', 'b')).toBe('cooldown');
  expect(world.state.symptoms.get('grow\tb')!.acted.cooldownUntil).toBe(START + 15_500);
});

test('what only one version has goes with it', () => {
  const world = new World(ON_B);
  expect(sent(world, 1, 250, { b: 1_000 }).filter((text) => !text.includes('scale'))).toEqual(['b pong', 'a ping', 'c ping', 'd ping']);
  for (let s = 2; s <= 6; s++) world.at(s, ...load(250, s, { b: 1_000 }));
  expect(world.state.symptoms.get('only-new\tb')).toBeUndefined();
  expect(world.state.symptoms.get('only-old\tb')).toMatchObject({ truth: true });
});

test('set aside is one version, not the other', () => {
  const world = new World(ON_B);
  world.at(1, ...load(60, 1));
  const [command] = world.kinds('command');
  world.at(2, { kind: 'withheld', command: command!.command!, cause: 'disagreement', detail: 'no' });
  expect(world.heldBy('grow', 'b')).toBe('set-aside');
  expect(sent(world, 3, 90)).toEqual(['a scale 2', 'c scale 2', 'd scale 2']);
});

test('a share draws by the hash of the topmost element, with all that is below it, and at least one', () => {
  const ids = Array.from({ length: 200 }, (_, i) => `farm-${i}`);
  const many = (share: number, more = {}): World =>
    new World(
      farms({ share }, { elements: Object.fromEntries([...ids.map((id) => [id, { type: 'farm' }]), ...Object.entries(more)]) as never }),
    );
  const drawn = (world: World) => world.kinds('canary')[0]!.data.drawn as number;
  expect(drawn(many(0.25))).toBeGreaterThan(30);
  expect(drawn(many(0.25))).toBeLessThan(70);
  expect(drawn(many(0.0001))).toBe(1);
  expect(drawn(many(0.25))).toBe(drawn(many(0.25)));
  const world = new World(farms({ share: 0.0001 }));
  const [first] = world.kinds('canary')[0]!.data.elements as string[];
  world.at(1, { kind: 'appeared', element: `${first}/annexe`, document: { type: 'farm' }, source: 'test' });
  expect(world.at(2, seen(`${first}/annexe`, 'load', 60, 2)).commands).toMatchObject([{ element: `${first}/annexe` }]);
});

test('labels draw too; without an element to draw it waits, and begins with the first', () => {
  const world = new World(farms({ labels: { tier: 'test' } }));
  expect(row(world)!.phase).toBe('waiting');
  world.at(5, { kind: 'appeared', element: 'e', document: { type: 'farm', labels: { tier: 'test' } }, source: 'test' });
  expect(row(world)).toMatchObject({ phase: 'running', until: START + 65_000 });
  expect(world.at(6, seen('e', 'load', 60, 6), ...load(60, 6)).commands).toMatchObject([{ element: 'e', params: { to: 3 } }]);
});

test('a reload with the same version does not begin again; another version does, and without it all is as before', () => {
  const world = new World(ON_B);
  for (let s = 1; s <= 6; s++) world.at(s, ...load(10, s, { b: 1_000 }));
  expect(row(world)!.phase).toBe('withdrawn');
  world.configure(7, farms({ elements: ['b', 'c'], for: '90s' }));
  expect(row(world)).toMatchObject({ phase: 'withdrawn', since: START + 6_000 });
  const better = NEW.map((policy) => ({ ...policy, cooldown: '30s' }));
  world.configure(8, farms({ elements: ['b'] }, {}, better));
  expect(row(world)).toMatchObject({ phase: 'running', since: START + 8_000 });
  expect(sent(world, 9, 60)).toEqual(['b scale 3']);
  world.configure(10, farms(undefined));
  expect(row(world)).toBeUndefined();
  expect(said(world)).toEqual(['running', 'withdrawn', 'running', 'over']);
  expect(sent(world, 11, 60)).toEqual([]);
});

test('what was promoted stays as it is when the manager file names it in the place of its predecessor', () => {
  const world = new World(ON_B);
  for (let s = 1; s <= 60; s++) world.at(s, ...load(10, s));
  expect(sent(world, 61, 60)).toHaveLength(4);
  const { trueSince, acted } = structuredClone(world.state.symptoms.get('grow\ta')!);
  expect(acted.cooldownUntil).toBe(START + 71_000);
  world.configure(62, { ...farms(undefined), policies: NEW });
  expect(world.state.symptoms.get('grow\ta')).toMatchObject({ trueSince, acted });
  expect(world.state.trials.size).toBe(0);
});

test('it survives kills, with its time and its harm under way; the time that a manager was away does not count', () => {
  const world = new World(ON_B);
  world.at(1, ...load(10, 1, { b: 1_000 }));
  world.at(3, ...load(10, 3, { b: 1_000 }));
  world.restart();
  world.at(6, ...load(10, 6, { b: 1_000 }));
  expect(said(world)).toEqual(['running', 'withdrawn']);
  world.restart();
  expect(sent(world, 20, 60)).toEqual([]);

  const other = new World(ON_B);
  other.at(30, ...load(10, 30));
  other.restart();
  other.at(1_000, { kind: 'started', wall: START });
  expect(row(other)).toMatchObject({ phase: 'running', until: START + 1_030_000 });
});

test('what it set of a policy is taken back when it is withdrawn', () => {
  const tuning: PolicyDocument[] = [
    ...NEW,
    {
      name: 'tuner',
      scope,
      conditions: over(0),
      actions: [{ command: 'setMode', target: 'homeostat', while: true, params: { policy: 'grow', mode: 'observe' } }],
    },
  ];
  const world = new World(farms({ elements: ['b'] }, {}, tuning));
  for (let s = 1; s <= 5; s++) world.at(s, ...load(10, s, { b: 1_000 }));
  expect(world.state.tunings.size).toBe(1);
  world.at(6, ...load(10, 6, { b: 1_000 }));
  expect([row(world)!.phase, world.state.tunings.size]).toEqual(['withdrawn', 0]);
});
