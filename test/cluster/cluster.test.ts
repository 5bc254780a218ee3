import { partitionOf } from '../../src/services/topics.ts';
import type { Given } from '../step/world.ts';
import { Cluster, PARTITIONS } from './rig.ts';

/** Four shops, one in each partition. */
const SHOPS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'].filter(
  (name, i, all) => all.findIndex((other) => partitionOf(other, PARTITIONS) === partitionOf(name, PARTITIONS)) === i,
);

const GIVEN: Given = {
  types: {
    shop: {
      properties: { load: { stale: 'never' }, servers: { stale: 'never', initial: 1 } },
      commands: { scale: { actuator: 'hand', property: 'servers', idempotent: true, deadline: '30s' } },
    },
  },
  elements: Object.fromEntries(SHOPS.map((name) => [name, { type: 'shop' }])),
  policies: [
    {
      name: 'grow',
      scope: { type: 'shop' },
      conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 10 }] },
      cooldown: '10s',
      actions: [{ command: 'scale', params: { by: 1 } }],
    },
  ],
};

let cluster: Cluster;
beforeEach(async () => {
  cluster = new Cluster(GIVEN);
  await cluster.begin();
});
afterEach(() => cluster.end());

test('there is a shop in each partition', () => expect(SHOPS).toHaveLength(PARTITIONS));

test('what outsiders write becomes a command, which is carried out once, and its outcome is told', async () => {
  await cluster.process('one');
  await cluster.pass(1_000);
  await cluster.intake({ element: SHOPS[0]!, property: 'load', value: 20 });
  await cluster.pass(1_000);
  expect(cluster.done.map(({ order }) => [order.command.element, order.operation, order.command.params])).toEqual([
    [SHOPS[0], 'scale', { to: 2 }],
  ]);
  expect(await cluster.outcomes()).toMatchObject([{ command: cluster.done[0]!.order.command.id, status: 'succeeded' }]);
  expect((await cluster.journal()).map(({ kind }) => kind)).toContain('outcome');
});

test('two processes share the partitions; when one is killed the other goes on where it was', async () => {
  const one = await cluster.process('one');
  const two = await cluster.process('two');
  await cluster.pass(5_000);
  const shares = [one, two].map(({ managers }) => [...managers.open.keys()].sort());
  expect(shares.map((share) => share.length)).toEqual([2, 2]);
  expect(shares.flat().sort()).toEqual([0, 1, 2, 3]);
  for (const element of SHOPS) await cluster.intake({ element, property: 'load', value: 20 });
  await cluster.pass(2_000);
  expect(cluster.done).toHaveLength(4);
  one.kill();
  await cluster.pass(2 * 6_000);
  expect([...two.managers.open.keys()].sort()).toEqual([0, 1, 2, 3]);
  // Their cooldowns have gone on: each acts once more, and not twice.
  await cluster.pass(2_000);
  expect(cluster.done.map(({ order }) => order.command.element).sort()).toEqual([...SHOPS, ...SHOPS].sort());
  expect(new Set(cluster.done.map(({ order }) => order.command.id)).size).toBe(8);
});

test('a frozen manager that wakes after its partitions have moved cannot act', async () => {
  const one = await cluster.process('one');
  await cluster.pass(1_000);
  const two = await cluster.process('two');
  await cluster.pass(5_000);
  for (const element of SHOPS) await cluster.intake({ element, property: 'load', value: 5 });
  await cluster.pass(1_000);
  one.freeze();
  await cluster.pass(15_000);
  expect([...two.managers.open.keys()].sort()).toEqual([0, 1, 2, 3]);
  for (const element of SHOPS) await cluster.intake({ element, property: 'load', value: 20 });
  await cluster.pass(1_000);
  expect(cluster.done).toHaveLength(4);
  one.thaw();
  await cluster.pass(1_000);
  // It may have found its way back into the group by now, and have started anew. No step was made twice.
  const steps = (await cluster.steps()).map(({ partition, value }) => `${partition} ${value.step}`);
  expect(new Set(steps).size).toBe(steps.length);
  expect(cluster.done.every(({ by }) => by === 'two')).toBe(true);
  expect(new Set(cluster.done.map(({ order }) => order.command.id)).size).toBe(cluster.done.length);
});

test('a process that stops cleanly hands over at once', async () => {
  const one = await cluster.process('one');
  const two = await cluster.process('two');
  await cluster.pass(3_000);
  await cluster.during(one.stop());
  await cluster.pass(2_000);
  expect([...two.managers.open.keys()].sort()).toEqual([0, 1, 2, 3]);
  await cluster.intake({ element: SHOPS[1]!, property: 'load', value: 20 });
  await cluster.pass(1_000);
  expect(cluster.done).toMatchObject([{ by: 'two' }]);
});

test('a broker that is away delays, and loses nothing', async () => {
  await cluster.process('one');
  await cluster.pass(1_000);
  await cluster.intake({ element: SHOPS[0]!, property: 'load', value: 20 });
  await cluster.pass(20);
  cluster.broker.stop();
  await cluster.pass(3_000);
  cluster.broker.start();
  await cluster.pass(6_000);
  expect(cluster.done.map(({ order }) => order.command.element)).toEqual([SHOPS[0]]);
  expect(await cluster.outcomes()).toHaveLength(1);
});

test('what cannot be read is a dead letter, and stops nothing', async () => {
  await cluster.process('one');
  await cluster.intake({ element: 'no id', property: 'load', value: 20 });
  await cluster.intake({ element: SHOPS[2]!, property: 'load', value: 20 });
  await cluster.pass(1_000);
  expect(cluster.done).toHaveLength(1);
});
