/** An agent that was started while the clock of its machine was wrong, which a time service then set right. */
import type { Given } from '../step/world.ts';
import { Cluster } from './rig.ts';

const GIVEN: Given = {
  types: {
    lamp: {
      properties: { dark: { stale: 'never' } },
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
