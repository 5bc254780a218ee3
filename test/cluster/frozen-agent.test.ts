/** An agent that is frozen for less than its session, while its group goes on without it because somebody else comes or goes. */
import { succeeded } from '../../src/execute/actuators/results.ts';
import { partitionOf } from '../../src/services/topics.ts';
import type { Given } from '../step/world.ts';
import { Cluster, PARTITIONS, SESSION_MS } from './rig.ts';

const REBALANCE_MS = 3_000;
/** More than an actuator carries out at a time. */
const LAMPS = 40;
const HOUSE = 'house';

const GIVEN: Given = {
  types: {
    house: {},
    lamp: {
      properties: { dark: { stale: 'never' } },
      commands: { light: { actuator: 'hand', idempotent: true, deadline: '60s' } },
    },
  },
  elements: Object.fromEntries([
    [HOUSE, { type: 'house' }],
    ...Array.from({ length: LAMPS }, (_, n) => [`${HOUSE}/l${n}`, { type: 'lamp' }]),
  ]),
  policies: [
    {
      name: 'light',
      scope: { type: 'lamp' },
      conditions: { all: [{ fact: 'dark', operator: 'greaterThan', value: 0 }] },
      actions: [{ command: 'light' }],
    },
  ],
};

test('it begins nothing of what waited with it, and the other carries each out', async () => {
  const cluster = new Cluster(GIVEN, { rebalanceMs: REBALANCE_MS });
  try {
    await cluster.begin();
    const one = await cluster.process('one');
    const two = await cluster.process('two');
    const three = await cluster.process('three');
    await cluster.pass(2_000);
    const works = [one, two, three].filter(({ agent }) => agent.status.working);
    expect(works).toHaveLength(1);
    const zombie = works[0]!;
    const others = [one, two, three].filter((process) => process !== zombie);
    cluster.execute = async () => {
      await new Promise<void>((resolve) => {
        zombie.clock.after(500, resolve);
      });
      return succeeded('lit');
    };
    expect(partitionOf(HOUSE, PARTITIONS)).toBeLessThan(PARTITIONS);
    await cluster.intake(...Array.from({ length: LAMPS }, (_, n) => ({ element: `${HOUSE}/l${n}`, property: 'dark', value: 1 })));
    while (cluster.done.length === 0) await cluster.pass(10);
    const begun = cluster.done.length;
    expect(begun).toBeLessThan(LAMPS);
    zombie.freeze();
    cluster.execute = async () => succeeded('lit');
    await cluster.pass(250);
    // Somebody leaves: all others join again, and who does not in time is left out.
    await cluster.during(others[0]!.stop());
    while (!others[1]!.agent.status.working) await cluster.pass(50);
    const woken = cluster.done.length;
    zombie.thaw();
    await cluster.pass(2 * SESSION_MS);
    expect(cluster.done.slice(woken).filter(({ by }) => by === zombie.name)).toEqual([]);
    expect(new Set(cluster.done.map(({ order }) => order.command.element)).size).toBe(LAMPS);
    expect((await cluster.outcomes()).length).toBe(LAMPS);
  } finally {
    cluster.end();
  }
});
