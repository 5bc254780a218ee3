/** What outsiders write with their own clients is read, whatever they compress it with. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { SystemClock } from '../../src/clock.ts';
import { canDecompress } from '../../src/log/kafka/compression.ts';
import { openKafka } from '../../src/log/kafka.ts';
import type { Log, Membership } from '../../src/log/log.ts';
import { describeWith, type KafkaServer, startKafka } from '../servers/index.ts';

describeWith('kafka', 'outsiders', () => {
  let server: KafkaServer;
  let log: Log;
  const errors: string[] = [];
  beforeAll(async () => {
    server = await startKafka();
    log = await openKafka({
      kafka: { brokers: [server.broker] },
      secrets: { environment: {}, directory: '.' },
      clock: new SystemClock(),
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (_details, message) => errors.push(message) },
    });
  }, 90_000);
  afterAll(async () => {
    await log?.close();
    await server?.stop();
  }, 60_000);

  /** Kafka's console producer, as docs/kafka.md tells people to use it. */
  const produce = async (topic: string, compression: string, lines: readonly string[]): Promise<void> => {
    const { command, args } = server.toolCommand('kafka.tools.ConsoleProducer');
    const options = ['--bootstrap-server', server.broker, '--topic', topic, '--compression-codec', compression, '--batch-size', '200000'];
    const child = spawn(command, [...args, ...options], { stdio: ['pipe', 'ignore', 'inherit'] });
    child.stdin.end(lines.map((line) => `${line}\n`).join(''));
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  };
  const lines = Array.from({ length: 3_000 }, (_, i) =>
    JSON.stringify({ element: `shop/server-${i % 7}`, property: 'load', value: i, note: 'ä' }),
  );

  test.each(['none', 'gzip', 'snappy', 'lz4'])(
    'batches compressed with %s are read',
    async (compression) => {
      const topic = `outside-${compression}`;
      await log.create([{ name: topic, partitions: 1, config: {} }]);
      await produce(topic, compression, lines);
      const values: (string | null)[] = [];
      await log.read(topic, 0, 0, (records) => values.push(...records.map(({ value }) => value)));
      expect(values).toEqual(lines);
    },
    60_000,
  );

  test('a batch that cannot be read is told and passed over, and does not hold up what follows', async () => {
    const topic = 'outside-zstd';
    await log.create([{ name: topic, partitions: 1, config: {} }]);
    await produce(topic, 'zstd', lines.slice(0, 10));
    await (await log.writer()).write([{ topic, partition: 0, key: null, value: 'after' }]);
    const heard: (string | null)[] = [];
    const membership: Membership = await log.join(
      { group: 'outside', topics: [topic], spread: 'share', sessionMs: 6_000 },
      {
        assigned: () => setTimeout(() => membership.seek(topic, 0, 0), 0),
        records: (_topic, _partition, records) => heard.push(...records.map(({ value }) => value)),
        lost: () => undefined,
      },
    );
    while (heard.at(-1) !== 'after') await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard).toEqual(canDecompress('zstd') ? [...lines.slice(0, 10), 'after'] : ['after']);
    expect(errors.some((message) => message.includes('zstd'))).toBe(!canDecompress('zstd'));
  }, 60_000);
});
