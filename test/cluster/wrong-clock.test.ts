/** An agent that was started while the clock of its machine was wrong, which a time service then set right. */
import type { Given } from '../step/world.ts';
import { Cluster, START } from './rig.ts';

const GIVEN: Given = {
  types: {
    lamp: {
      properties: { dark: { stale: 'never' }, load1: {} },
      commands: { light: { actuator: 'hand', idempotent: true, deadline: '5s' } },
    },
  },
  elements: { lamp: { type: 'lamp' } },
  policies: [
    {
      name: 'light',
      scope: { type: 'lamp' },
      conditions: { all: [{ fact: 'dark', operator: 'greaterThan', value: 0 }] },
      actions: [{ command: 'light' }],
    },
  ],
};

test('what it is told to do is not too late by the clock that it began with', async () => {
  const cluster = new Cluster(GIVEN);
  try {
    await cluster.begin();
    await cluster.process('managers', { places: [] });
    await cluster.process('agent', { agentsOnly: true, aheadMs: 60_000 });
    await cluster.pass(2_000);
    await cluster.intake({ element: 'lamp', property: 'dark', value: 1 });
    await cluster.pass(1_000);
    expect(cluster.done).toMatchObject([{ by: 'agent' }]);
  } finally {
    cluster.end();
  }
});

test('what it measures is of the time at which it was measured', async () => {
  const cluster = new Cluster(GIVEN, { probes: [{ name: 'host', kind: 'host', element: 'lamp', every: '1s' }] });
  try {
    await cluster.begin();
    const managers = await cluster.process('managers', { places: [] });
    await cluster.process('agent', { agentsOnly: true, aheadMs: 60_000 });
    const measured = () =>
      managers.steps.flatMap(({ result }) => result.readings.filter(({ property, value }) => property === 'load1' && value !== null));
    // It reads the real /proc, which takes as long as it takes.
    while (measured().length === 0 && cluster.clock.now() < START + 1_200_000) await cluster.pass(1_000);
    expect(measured()[0]).toMatchObject({ element: 'lamp', value: expect.any(Number) });
  } finally {
    cluster.end();
  }
});
