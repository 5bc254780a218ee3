/** What only a real broker can show: it dies and comes back in the middle of writing, and a member that was frozen wakes when its partitions are another's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SystemClock } from '../../src/clock.ts';
import { openKafka } from '../../src/log/kafka.ts';
import type { Log, Membership, Transactor } from '../../src/log/log.ts';
import { ensureTopics } from '../../src/log/topics.ts';
import { topicSpecs } from '../../src/services/topics.ts';
import { describeWith, type KafkaServer, startKafka } from '../servers/index.ts';

const clock = new SystemClock();
const PATIENCE_MS = 60_000;

/** Lines of a log, by rank. */
const recorder = () => {
  const said: { rank: string; message: string }[] = [];
  const at = (rank: string) => (_details: object, message: string) => void said.push({ rank, message });
  return { said, lines: { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') } };
};

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = clock.now() + PATIENCE_MS; !holds(); await wait(20))
    if (clock.now() > end) throw new Error(`waited in vain until ${what}`);
}

describeWith('kafka', 'faults of a real broker', () => {
  let server: KafkaServer;
  let names = 0;
  const logs: Log[] = [];
  beforeAll(async () => {
    server = await startKafka();
  }, 90_000);
  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close();
  }, 30_000);
  afterAll(() => server?.stop(), 60_000);

  const open = async (lines = recorder().lines): Promise<Log> => {
    const log = await openKafka({ kafka: { brokers: [server.broker] }, secrets: { environment: {}, directory: '.' }, clock, log: lines });
    logs.push(log);
    return log;
  };
  const create = async (log: Log, partitions = 1): Promise<string> => {
    const name = `faults-${++names}`;
    await log.create([{ name, partitions, config: {} }]);
    return name;
  };
  const valuesOf = async (log: Log, topic: string, partition = 0): Promise<string[]> => {
    const values: string[] = [];
    await log.read(topic, partition, 0, (records) => values.push(...records.map(({ value }) => value!)));
    return values;
  };

  test('killed and started again in the middle of writing: nothing is lost, the order stays, a member goes on, and one line says each', async () => {
    const { said, lines } = recorder();
    const log = await open(lines);
    const topic = await create(log);
    const heard: string[] = [];
    const membership: Membership = await log.join(
      { group: 'restart', topics: [topic], spread: 'share', sessionMs: 30_000 },
      {
        assigned: () => setTimeout(() => membership.seek(topic, 0, heard.length), 0),
        records: (_topic, _partition, records) => heard.push(...records.map(({ value }) => value!)),
        lost: () => undefined,
      },
    );
    const writer = await log.writer();
    let written = 0;
    let stop = false;
    const writing = (async () => {
      while (!stop) {
        await writer.write(Array.from({ length: 10 }, (_, i) => ({ topic, partition: 0, key: null, value: String(written + i) })));
        written += 10;
      }
    })();
    await until('some is written', () => written > 200);
    await server.kill();
    const before = written;
    await wait(500);
    await server.restart();
    await until('writing goes on', () => written > before + 200);
    stop = true;
    await writing;
    const expected = Array.from({ length: written }, (_, i) => String(i));
    expect(await valuesOf(log, topic)).toEqual(expected);
    await until('the member has read all', () => heard.length >= written);
    expect(heard).toEqual(expected);
    expect(said.filter(({ rank }) => rank === 'warn' || rank === 'error').map(({ message }) => message)).toEqual([
      'Kafka does not answer: trying again until it does; see that the brokers run and can be reached from here',
    ]);
    expect(said.filter(({ message }) => message.startsWith('Kafka answers again, after'))).toHaveLength(1);
  }, 180_000);

  test('killed and started again in the middle of transactions: each is seen as a whole and once if it was committed, and never if another took its place', async () => {
    const log = await open();
    const topic = await create(log, 2);
    const transactor = await log.transactor('restarted');
    const committed: string[] = [];
    let stop = false;
    let failures = 0;
    const both = (value: string) => [0, 1].map((partition) => ({ topic, partition, key: null, value }));
    const committing = (async () => {
      for (let n = 0; !stop; ) {
        try {
          await transactor.commit(both(String(n)));
          committed.push(String(n));
          n += 1;
        } catch {
          failures += 1;
          await renewed(transactor);
          // What became of it is known now: a look at what was written tells.
          if ((await valuesOf(log, topic)).includes(String(n))) {
            committed.push(String(n));
            n += 1;
          }
        }
      }
    })();
    for (let round = 0; round < 2; round++) {
      const before = committed.length;
      await until('some are committed', () => committed.length > before + 20);
      await server.kill();
      await wait(300);
      await server.restart();
    }
    const before = committed.length;
    await until('it goes on', () => committed.length > before + 20);
    stop = true;
    await committing;
    expect(await valuesOf(log, topic)).toEqual(committed);
    expect(await valuesOf(log, topic, 1)).toEqual(committed);
    expect(failures).toBeLessThan(5);
  }, 240_000);

  test('a member that was frozen until its partitions were another’s cannot commit when it wakes, and knows that it has lost them', async () => {
    const log = await open();
    const topic = await create(log, 2);
    const child = frozen(server.broker, topic);
    try {
      await until('the child has committed', () => child.said('committed'));
      const mine: number[][] = [];
      const lost: string[] = [];
      const membership = await log.join(
        { group: 'frozen', topics: [topic], spread: 'single', sessionMs: 6_000 },
        { assigned: (partitions) => mine.push([...partitions]), records: () => undefined, lost: (reason) => lost.push(reason) },
      );
      await until('we stand by', () => mine.length > 0);
      expect(mine.at(-1)).toEqual([]);
      child.process.kill('SIGSTOP');
      await until('all is ours', () => mine.at(-1)!.length === 2);
      const transactor = await log.transactor('frozen-owner');
      const next = await log.read(topic, 0, 0, () => undefined);
      child.process.kill('SIGCONT');
      await until('it has tried and been refused', () => child.said('fenced'));
      await until('it knows', () => child.said('lost'));
      await transactor.commit([{ topic, partition: 0, key: null, value: 'the new owner' }]);
      const after: string[] = [];
      await log.read(topic, 0, next, (records) => after.push(...records.map(({ value }) => value!)));
      expect(after).toEqual(['the new owner']);
      expect(child.said('alive after waking: true')).toBe(false);
      expect(membership.alive).toBe(true);
      expect(lost).toEqual([]);
    } finally {
      child.process.kill('SIGKILL');
    }
  }, 120_000);

  test('frozen brokers are waited for; what was asked of them is done once', async () => {
    const { said, lines } = recorder();
    const log = await open(lines);
    const topic = await create(log);
    const writer = await log.writer();
    await writer.write([{ topic, partition: 0, key: null, value: 'a' }]);
    server.freeze();
    const writing = writer.write([{ topic, partition: 0, key: null, value: 'b' }]);
    await until('it is said', () => said.some(({ rank }) => rank === 'warn'));
    server.thaw();
    await writing;
    await writer.write([{ topic, partition: 0, key: null, value: 'c' }]);
    expect(await valuesOf(log, topic)).toEqual(['a', 'b', 'c']);
  }, 120_000);

  test('the topics of a cluster are made, found again, and missed by name when a setting was changed', async () => {
    const log = await open();
    const options = { layout: 'cluster.layout', partitions: 3, brokers: [server.broker] };
    expect(await ensureTopics(log, topicSpecs('cluster', 3), options)).toHaveLength(topicSpecs('cluster', 3).length);
    expect(await ensureTopics(log, topicSpecs('cluster', 3), options)).toEqual([]);
    await expect(ensureTopics(log, topicSpecs('cluster', 4), { ...options, partitions: 4 })).rejects.toThrow(/cluster\.layout records 3/);
    const change = (...settings: string[]) =>
      server.tool(
        ...(['kafka.admin.ConfigCommand', '--bootstrap-server', server.broker, '--alter', '--entity-type', 'topics'] as const),
        ...settings,
      );
    change('--entity-name', 'cluster.state', '--add-config', 'cleanup.policy=delete');
    const refused = await ensureTopics(log, topicSpecs('cluster', 3), options).catch((thrown: Error) => thrown.message);
    expect(refused).toMatch(/^topic cluster\.state: cleanup\.policy is delete, and must be compact; run: kafka-configs\.sh /);
    // The remedy is a command that works.
    const [, command] = /run: kafka-configs\.sh (.*)$/m.exec(String(refused))!;
    server.tool('kafka.admin.ConfigCommand', ...command!.split(' '));
    expect(await ensureTopics(log, topicSpecs('cluster', 3), options)).toEqual([]);
  }, 90_000);
});

/** Renews as long as the broker is away. */
async function renewed(transactor: Transactor): Promise<void> {
  for (;;) {
    try {
      return await transactor.renew();
    } catch (thrown) {
      if ((thrown as Error).name === 'Fenced') throw thrown;
      await wait(200);
    }
  }
}

/** The owner of all, in a process of its own that commits every 50 ms. */
function frozen(broker: string, topic: string): { readonly process: ChildProcess; said(line: string): boolean } {
  const program = fileURLToPath(new URL('frozen-member.ts', import.meta.url));
  const loader = fileURLToPath(new URL('../execute/actuators/ts-loader.mjs', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', '--import', loader, program, broker, topic], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface(child.stdout!).on('line', (line) => lines.push(line));
  return { process: child, said: (line) => lines.some((one) => one.startsWith(line)) };
}
