/** When things go wrong around the manager: what happens, and that the loop goes on. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ProbeSchedule } from '../../src/monitor/schedule.ts';
import { verify } from '../../src/replay.ts';
import { SHOP } from './given.ts';
import { Rig, type RigOptions } from './rig.ts';

let rig: Rig;
const start = (more: Partial<RigOptions> = {}) => {
  rig = new Rig({ given: SHOP, ...more });
};
afterEach(() => rig.end());

/** The loop goes on: a value that comes is stepped, and acted on. */
async function goesOn(): Promise<void> {
  const before = rig.executed.length;
  await rig.tell(rig.seen('shop', 'load', 1));
  await rig.tell(rig.seen('shop', 'load', 9));
  await rig.run(4_000);
  expect(rig.executed.length).toBeGreaterThan(before);
  expect(rig.manager.health.storeFailure).toBeNull();
}

test('a probe that hangs makes its property stale and is told of once; other probes, and what they ask for, go on', async () => {
  start({ given: { ...SHOP, elements: { shop: { type: 'shop' }, desk: { type: 'desk' } } } });
  const timing = { everyMs: 1_000, timeoutMs: 500, jitter: 0 };
  let answers = 1;
  const hanging = {
    sample: () => (answers-- > 0 ? Promise.resolve({ samples: [{ property: 'load', value: 9 }] }) : new Promise<never>(() => {})),
  };
  const working = { sample: async () => ({ samples: [{ property: 'load', value: 9 }] }) };
  const probes = [
    { name: 'hangs', element: 'desk', probe: { ...hanging, close: async () => {} }, ...timing },
    { name: 'works', element: 'shop', probe: { ...working, close: async () => {} }, ...timing },
  ];
  const schedule = new ProbeSchedule(probes, { clock: rig.clock, random: () => 0, sink: (event) => rig.put(event) });
  schedule.start();
  await rig.run(10_000);
  expect(rig.kinds('probe').map(({ data }) => [data.probe, data.state])).toEqual([['hangs', 'failing']]);
  expect(rig.manager.state.readings.get('desk\tload')).toMatchObject({ why: 'stale' });
  expect(rig.manager.state.symptoms.get('busy-desk\tdesk')).toMatchObject({ truth: null });
  expect(rig.kinds('command').filter((entry) => entry.element === 'desk')).toHaveLength(1);
  expect(rig.kinds('command').filter((entry) => entry.element === 'shop').length).toBeGreaterThanOrEqual(3);
  const closing = schedule.close();
  await rig.run(1_000);
  await closing;
});

test('an actuator that never answers times out at its deadline, and its lease is free for the next command', async () => {
  start({ execute: () => new Promise(() => {}) });
  await rig.tell(rig.seen('shop', 'load', 9));
  expect(rig.manager.state.commands.size).toBe(1);
  await rig.run(2_700);
  expect(rig.kinds('outcome')).toMatchObject([{ data: { status: 'timedOut' } }, { data: { late: true } }]);
  expect(rig.manager.state.commands.size).toBe(0);
  await rig.run(2_000);
  expect(rig.executed).toHaveLength(2);
  expect(rig.executor.counts()).toMatchObject({ leftBehind: 1 });
});

test('a folder that is deleted under a running manager is made again, and nothing that was known is lost', async () => {
  start();
  await rig.tell(rig.seen('shop', 'load', 9));
  const { cooldownUntil } = rig.manager.state.symptoms.get('busy\tshop')!.acted;
  rmSync(join(rig.folder, 'kept'), { recursive: true });
  await rig.tell(rig.seen('shop', 'load', 8));
  expect(rig.manager.health.storeFailure).toBeNull();
  expect(rig.manager.state.symptoms.get('busy\tshop')!.acted.cooldownUntil).toBe(cooldownUntil);
  await goesOn();
  expect(verify(rig.store)).toMatchObject({ differences: 0 });
  expect(rig.store.load().hash).toBe(rig.manager.state.hash);
});

test.each([3_600_000, -3_600_000])('a wall clock that jumps by %i ms is journaled and decides nothing', async (ms) => {
  start();
  await rig.tell(rig.seen('shop', 'load', 9));
  expect(rig.executed).toHaveLength(1);
  rig.clock.jumpWall(ms);
  await rig.tell(rig.seen('shop', 'load', 8));
  expect(rig.kinds('clockJumped')).toMatchObject([{ data: { jumpMs: ms } }]);
  await rig.run(2_900);
  expect(rig.executed).toHaveLength(1);
  await rig.run(100);
  expect(rig.executed).toHaveLength(2);
  expect(rig.kinds('clockJumped')).toHaveLength(1);
  await rig.run(10_000);
  expect(
    rig
      .kinds('command')
      .map(({ time }, i, all) => time - (all[i - 1]?.time ?? time))
      .slice(1),
  ).not.toContain(0);
});

test('ten thousand elements that appear at once are all taken in, those over the limit are dead letters, and the loop goes on', async () => {
  start({ given: { ...SHOP, limits: { elements: 9_000 } } });
  await rig.run(20);
  for (let i = 0; i < 10_000; i++) rig.put({ kind: 'appeared', element: `shop/desk-${i}`, document: { type: 'desk' }, source: 'test' });
  await rig.run(100);
  expect(rig.manager.state.elements.size).toBe(9_000);
  expect(rig.bus.waiting).toEqual({ signals: 0, telemetry: 0 });
  expect(rig.manager.state.counters.get('deadLetters')).toMatchObject({ count: 1_001 });
  expect(rig.kinds('deadLetter')).toHaveLength(100);
  await rig.tell(rig.seen('shop/desk-77', 'load', 9));
  expect(rig.kinds('command')).toMatchObject([{ element: 'shop/desk-77' }]);
  await goesOn();
});

test('an element that vanishes with a command in flight: the outcome is still taken in, and nothing is left of it when its cooldown has run out', async () => {
  let answer: (result: { status: 'succeeded'; detail: string }) => void = () => {};
  start({
    execute: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  });
  await rig.tell({ kind: 'appeared', element: 'desk', document: { type: 'desk' }, source: 'test' });
  await rig.tell(rig.seen('desk', 'load', 9));
  await rig.tell({ kind: 'vanished', element: 'desk', source: 'test' });
  expect(rig.manager.state.commands.size).toBe(1);
  answer({ status: 'succeeded', detail: 'done' });
  await rig.run(20);
  expect(rig.kinds('outcome')).toMatchObject([{ element: 'desk', data: { status: 'succeeded' } }]);
  expect(rig.manager.state.commands.size).toBe(0);
  const left = () => [...rig.manager.state.dump()].map(({ key }) => key).filter((key) => key.includes('desk') && !key.startsWith('setup'));
  // Its cooldown runs on, because it may come again under its id; then nothing is left.
  expect(left()).toEqual(['symptoms\tbusy-desk\tdesk']);
  await rig.run(5_000);
  expect(left()).toEqual([]);
  await goesOn();
});
