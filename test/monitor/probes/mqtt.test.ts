/** The mqtt probe at a broker in memory; with a real one: test/services/mqtt-devices.test.ts. */
import { SystemClock } from '../../../src/clock.ts';
import { type MqttProbeOptions, mqttKind } from '../../../src/monitor/probes/mqtt.ts';
import type { Sample } from '../../../src/monitor/probes/probe.ts';
import { ProbeSchedule, type ProbeTold } from '../../../src/monitor/schedule.ts';
import { MemoryBroker } from '../../mqtt/memory.ts';
import { afterwards, context } from './support.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function follow(options: MqttProbeOptions, known: (element: string) => boolean = () => true) {
  const broker = new MemoryBroker();
  const told: { samples: Sample[]; rejected: string[]; appeared: string[] } = { samples: [], rejected: [], appeared: [] };
  const probe = mqttKind.create(options, context({ element: 'plant', everyMs: 60_000, known, mqtt: () => broker.connection }));
  afterwards(() => probe.close());
  probe.follow!({
    measured: ({ samples }) => told.samples.push(...samples),
    failed: (reason) => told.rejected.push(`failed: ${reason}`),
    rejected: (reason) => told.rejected.push(reason),
    appeared: (element) => told.appeared.push(element),
  });
  await turn();
  return { broker, told, probe };
}

test('an element appears before its value is told, and once', async () => {
  const { broker, told } = await follow(
    { topic: 'd/+', elementPrefix: 'plant/', property: 'load', appear: { type: 'device' } },
    () => false,
  );
  for (const value of ['1', '2', '3']) broker.say('d/x', value);
  await turn();
  expect(told.appeared).toEqual(['plant/x']);
  expect(told.samples.map(({ element, value }) => [element, value])).toEqual([
    ['plant/x', 1],
    ['plant/x', 2],
    ['plant/x', 3],
  ]);
});

test('a topic that names no element is refused, and is no sign of life of anybody', async () => {
  const { broker, told } = await follow({ topic: 'd/+', property: 'load', online: { heartbeat: '1h' } });
  broker.say('d/not an id', '1');
  await turn();
  expect(told.samples).toEqual([]);
  expect(told.rejected).toEqual([expect.stringContaining('which is no id of an element')]);
  broker.say('d/x', 'rubbish');
  await turn();
  expect(told.samples.map(({ element, property, value }) => [element, property, value])).toEqual([['x', 'online', true]]);
});

test('what is published at once is told at once', async () => {
  const { broker, told } = await follow({ topic: 'd/+', property: 'load' });
  for (let i = 0; i < 1_000; i++) broker.say(`d/x${i % 10}`, String(i));
  await turn();
  expect(told.samples.map(({ value }) => value)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  // No two of one series have one time: they would be one observation.
  expect(new Set(told.samples.map(({ element, time }) => `${element} ${time}`)).size).toBe(1_000);
});

test('of many dead letters in a second ten are told, and the others as a count', async () => {
  const { broker, probe } = await follow({ topic: 'other', property: 'load' });
  const clock = new SystemClock();
  const events: ProbeTold[] = [];
  const inner = mqttKind.create({ topic: 'd/+', property: 'load' }, context({ known: () => true, mqtt: () => broker.connection }));
  const schedule = new ProbeSchedule([{ name: 'lamps', element: 'plant', everyMs: 60_000, timeoutMs: 60_000, jitter: 0, probe: inner }], {
    clock,
    random: () => 0,
    sink: (event) => events.push(event),
  });
  afterwards(() => schedule.close());
  schedule.start();
  await turn();
  for (let i = 0; i < 500; i++) broker.say('d/x', `rubbish ${i}`);
  await turn();
  expect(events.filter(({ kind }) => kind === 'rejected')).toHaveLength(10);
  while (events.filter(({ kind }) => kind === 'rejected').length < 11) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(events.at(-1)).toMatchObject({
    kind: 'rejected',
    source: 'lamps',
    reason: expect.stringContaining('490 more were refused within a second'),
  });
  await probe.close();
});
