/** A new version of a file of policies in shadow: it says what it would do, on the same readings, and does nothing. */
import { type Given, seen, World } from './world.ts';

const scope = { type: 'farm' };
const over = (value: number) => ({ all: [{ fact: 'load', operator: 'greaterThan', value }] });
const grow = (value: number, by: number) => ({
  name: 'grow',
  scope,
  conditions: over(value),
  cooldown: '10s',
  actions: [{ command: 'scale', params: { by } }],
});

const farm = (tried?: Given['tried']): Given => ({
  types: {
    farm: {
      properties: { load: {}, servers: { initial: 1, stale: 'never' } },
      commands: { scale: { actuator: 'set', operation: 'set', resource: 'servers', property: 'servers' } },
    },
  },
  elements: { shop: { type: 'farm' } },
  policies: [grow(80, 1)],
  ...(tried === undefined ? {} : { tried }),
});

const NEW = [grow(50, 2), { ...grow(90, 3), name: 'jump' }];

test('it says what it would do where its predecessor does nothing, by its own cooldown, and names its version', () => {
  const world = new World(farm({ policies: NEW, shadow: true }));
  const { commands, journal } = world.at(1, seen('shop', 'load', 60, 1));
  const version = world.derived.blueprint.setup.sets![1]!.version;
  const name = `grow@${version.slice(0, 7)}`;
  expect(commands).toEqual([]);
  expect(journal.find(({ kind }) => kind === 'would')).toMatchObject({ policy: name, data: { params: { to: 3 }, set: version } });
  world.at(2, seen('shop', 'load', 60, 2));
  expect(world.heldBy(name, 'shop')).toBe('cooldown');
});

test('what its predecessor does in the same step does not stand in its way', () => {
  const world = new World(farm({ policies: NEW.slice(0, 1), shadow: true }));
  const { commands, journal } = world.at(1, seen('shop', 'load', 90, 1));
  expect(commands).toMatchObject([{ policy: 'grow', params: { to: 2 } }]);
  expect(journal.filter(({ kind }) => kind === 'would' || kind === 'lost')).toMatchObject([{ kind: 'would', data: { params: { to: 3 } } }]);
});

test('what acts decides the same, to the byte, with and without it', () => {
  const decided = (given: Given) => {
    const world = new World(given);
    for (let s = 1; s < 40; s++) world.at(s, seen('shop', 'load', (s * 37) % 120, s));
    const acting = world.journal.filter(({ policy = '' }) => !policy.includes('@'));
    return acting
      .map(({ kind, time, step, policy, text }) => ({ kind, time, step, policy, text }))
      .filter(({ kind }) => kind !== 'configured');
  };
  expect(decided(farm({ policies: NEW, shadow: true }))).toEqual(decided(farm()));
});

test('what one of its policies does to another is about those in shadow', () => {
  const tuner = {
    name: 'tuner',
    scope,
    conditions: over(0),
    actions: [{ command: 'setMode', target: 'homeostat', params: { policy: 'jump', mode: 'observe' } }],
  };
  const world = new World(farm({ policies: [...NEW, tuner], shadow: true }));
  world.at(1, seen('shop', 'load', 10, 1));
  world.runTo(3);
  expect(world.state.tunings.size).toBe(0);
  const version = world.derived.blueprint.setup.sets![1]!.version.slice(0, 7);
  expect(world.state.symptoms.get(`tuner@${version}\tshop`)).toMatchObject({ truth: true });
  expect(world.derived.blueprint.policies.get(`tuner@${version}`)!.actions[0]!.params.policy).toEqual({ literal: `jump@${version}` });
});
