import { explain } from '../../src/analyze/explain.ts';
import type { CommandDocument } from '../../src/documents/manager.ts';
import { farm, over, raise, wants } from '../step/arbitration.ts';
import { START, seen, World } from '../step/world.ts';

/** What is said of a policy on an element as it would be decided now. */
function said(world: World, policy: string, element = 'shop') {
  const [one] = explain(world.state, world.derived, element, policy, START + 60_000, []);
  return one!;
}
const scale = (merge: CommandDocument['merge'], pool?: string): Record<string, CommandDocument> => ({
  scale: { property: 'servers', ...(merge && { merge }), ...(pool && { pool }) },
  other: {},
});
/** Raised and held by the cooldown in the first step, free a minute later: what explain then says is of the step to come. */
const twice = { cooldown: '30s' as const };

test('a proposal that would be merged says with whom, and what would be sent', () => {
  const world = new World(farm(scale('max'), [wants('a', 'scale', { to: 3 }, twice), wants('b', 'scale', { to: 7 }, twice)]));
  const [command] = world.at(1, ...raise(1, ['a', 'b'])).commands;
  world.at(2, { kind: 'outcome', command: command!.id, status: 'failed', detail: '' });
  const { actions, summary } = said(world, 'a');
  expect(actions[0]!.params).toEqual({ to: 7 });
  expect(actions[0]!.gates.at(-1)).toEqual({ name: 'arbitration', is: 'passed', reason: 'merged by max with b on shop' });
  expect(summary).toBe('nothing holds it back: the next step will scale to 7 on shop');
});

test('what cancels out says so', () => {
  const world = new World(farm(scale('sum'), [wants('a', 'scale', { to: 3 }), wants('b', 'scale', { to: 1 })]));
  world.at(1, ...raise(1, ['a', 'b']));
  expect(said(world, 'a').actions[0]!.heldBy).toEqual({
    gate: 'merge',
    reason: 'the sum of what they ask leaves servers at 2',
    winner: 'b',
  });
});

test('a pool says what it grants of what is wanted, and to whom the rest goes', () => {
  const given = farm(scale('utility', 'all'), [wants('a', 'scale', { to: 5 }, { ...twice, utility: 3, scope: { type: 'farm' } })], {
    pools: { all: { total: 6 } },
    elements: { shop: { type: 'farm', properties: { servers: 2 } }, mall: { type: 'farm', properties: { servers: 3 } } },
  });
  const world = new World(given);
  const [first] = world.at(1, ...raise(1, ['a'], 'mall'), ...raise(1, ['a'])).commands;
  // What failed holds nothing: the other has it in the same step.
  const [second] = world.at(2, { kind: 'outcome', command: first!.id, status: 'failed', detail: '' }).commands;
  expect([first!.element, second!.element]).toEqual(['mall', 'shop']);
  world.at(3, { kind: 'outcome', command: second!.id, status: 'failed', detail: '' });
  expect(said(world, 'a', 'mall').actions[0]!.gates.at(-1)!.reason).toBe('pool all grants 1 of 2');
  expect(said(world, 'a').summary).toBe(
    'held back now by pool: pool all: one more unit is worth 3 here; the last unit went to a on mall at 3',
  );
});

test('all or nothing: each action says what held it, or which other', () => {
  const world = new World(
    farm(scale(undefined), [
      wants('a', '', {}, { together: true, actions: [{ command: 'other' }, { command: 'scale', params: { to: { fact: 'latency' } } }] }),
    ]),
  );
  world.at(1, ...raise(1, ['a']));
  expect(said(world, 'a').actions.map((action) => action.heldBy)).toEqual([
    { gate: 'together', reason: 'all or none, and its scale is held back by unknown-value: to is unknown: latency has no value' },
    { gate: 'unknown-value', reason: 'to is unknown: latency has no value' },
  ]);
  world.at(2, seen('shop', 'latency', 4, 2));
  expect(world.kinds('command').map((entry) => entry.data.command)).toEqual(['other', 'scale']);
});

test('what waits for what it depends on names it', () => {
  const given = farm(
    { restart: {} },
    [
      wants('app', 'restart', {}, { scope: { element: 'shop' }, conditions: over('app', 0) }),
      wants('db', 'restart', {}, { scope: { element: 'base' } }),
    ],
    { elements: { shop: { type: 'farm', relations: { dependsOn: ['base'] } }, base: { type: 'farm' } } },
  );
  const world = new World(given);
  const [command] = world.at(1, ...raise(1, ['app']), ...raise(1, ['db'], 'base')).commands;
  expect(said(world, 'app').actions[0]!.heldBy).toEqual({
    gate: 'order',
    reason: `shop depends on base, where ${command!.id} has no outcome yet`,
    winner: command!.id,
  });
  expect(world.heldBy('app', 'shop')).toBe('order db');
});
