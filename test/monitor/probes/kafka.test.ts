import { SystemClock } from '../../../src/clock.ts';
import type { Log } from '../../../src/log/log.ts';
import { kafkaKind, kafkaProbe, type OpenLog } from '../../../src/monitor/probes/kafka.ts';
import type { Measurement, Probe } from '../../../src/monitor/probes/probe.ts';
import { MemoryBroker } from '../../log/memory.ts';
import { describeWith, type KafkaServer, startKafka } from '../../servers/index.ts';
import { afterwards, context, until } from './support.ts';

type Options = Parameters<typeof kafkaKind.create>[0];
const BASE: Options = { brokers: ['127.0.0.1:9092'], topic: 'sensors', read: { load: '/load', state: '/state/name' } };

const brokerOf = (clock = new SystemClock()) => new MemoryBroker({ clock });

function followed(options: Partial<Options>, open: OpenLog | undefined, changes: Parameters<typeof context>[0] = {}) {
  const whole = { ...BASE, ...options };
  const surroundings = context(changes);
  const probe: Probe = open === undefined ? kafkaKind.create(whole, surroundings) : kafkaProbe(whole, surroundings, open);
  const told: Measurement[] = [];
  const failures: string[] = [];
  const rejected: (readonly [string, string])[] = [];
  afterwards(() => probe.close());
  probe.follow!({
    measured: (measurement) => told.push(measurement),
    failed: (reason) => failures.push(reason),
    rejected: (reason, excerpt) => rejected.push([reason, excerpt]),
    appeared: () => {},
  });
  const samples = () => told.flatMap((measurement) => measurement.samples);
  return {
    probe,
    samples,
    told,
    failures,
    rejected,
    values: () => samples().map(({ element, property, value }) => [element, property, value]),
  };
}

async function sent(log: Log, ...records: (readonly [key: string | null, value: unknown, partition?: number])[]): Promise<void> {
  const writer = await log.writer();
  await writer.write(
    records.map(([key, value, partition = 0]) => ({
      topic: 'sensors',
      partition,
      key,
      value: value === null || typeof value === 'string' ? value : JSON.stringify(value),
    })),
  );
  await writer.close();
}

const create = (log: Log, partitions = 2) => log.create([{ name: 'sensors', partitions, config: {} }]);

test('documents, and lists of them, become values of the elements that they name; what cannot be read is rejected and the rest goes on', async () => {
  const broker = brokerOf();
  const log = broker.open();
  await create(log);
  await sent(
    log,
    ['a', { host: 'x', load: 1, at: 5 }],
    ['b', 'rubbish'],
    ['c', null],
    [
      'd',
      [
        { host: 'x', load: 2, at: 6, state: { name: 'busy' } },
        { load: 3, at: 7 },
      ],
    ],
    ['e', { host: 'y z', load: {}, at: 8 }, 1],
  );
  const { samples, rejected } = followed({ from: 'start', elementFrom: 'web/{/host}', timeFrom: '/at', timeFormat: 's' }, async () =>
    broker.open('probe'),
  );
  await until(() => samples().length >= 3 && rejected.length >= 3);
  expect(samples()).toEqual([
    { element: 'web/x', property: 'load', value: 1, time: 5_000 },
    { element: 'web/x', property: 'load', value: 2, time: 6_000 },
    { element: 'web/x', property: 'state', value: 'busy', time: 6_000 },
  ]);
  expect([...rejected].sort()).toEqual([
    [expect.stringMatching(/^sensors\/0@\d+: it is not JSON$/), 'rubbish'],
    [expect.stringMatching(/^sensors\/0@\d+: item 1: no element: nothing at \/host$/), expect.stringContaining('"load":3')],
    [expect.stringMatching(/^sensors\/1@\d+: load is not a single value$/), '{"host":"y z","load":{},"at":8}'],
  ]);
  await log.close();
});

test('the element may be a pointer or the key, and names and values may stand in the document', async () => {
  const broker = brokerOf();
  const log = broker.open();
  await create(log, 1);
  await sent(log, ['web/k', { id: 'web/a', what: 'load', is: 4 }]);
  const { read: _, ...long } = { ...BASE, from: 'start' as const, propertyFrom: '/what', valueFrom: '/is' };
  for (const [elementFrom, element] of [
    ['/id', 'web/a'],
    ['x/{key}', 'x/web_k'],
  ] as const) {
    const told: Measurement[] = [];
    const probe = kafkaProbe({ ...long, elementFrom, group: elementFrom }, context(), async () => broker.open('probe'));
    afterwards(() => probe.close());
    probe.follow!({ measured: (one) => told.push(one), failed: () => {}, rejected: () => {}, appeared: () => {} });
    await until(() => told.some(({ samples }) => samples.length > 0));
    expect(told.flatMap(({ samples }) => samples)).toEqual([{ element, property: 'load', value: 4, time: expect.any(Number) }]);
  }
  await log.close();
});

test('a group goes on where it was, and one that is new begins at the end, or at the start if so told', async () => {
  const broker = brokerOf();
  const log = broker.open();
  await create(log, 1);
  await sent(log, ['a', { load: 1 }]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const open: OpenLog = async () => broker.open('probe');
  const first = followed({ group: 'g' }, open);
  const all = followed({ group: 'all', from: 'start' }, open);
  await until(() => all.samples().length === 1);
  // The first group is at the end once it takes what comes now and nothing from before.
  while (first.samples().length === 0) {
    await sent(log, ['b', { load: 2 }]);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(first.samples().every(({ value }) => value === 2)).toBe(true);
  await first.probe.close();
  await sent(log, ['c', { load: 3 }]);
  const again = followed({ group: 'g' }, open);
  await until(() => again.samples().some(({ value }) => value === 3));
  expect(again.samples().every(({ value }) => value !== 1)).toBe(true);
  expect(again.samples().at(-1)?.value).toBe(3);
  await log.close();
});

test('records of one millisecond are apart by their offsets', async () => {
  const broker = brokerOf();
  const log = broker.open();
  await create(log, 1);
  await sent(log, ['a', { load: 1 }], ['a', { load: 1 }], ['a', { load: 1 }]);
  const { samples } = followed({ from: 'start' }, async () => broker.open('probe'));
  await until(() => samples().length === 3);
  expect(new Set(samples().map(({ time }) => time)).size).toBe(3);
  await log.close();
});

test('brokers that are away, or a topic that is not there, fail the probe; it tries until they are there', async () => {
  const broker = brokerOf();
  let tries = 0;
  const { failures, samples, told } = followed({ from: 'start' }, async () => {
    if (tries++ === 0) throw new Error('Kafka cannot be reached at 127.0.0.1:9092');
    return broker.open('probe');
  });
  await until(() => failures.length >= 2);
  expect(failures[0]).toBe('topic sensors: Kafka cannot be reached at 127.0.0.1:9092');
  expect(failures[1]).toMatch(/^topic sensors: /);
  const log = broker.open();
  await create(log, 1);
  await sent(log, ['a', { load: 1 }]);
  await until(() => samples().length === 1);
  expect(told[0]).toEqual({ samples: [] });
  await log.close();
});

test.each([
  [{ read: undefined }, /give either "read", or "propertyFrom" and "valueFrom"/],
  [{ propertyFrom: '/a', valueFrom: '/b' }, /give either "read"/],
  [{ read: undefined, propertyFrom: '/a' }, /need each other/],
  [{ timeFormat: 's' as const }, /"timeFormat" needs "timeFrom"/],
  [{ elementFrom: 'web' }, /"elementFrom" is "web": give a JSON pointer, or a template/],
  [{ elementFrom: 'web/{host}' }, /\{host\} in "elementFrom" is no JSON pointer; did you mean \{\/host\}\?/],
])('wrong options are refused: %j', (changes, message) => {
  const { read, ...rest } = { ...BASE, ...changes };
  expect(() => kafkaKind.create(read === undefined ? rest : { ...rest, read }, context())).toThrow(message);
});

describeWith('kafka', 'the kafka probe and a real broker', () => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await startKafka();
  }, 120_000);
  afterAll(() => server?.stop());

  test('reads a topic that others write to, goes on where its group was, and lives through a broker that is not there', async () => {
    const { openKafka } = await import('../../../src/log/kafka.ts');
    const lines = { debug() {}, info() {}, warn() {}, error() {} };
    const log = await openKafka({
      kafka: { brokers: [server.broker] },
      secrets: { environment: {}, directory: '/' },
      clock: new SystemClock(),
      log: lines,
    });
    await create(log, 2);
    await sent(log, ['a', { host: 'a', load: 1 }], ['b', { host: 'b', load: 2 }, 1], ['c', 'rubbish']);
    const brokers = [server.broker];
    const first = followed({ brokers, from: 'start', elementFrom: 'web/{/host}' }, undefined);
    await until(() => first.samples().length >= 2 && first.rejected.length >= 1);
    expect([...first.values()].sort()).toEqual([
      ['web/a', 'load', 1],
      ['web/b', 'load', 2],
    ]);
    await first.probe.close();
    await sent(log, ['a', { host: 'a', load: 3 }]);
    const second = followed({ brokers, from: 'start', elementFrom: 'web/{/host}' }, undefined);
    await until(() => second.samples().length >= 1);
    expect(second.values()).toEqual([['web/a', 'load', 3]]);
    await log.close();
    const nobody = followed({ brokers: ['127.0.0.1:1'] }, undefined);
    await until(() => nobody.failures.length > 0);
    expect(nobody.failures[0]).toMatch(/^topic sensors: Kafka cannot be reached at 127\.0\.0\.1:1/);
  }, 120_000);
});
