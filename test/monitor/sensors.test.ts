import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedClock } from '../../src/clock.ts';
import { loadConfiguration } from '../../src/config.ts';
import type { ProbeDocument } from '../../src/documents/manager.ts';
import { type SensorEvent, Sensors } from '../../src/monitor/sensors.ts';

function sensors(documents: ProbeDocument[], observed: string[]) {
  const clock = new SimulatedClock(1_000_000);
  const events: SensorEvent[] = [];
  const made = new Sensors(documents, {
    clock,
    random: () => 0,
    sink: (event) => events.push(event),
    environment: {},
    directory: '/tmp',
    observes: (_, property) => observed.includes(property),
    processesOf: () => [{ element: 'shop/a', pid: process.pid }],
    known: () => true,
    mqtt: () => {
      throw new Error('this test has no MQTT');
    },
    stateOf: () => undefined,
  });
  made.start();
  return { made, clock, events };
}

const element = (id: string, type: string, properties = {}) => ({ id, document: { type }, properties });
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a probe in a scope measures each element of it, and none that is outside', async () => {
  const { made } = sensors([{ name: 'p', kind: 'process', scope: { type: 'server' }, pid: 1 }], []);
  made.attach(element('shop/a', 'server'));
  made.attach(element('shop/b', 'server'));
  made.attach(element('shop/c', 'balancer'));
  expect(made.status().map((s) => s.element)).toEqual(['shop/a', 'shop/b']);
  await made.detach('shop/a');
  expect(made.status().map((s) => s.element)).toEqual(['shop/b']);
  await made.close();
});

test('a probe whose options name a property waits until the property is known', async () => {
  const { made } = sensors([{ name: 'p', kind: 'http', scope: { type: 'server' }, url: 'http://127.0.0.1:{port}/' }], []);
  made.attach(element('shop/a', 'server'));
  expect([made.status().length, made.waitsFor('shop/a')]).toEqual([0, true]);
  made.attach(element('shop/a', 'server', { port: 9 }));
  made.attach(element('shop/a', 'server', { port: 9 }));
  expect([made.status().length, made.waitsFor('shop/a')]).toEqual([1, false]);
  await made.close();
});

test('what a probe measures beyond what the type declares is left out, and not a dead letter each second', async () => {
  const { made, clock, events } = sensors(
    [{ name: 'p', kind: 'process', scope: { type: 'server' }, every: '1s', pid: process.pid }],
    ['threads'],
  );
  made.attach(element('shop/a', 'server'));
  clock.advanceTo(clock.now() + 1);
  // The probe reads real files: it ends when it ends.
  for (const until = Date.now() + 10_000; Date.now() < until && events.length === 0; ) await settled();
  expect(events.map((e) => e.kind === 'observation' && e.property)).toEqual(['threads']);
  await made.close();
});

test('but a name that a probe is told to read must be observed: misspelt, it is refused with a suggestion', () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-'));
  const file = join(folder, 'homeostat.json');
  writeFileSync(
    file,
    JSON.stringify({
      types: { server: { properties: { pending: {}, p95: { gauge: { kind: 'quantile', of: 'latency', q: 0.95, window: '5s' } } } } },
      elements: { shop: { type: 'server' } },
      probes: [{ name: 'p', kind: 'http', element: 'shop', url: 'http://127.0.0.1:9/', read: { pendin: '/pending', latency: '/latency' } }],
    }),
  );
  expect(loadConfiguration(file).findings).toMatchObject([
    { code: 'H005', pointer: '/probes/0/read/pendin', message: 'type "server" observes no property "pendin"; did you mean "pending"?' },
  ]);
});

test('an interval that was set holds for elements there are and elements to come, until it is taken back', async () => {
  const { made, clock } = sensors([{ name: 'p', kind: 'exec', scope: { type: 'server' }, every: '10s', run: ['true'] }], ['threads']);
  expect(made.retime('q', '1s')).toBe('no probe is named "q"; did you mean "p"?');
  made.attach(element('shop/a', 'server'));
  clock.advanceTo(clock.now() + 1);
  expect(made.retime('p', '1s')).toBeUndefined();
  made.attach(element('shop/b', 'server'));
  // Each slot that finds a measurement still running is counted: nothing settles here, so that tells the rhythm.
  clock.advanceTo(clock.now() + 5_000);
  expect(made.status().map((s) => s.missed)).toEqual([5, 5]);
  made.followIntervals(new Map());
  clock.advanceTo(clock.now() + 9_999);
  expect(made.status().map((s) => s.missed)).toEqual([5, 5]);
  clock.advanceTo(clock.now() + 1);
  expect(made.status().map((s) => s.missed)).toEqual([6, 6]);
  await made.close();
});
