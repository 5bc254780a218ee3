/** The kafka actuator on the log in memory, and once on a real broker with the consumer of kafkajs. */

import { type EachMessagePayload, Kafka } from 'kafkajs';
import { HomeostatError } from '../../../src/errors.ts';
import type { ActuatorContext } from '../../../src/execute/actuators/actuator.ts';
import { kafkaActuator, kafkaKind } from '../../../src/execute/actuators/kafka.ts';
import type { KafkaActuatorOptions } from '../../../src/execute/actuators/kafka-options.ts';
import { murmur2, partitionOfKey } from '../../../src/execute/actuators/kafka-partition.ts';
import { decodeBatches, encodeBatch } from '../../../src/log/kafka/batches.ts';
import { openKafka } from '../../../src/log/kafka.ts';
import type { Log, ReadRecord } from '../../../src/log/log.ts';
import { MemoryBroker } from '../../log/memory.ts';
import { describeWith, type KafkaServer, startKafka } from '../../servers/index.ts';
import { makeRig, never, order, type Rig, until } from './rig.ts';

let rig: Rig;
let broker: MemoryBroker;
let log: Log;
const actuators: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  rig = makeRig();
  rig.put('shop/lamp', 'lamp', { room: 'hall' });
  broker = new MemoryBroker({ clock: rig.context.clock });
  log = broker.open();
  await log.create([
    { name: 'orders', partitions: 4, config: {} },
    { name: 'answers', partitions: 2, config: {} },
  ]);
});
afterEach(async () => {
  for (const actuator of actuators.splice(0)) await actuator.close();
  await log.close();
  await rig.end();
});

const BASE = { brokers: ['127.0.0.1:1'], topic: 'orders' };
const ANSWER: KafkaActuatorOptions['answer'] = { topic: 'answers', statusFrom: '/status', detailFrom: '/why' };
function make(options: Partial<KafkaActuatorOptions> = {}, open: (context: ActuatorContext) => Promise<Log> = async () => broker.open()) {
  const actuator = kafkaActuator({ ...BASE, ...options }, rig.context, (_, context) => open(context));
  actuators.push(actuator);
  return actuator;
}
async function written(topic = 'orders', partitions = 4): Promise<(ReadRecord & { partition: number })[]> {
  const all: (ReadRecord & { partition: number })[] = [];
  for (let partition = 0; partition < partitions; partition++)
    await log.read(topic, partition, 0, (records) => all.push(...records.map((record) => ({ ...record, partition }))));
  return all;
}
async function reply(answer: object): Promise<void> {
  const writer = await log.writer();
  await writer.write([{ topic: 'answers', partition: 1, key: null, value: JSON.stringify(answer) }]);
  await writer.close();
}

test('an order is a message with its key, in the partition of that key, and has succeeded when the replicas have it', async () => {
  const given = order('dim', 'shop/lamp', { to: 40 });
  const { id, issuedAt, deadlineAt, term } = given.command;
  const partition = partitionOfKey('shop/lamp', 4);
  expect(await make().execute(given, never)).toEqual({
    status: 'succeeded',
    detail: `written to orders/${partition}, acknowledged by all replicas in sync`,
  });
  const [record] = await written();
  expect([record!.key, record!.partition]).toEqual(['shop/lamp', partition]);
  expect(JSON.parse(record!.value!)).toEqual({ id, element: 'shop/lamp', command: 'dim', params: { to: 40 }, term, issuedAt, deadlineAt });
});

test('topic, key and value are templates', async () => {
  await make({ topic: '{where}', key: '{room}', value: { level: '{to}', of: '{name}' } }).execute(
    order('dim', 'shop/lamp', { to: 40, where: 'orders' }),
    never,
  );
  await make({ value: 'to {to}' }).execute(order('dim', 'shop/lamp', { to: 41 }), never);
  expect((await written()).map(({ key, value }) => [key, value]).sort()).toEqual([
    ['hall', '{"level":40,"of":"lamp"}'],
    ['shop/lamp', 'to 41'],
  ]);
});

test('an answer says what came of it', async () => {
  const actuator = make({ answer: ANSWER });
  for (const [status, outcome, detail] of [
    ['done', 'succeeded', 'done'],
    ['broken', 'failed', 'broken: no bulb'],
  ] as const) {
    const given = order('dim', 'shop/lamp', { to: 40 });
    const before = (await written()).length;
    const running = actuator.execute(given, never);
    await until(async () => (await written()).length > before);
    await reply({ id: 'another', status });
    await reply({ id: given.command.id, status, ...(status === 'broken' && { why: 'no bulb' }) });
    expect(await running).toEqual({ status: outcome, detail });
    expect(await make({ answer: ANSWER }).inquire?.(given, never)).toEqual({ status: outcome, detail: `done before: ${detail}` });
  }
});

test('an answer that came while the manager was away is found by its next life', async () => {
  const given = order('dim', 'shop/lamp');
  const abort = new AbortController();
  const first = make({ answer: ANSWER });
  const running = first.execute(given, abort.signal);
  await until(async () => (await written()).length > 0);
  abort.abort(new Error('the end'));
  expect(await running).toEqual({ status: 'timedOut', detail: 'sent, and not answered: the end' });
  await first.close();
  await reply({ id: given.command.id, status: 'ok' });
  expect(await make({ answer: ANSWER }).inquire?.(given, never)).toEqual({ status: 'succeeded', detail: 'ok' });
});

test('without an answer nobody knows whether a message that was begun is there; one that was not begun may be sent', async () => {
  const given = order('dim', 'shop/lamp');
  expect(await make().inquire?.(given, never)).toBeUndefined();
  const abort = new AbortController();
  const write = () => {
    abort.abort(new Error('the end'));
    return new Promise<void>(() => {});
  };
  const stuck = async (): Promise<Log> => ({
    ...log,
    topics: log.topics.bind(log),
    writer: async () => ({ write, close: async () => {} }),
    close: async () => {},
  });
  expect(await make({}, stuck).execute(given, abort.signal)).toMatchObject({ status: 'timedOut' });
  await expect(make().inquire?.(given, never)).rejects.toThrow('whether the brokers have it is not known');
});

test('a topic that is not there, and a cluster that is away, have done nothing', async () => {
  expect(await make({ topic: 'none' }).execute(order('dim', 'shop/lamp'), never)).toEqual({
    status: 'failed',
    detail: 'there is no topic none: create it',
  });
  const away = async () => {
    throw new HomeostatError('H310', 'Kafka cannot be reached');
  };
  expect(await make({}, away).execute(order('dim', 'shop/lamp'), never)).toMatchObject({
    status: 'failed',
    retryable: true,
    detail: 'Kafka cannot be reached',
  });
});

test('keys belong to the partitions where Kafka’s Java client puts them', () => {
  // From the tests of Kafka's own client.
  expect(
    [
      '21',
      'foobar',
      'a-little-bit-long-string',
      'a-little-bit-longer-string',
      'lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8',
      'abc',
    ].map((key) => murmur2(Buffer.from(key))),
  ).toEqual([-973932308, -790332482, -985981536, -1486304829, -58897971, 479470107]);
});

test('headers are written beside what our readers read', () => {
  const batch = encodeBatch(
    [
      { key: 'k', value: 'v', headers: { one: '1', two: 'zwei' } },
      { key: null, value: 'w' },
    ],
    { id: -1n, epoch: -1 },
    0,
    false,
    5,
  );
  expect(decodeBatches(batch, 0, []).records).toMatchObject([
    { key: 'k', value: 'v' },
    { key: null, value: 'w' },
  ]);
});

describeWith('kafka', 'the kafka actuator on a broker', () => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await startKafka();
  }, 90_000);
  afterAll(() => server?.stop(), 60_000);

  test('another’s consumer reads key, value and headers, and answers are heard', async () => {
    const real = await openKafka({
      kafka: { brokers: [server.broker] },
      secrets: { environment: {}, directory: '.' },
      clock: rig.context.clock,
      log: rig.context.log,
    });
    await real.create([
      { name: 'real-orders', partitions: 3, config: {} },
      { name: 'real-answers', partitions: 2, config: {} },
    ]);
    await real.close();
    const options: KafkaActuatorOptions = {
      brokers: [server.broker],
      topic: 'real-orders',
      value: { level: '{to}' },
      headers: { room: '{room}' },
    };
    const given = order('dim', 'shop/lamp', { to: 40 });
    const plain = kafkaKind.create(options, rig.context);
    expect(await plain.execute(given, never)).toMatchObject({ status: 'succeeded' });
    await plain.close();
    const consumer = new Kafka({ brokers: [server.broker], logLevel: 0 }).consumer({ groupId: 'outside' });
    await consumer.connect();
    await consumer.subscribe({ topic: 'real-orders', fromBeginning: true });
    const read = await new Promise<EachMessagePayload>(
      (resolve) => void consumer.run({ eachMessage: async (payload) => resolve(payload) }),
    );
    await consumer.disconnect();
    expect([read.partition, read.message.key?.toString(), read.message.value?.toString()]).toEqual([
      partitionOfKey('shop/lamp', 3),
      'shop/lamp',
      '{"level":40}',
    ]);
    expect(Object.entries(read.message.headers!).map(([name, text]) => `${name}=${text}`)).toEqual([
      'room=hall',
      `homeostat-command=${given.command.id}`,
      'homeostat-term=7',
    ]);
    const asking = kafkaKind.create({ ...options, answer: { topic: 'real-answers' } }, rig.context);
    const asked = order('dim', 'shop/lamp', { to: 41 });
    const running = asking.execute(asked, never);
    const replying = kafkaKind.create({ brokers: [server.broker], topic: 'real-answers', value: { id: asked.command.id } }, rig.context);
    await replying.execute(order('reply', 'shop/lamp'), never);
    expect(await running).toEqual({ status: 'succeeded', detail: 'answered' });
    await Promise.all([asking.close(), replying.close()]);
  }, 90_000);
});
