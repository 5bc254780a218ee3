/** Kafka's own console producer, as docs/intake.md says: the policies see what it writes to the intake, and what nobody can read is in the dead letters. */
import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import pino from 'pino';
import { SystemClock } from '../../src/clock.ts';
import { openKafka } from '../../src/log/kafka.ts';
import { folderWith, homeostat, start, tidyUp } from '../cli/homeostat.ts';
import { describeWith, type KafkaServer, startKafka } from '../servers/index.ts';

const documentOf = (broker: string) => ({
  domain: 'plant',
  types: { boiler: { properties: { heat: { stale: 'never' } }, commands: { cool: { actuator: 'log' } } } },
  actuators: { log: { kind: 'log' } },
  elements: { 'plant/boiler': { type: 'boiler' } },
  policies: ['rules.json'],
  services: { name: 'plant', partitions: 2, session: '6s', kafka: { brokers: [broker] } },
});
const HOT = {
  name: 'hot',
  scope: { type: 'boiler' },
  conditions: { all: [{ fact: 'heat', operator: 'greaterThan', value: 70 }] },
  actions: [{ command: 'cool' }],
};
const MANAGER = ['-m', '.homeostat/managers/1'];

describeWith('kafka', 'the console producer of Kafka', () => {
  let kafka: KafkaServer;
  beforeAll(async () => {
    kafka = await startKafka();
  }, 120_000);
  afterEach(tidyUp);
  afterAll(() => kafka.stop());

  /** Writes lines to a topic. */
  function produce(topic: string, lines: readonly string[]): Promise<void> {
    const { command, args } = kafka.toolCommand('kafka.tools.ConsoleProducer');
    return new Promise((resolve, reject) => {
      const child = execFile(command, [...args, '--bootstrap-server', kafka.broker, '--topic', topic], (failed) =>
        failed === null ? resolve() : reject(failed),
      );
      child.stdin?.end(`${lines.join('\n')}\n`);
    });
  }

  async function lettersIn(topic: string): Promise<unknown[]> {
    const secrets = { environment: {}, directory: '.' };
    const log = await openKafka({
      kafka: { brokers: [kafka.broker] },
      secrets,
      clock: new SystemClock(),
      log: pino({ level: 'silent' }),
    });
    const letters: unknown[] = [];
    await log.read(topic, 0, 0, (records) => {
      for (const { value } of records) letters.push(JSON.parse(value ?? 'null'));
    });
    await log.close();
    return letters;
  }

  test('what it writes is read and explained, and what cannot be read is kept', async () => {
    const folder = folderWith({ 'homeostat.json': documentOf(kafka.broker), 'rules.json': { policies: [HOT] } });
    await start(['run', '--json'], folder).said('"url"');
    const lines = [
      '{"element":"plant/boiler","property":"heat","value":77.5,"source":"plc-7"}',
      'this is no JSON',
      '{"element":"plant/boiler","property":"heat","value":[1]}',
    ];
    await produce('plant.intake', lines);

    const explained = async () => (await homeostat(['explain', 'plant/boiler', ...MANAGER], folder)).stdout;
    while (!(await explained()).includes('77.5')) await wait(100);
    expect(JSON.parse((await homeostat(['status', ...MANAGER, '--json'], folder)).stdout)).toMatchObject({
      elements: [{ id: 'plant/boiler', readings: { heat: { value: 77.5 } } }],
    });

    expect(await lettersIn('plant.dead-letters')).toMatchObject([
      { source: 'plant.intake', excerpt: expect.stringContaining('this is no JSON') },
      { source: 'plant.intake', reason: expect.stringContaining('value') },
    ]);
  }, 120_000);
});
