/** Agents at several places: each carries out the commands of its own actuators, and no others. */
import type { ProbeDocument } from '../../src/documents/manager.ts';
import { succeeded } from '../../src/execute/actuators/results.ts';
import { partitionOf } from '../../src/services/topics.ts';
import type { Given } from '../step/world.ts';
import { Cluster, PARTITIONS, type Process, SESSION_MS, START } from './rig.ts';

const RACK = 'rack-3';
const DEADLINE_MS = 30_000;
/** Two domains of one partition, so that commands for both places lie in one log, and one of another. */
const PLANTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
const [FIRST, ...others] = PLANTS as [string, ...string[]];
const BESIDE = others.find((name) => partitionOf(name, PARTITIONS) === partitionOf(FIRST, PARTITIONS))!;
const APART = others.find((name) => partitionOf(name, PARTITIONS) !== partitionOf(FIRST, PARTITIONS))!;

const answer = (fact: string, command: string) => ({
  name: `answer-${fact}`,
  scope: { type: 'plant' },
  conditions: { all: [{ fact, operator: 'greaterThan', value: 0 }] },
  actions: [{ command }],
});

const GIVEN: Given = {
  types: {
    plant: {
      properties: { dry: { stale: 'never' }, hot: { stale: 'never' }, odd: { stale: 'never' } },
      commands: {
        water: { actuator: 'hand', deadline: '30s' },
        cool: { actuator: 'fan', deadline: '30s' },
      },
    },
  },
  elements: Object.fromEntries([FIRST, BESIDE, APART].map((name) => [name, { type: 'plant' }])),
  policies: [
    answer('dry', 'water'),
    answer('hot', 'cool'),
    {
      name: 'look-often',
      scope: { type: 'plant' },
      conditions: { all: [{ fact: 'odd', operator: 'greaterThan', value: 0 }] },
      actions: [{ command: 'setInterval', target: 'homeostat', params: { probe: 'weather', every: '1s' } }],
    },
  ],
};
/** In the first hour it would not measure before the half of it. */
const WEATHER: ProbeDocument = { name: 'weather', kind: 'host', at: RACK, element: FIRST, every: '1h', jitter: 1 };

let cluster: Cluster;
beforeEach(async () => {
  cluster = new Cluster(GIVEN, { actuators: { hand: 'default', fan: RACK }, probes: [WEATHER] });
  await cluster.begin();
});
afterEach(() => cluster.end());

const rack = (name: string) => cluster.process(name, { places: [RACK], agentsOnly: true });
const want = (property: 'dry' | 'hot' | 'odd', ...elements: string[]) =>
  cluster.intake(...elements.map((element) => ({ element, property, value: 1 })));
const done = () => cluster.done.map(({ by, order }) => `${by}: ${order.operation} ${order.command.element}`).sort();

test('each place carries out its own, also of one partition, and its begun and done commands are under its name alone', async () => {
  await cluster.process('one');
  await rack('two');
  await cluster.pass(1_000);
  await want('dry', FIRST, APART);
  await want('hot', FIRST, BESIDE);
  await cluster.pass(2_000);
  expect(done()).toEqual([`one: water ${FIRST}`, `one: water ${APART}`, `two: cool ${FIRST}`, `two: cool ${BESIDE}`].sort());
  expect((await cluster.outcomes()).map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded']);
  const placed = new Map(cluster.done.map(({ by, order }) => [order.command.id, by === 'two' ? RACK : 'default']));
  const attempts = await cluster.attempts();
  expect(attempts).toHaveLength(8);
  for (const { place, command } of attempts) expect(place).toBe(placed.get(command));
});

test('one process works at several places, with an agent for each', async () => {
  const one = await cluster.process('one', { places: ['default', RACK] });
  await cluster.pass(1_000);
  expect(one.agents.map(({ status }) => [status.place, status.working])).toEqual([
    ['default', true],
    [RACK, true],
  ]);
  await want('dry', FIRST);
  await want('hot', FIRST);
  await cluster.pass(1_000);
  expect(done()).toEqual([`one: cool ${FIRST}`, `one: water ${FIRST}`]);
});

test('an agent that is killed is replaced by the one that stands by at its place, which takes up what it had begun there and nothing else', async () => {
  await cluster.process('one');
  const both = [await rack('two'), await rack('three')];
  await cluster.pass(5_000);
  const [works, stands] = both.sort((a) => (a.agent.status.working ? -1 : 1)) as [Process, Process];
  expect([works, stands].map(({ agent }) => agent.status.working)).toEqual([true, false]);
  // Both places have one command under way that does not end.
  cluster.execute = () => new Promise(() => {});
  await want('dry', FIRST);
  await want('hot', FIRST);
  await cluster.pass(1_000);
  expect(done()).toEqual([`one: water ${FIRST}`, `${works.name}: cool ${FIRST}`].sort());
  const begun = cluster.done.find(({ by }) => by === works.name)!.order.command.id;
  cluster.execute = async () => succeeded('done');
  works.kill();
  await cluster.pass(2 * SESSION_MS);
  expect(stands.agent.status.working).toBe(true);
  // The fan cannot be asked: of what it was told nothing is known. The hand goes on, and is nobody else's.
  expect(await cluster.outcomes()).toMatchObject([{ status: 'unknown', command: begun }]);
  await want('hot', BESIDE);
  await cluster.pass(1_000);
  expect(done()).toEqual([`one: water ${FIRST}`, `${works.name}: cool ${FIRST}`, `${stands.name}: cool ${BESIDE}`].sort());
});

test('a command for a place without an agent ends at its deadline, and an agent that comes later does not carry it out', async () => {
  await cluster.process('one');
  await cluster.pass(1_000);
  await want('hot', FIRST);
  await cluster.pass(DEADLINE_MS / 2);
  expect((await cluster.journal()).filter(({ kind }) => kind === 'outcome')).toEqual([]);
  await cluster.pass(DEADLINE_MS);
  const outcomes = async () => (await cluster.journal()).filter(({ kind }) => kind === 'outcome').map(({ data }) => data);
  expect(await outcomes()).toMatchObject([{ command: 'cool', status: 'timedOut', detail: 'no word in 30 s' }]);
  await rack('late');
  await cluster.pass(5_000);
  expect(cluster.done).toEqual([]);
  expect(await outcomes()).toMatchObject([{ status: 'timedOut' }, { status: 'timedOut', late: true }]);
  await want('hot', BESIDE);
  await cluster.pass(1_000);
  expect(done()).toEqual([`late: cool ${BESIDE}`]);
});

test('the emergency stop holds at all places', async () => {
  await cluster.process('one');
  await rack('two');
  await cluster.pass(1_000);
  await cluster.order({ kind: 'stop', detail: 'a test' });
  await cluster.pass(1_000);
  await want('dry', FIRST);
  await want('hot', FIRST);
  await cluster.pass(1_000);
  expect(cluster.done).toEqual([]);
  // The managers know of no pause here, and try again in each step.
  const withheld = (await cluster.journal()).filter(({ kind }) => kind === 'withheld');
  expect(new Set(withheld.map(({ data }) => data.command))).toEqual(new Set(['water', 'cool']));
});

test('commands of other places are passed by, and count as read before long', async () => {
  await cluster.process('one');
  const two = await rack('two');
  await cluster.pass(1_000);
  await want('dry', FIRST, APART);
  await cluster.pass(10_000);
  expect(cluster.done).toHaveLength(2);
  await cluster.during(two.stop());
  const [mine, theirs] = [await cluster.readTo(RACK), await cluster.readTo('default')];
  expect(mine.size).toBe(2);
  expect(mine).toEqual(theirs);
});

test('a probe runs at its place alone, and an interval that a policy sets reaches it there', async () => {
  const one = await cluster.process('one');
  const two = await rack('two');
  await cluster.pass(10_000);
  expect(one.agent.probes()).toEqual([]);
  expect(two.agent.probes()).toMatchObject([{ name: 'weather', element: FIRST, lastAt: null }]);
  await want('odd', FIRST);
  await cluster.pass(10_000);
  expect(await cluster.outcomes()).toMatchObject([{ status: 'succeeded', detail: 'weather measures every 1s' }]);
  // It reads the real /proc, which takes as long as it takes.
  while (two.agent.probes()[0]!.lastAt === null && cluster.clock.now() < START + 1_200_000) await cluster.pass(1_000);
  expect(two.agent.probes()).toMatchObject([{ lastAt: expect.any(Number) }]);
});
