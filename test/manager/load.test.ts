/** More than can be taken in: what is dropped is counted, and what must not be dropped is not. */
import { SHOP } from './given.ts';
import { Rig } from './rig.ts';

let rig: Rig;
afterEach(() => rig.end());

test('telemetry over the limit of the queue is coalesced per series, counted and journaled, and the newest value is kept', async () => {
  rig = new Rig({ given: { ...SHOP, limits: { queue: 100, batch: 50 } } });
  await rig.run(20);
  for (let i = 0; i < 250; i++)
    rig.put({ kind: 'observation', element: 'shop', property: 'load', value: i, time: rig.clock.now() - 250 + i, source: 'probe' });
  expect(rig.bus.waiting.telemetry).toBe(100);
  await rig.run(100);
  expect(rig.manager.state.counters.get('observations.dropped')).toMatchObject({ count: 150 });
  expect(rig.kinds('dropped')).toMatchObject([{ data: { observations: 150 } }]);
  expect(rig.manager.state.readings.get('shop\tload')).toMatchObject({ value: 249 });
});

test('a signal that comes after a flood of telemetry is in the very next step', async () => {
  rig = new Rig({ given: { ...SHOP, limits: { queue: 1_000, batch: 10 } } });
  await rig.run(20);
  for (let i = 0; i < 5_000; i++)
    rig.put({ kind: 'observation', element: 'shop', property: 'load', value: 1, time: rig.clock.now() - 5_000 + i, source: 'probe' });
  rig.put({ kind: 'pause', name: 'stop', scope: {}, reason: 'an emergency', author: 'me', until: null });
  const before = rig.steps.length;
  await rig.run(10_000);
  expect(rig.steps[before]!.journal.map(({ kind }) => kind)).toContain('pause');
  expect(rig.steps.length - before).toBeGreaterThanOrEqual(100);
});
