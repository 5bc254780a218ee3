/** What of a manager's steps goes into the history, and how often. */
import { HistoryFollower } from '../../src/history/follow.ts';
import type { HistoryFigure, HistoryObservation, HistoryReading, HistorySpan } from '../../src/history/history.ts';
import { Rig } from '../manager/rig.ts';
import type { Given } from '../step/world.ts';

const GIVEN: Given = {
  types: {
    farm: {
      properties: {
        load: { stale: '10s' },
        mean: { stale: 'never', gauge: { kind: 'mean', of: 'latency', window: '30s' } },
        limit: {},
        name: { stale: 'never' },
      },
    },
  },
  elements: { shop: { type: 'farm', properties: { limit: 5 } } },
  policies: [],
};

let rig: Rig;
let follower: HistoryFollower;
let readings: HistoryReading[];
let observations: HistoryObservation[];
let figures: HistoryFigure[];
let spans: HistorySpan[];

function follow(resolutionMs = 1_000, repeatMs = 60_000): void {
  rig = new Rig({ given: GIVEN, onStep: (result, events) => follower.onStep(result, events) });
  [readings, observations, figures, spans] = [[], [], [], []];
  follower = new HistoryFollower({
    clock: rig.clock,
    writer: {
      readings: (more) => readings.push(...more),
      observations: (more) => observations.push(...more),
      figures: (more) => figures.push(...more),
      spans: (_everyMs, more) => spans.push(...more),
      entries: async () => {},
      waiting: { points: 7, bytes: 70, dropped: 1, refused: 2 },
      close: async () => {},
    },
    layout: { resolutionMs, repeatMs, spans: [{ everyMs: 60_000, keepMs: 1, name: 'x' }] },
    manager: 'shop',
    partition: 3,
    state: () => rig.manager.state,
    derived: () => rig.manager.derived,
    health: () => rig.manager.health,
    figures: () => ({ symptoms: 0 }),
  });
}
afterEach(async () => {
  follower.close();
  await rig.kill();
});

const of = (property: string) => readings.filter((reading) => reading.property === property);

test('of many changes in one span the newest is written, with the time of its measurement and the interval of its source', async () => {
  follow();
  await rig.run(2_000);
  readings = [];
  for (let i = 0; i < 9; i++) {
    await rig.tell(rig.seen('shop', 'load', i));
    await rig.run(80);
  }
  await rig.run(1_000);
  const loads = of('load');
  expect(loads.length).toBeLessThanOrEqual(2);
  expect(loads.at(-1)).toMatchObject({ element: 'shop', type: 'farm', value: 8, everyMs: 1_000 });
  expect(loads.at(-1)!.observedAt).toBeLessThanOrEqual(loads.at(-1)!.time);
});

test('with a resolution of nothing every change is written at once', async () => {
  follow(0);
  for (let i = 0; i < 5; i++) await rig.tell(rig.seen('shop', 'load', i));
  expect(of('load').map(({ value }) => value)).toEqual([null, 0, 1, 2, 3, 4].slice(of('load')[0]?.value === null ? 0 : 1));
});

test('a reading that does not change is written again, one that is unknown is not', async () => {
  follow();
  await rig.tell(rig.seen('shop', 'name', 'north'), rig.seen('shop', 'load', 1));
  await rig.run(180_000);
  const names = of('name').filter(({ value }) => value === 'north');
  expect(names.length).toBeGreaterThanOrEqual(3);
  // Each has the time of the one measurement that there was.
  expect(new Set(names.map(({ observedAt }) => observedAt)).size).toBe(1);
  // Stale after ten seconds: written as unknown, once.
  expect(of('load').map(({ value }) => value)).toEqual([1, null]);
});

test('a setting has no measurement behind it, so that no later life takes it for one', async () => {
  follow();
  await rig.run(2_000);
  expect(of('limit')).toMatchObject([{ value: 5 }]);
  expect(of('limit')[0]).not.toHaveProperty('observedAt');
});

test('observations are kept of what a window needs, thinned with a count, and not of what the reading says already', async () => {
  follow();
  for (let i = 0; i < 4; i++) rig.put({ ...rig.seen('shop', 'latency', i), time: rig.clock.now() - 10 + i } as never);
  rig.put({ ...rig.seen('shop', 'latency', 99), time: rig.clock.now() + 60_000 } as never);
  rig.put(rig.seen('shop', 'load', 1));
  await rig.run(2_000);
  expect(observations).toMatchObject([{ property: 'latency', value: 3, coalesced: 3, everyMs: 1_000, type: 'farm' }]);
});

test('its own figures come every ten seconds, and spans with every minute and with the end', async () => {
  follow();
  await rig.tell(rig.seen('shop', 'name', 'x'));
  await rig.run(61_000);
  expect(figures.length).toBe(6);
  expect(figures[0]).toMatchObject({
    manager: 'shop',
    partition: 3,
    fields: { observations: 1, spoolPoints: 7, spoolBytes: 70, dropped: 1, refused: 2, symptoms: 0 },
  });
  const before = spans.length;
  expect(spans.filter(({ property }) => property === 'limit').length).toBeGreaterThan(0);
  follower.close();
  expect(spans.length).toBeGreaterThan(before);
});

test('an element that is gone is in no later span', async () => {
  follow();
  await rig.run(1_000);
  await rig.tell({ kind: 'appeared', element: 'shop/a', document: { type: 'farm', properties: { limit: 1 } }, source: 'test' });
  await rig.run(60_000);
  expect(spans.some(({ element }) => element === 'shop/a')).toBe(true);
  await rig.tell({ kind: 'vanished', element: 'shop/a', source: 'test' });
  await rig.run(120_000);
  spans = [];
  await rig.run(120_000);
  expect(spans.some(({ element }) => element === 'shop/a')).toBe(false);
  expect(spans.some(({ element }) => element === 'shop')).toBe(true);
});
