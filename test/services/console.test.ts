/** Kafka's own console clients, as docs/intake.md says: the policies see what one writes to the intake, and another reads in the dead letters what nobody could. */
import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { folderWith, homeostat, start, tidyUp } from '../cli/homeostat.ts';
import { describeWith, type KafkaServer, startKafka } from '../servers/index.ts';

const documentOf = (broker: string) => ({
  domain: 'plant',
  types: { boiler: { properties: { heat: { stale: 'never' } } } },
  elements: { 'plant/boiler': { type: 'boiler' } },
  policies: ['rules.json'],
  services: { name: 'plant', partitions: 2, session: '6s', kafka: { brokers: [broker] } },
});
const HOT = {
  name: 'hot',
  scope: { type: 'boiler' },
  conditions: { all: [{ fact: 'heat', operator: 'greaterThan', value: 70 }] },
  raises: { message: 'it is {{ heat }} degrees' },
};
const MANAGER = ['-m', '.homeostat/managers/1'];

describeWith('kafka', 'the console clients of Kafka', () => {
  let kafka: KafkaServer;
  beforeAll(async () => {
    kafka = await startKafka();
  }, 120_000);
  afterEach(tidyUp);
  afterAll(() => kafka.stop());

  /** Runs one of them, and resolves with what it has printed. */
  function client(main: string, args: readonly string[], input = ''): Promise<string> {
    const { command, args: java } = kafka.toolCommand(main);
    return new Promise((resolve, reject) => {
      const child = execFile(command, [...java, '--bootstrap-server', kafka.broker, ...args], (failed, stdout) =>
        failed === null ? resolve(stdout) : reject(failed),
      );
      child.stdin?.end(input);
    });
  }

  test('what the producer writes is read and explained, and the consumer reads the dead letters', async () => {
    const folder = folderWith({ 'homeostat.json': documentOf(kafka.broker), 'rules.json': { policies: [HOT] } });
    await start(['run', '--json'], folder).said('"url"');
    const lines = [
      '{"element":"plant/boiler","property":"heat","value":77.5,"source":"plc-7"}',
      'this is no JSON',
      '{"element":"plant/boiler","property":"heat","value":[1]}',
    ];
    await client('kafka.tools.ConsoleProducer', ['--topic', 'plant.intake'], `${lines.join('\n')}\n`);

    const explained = async () => (await homeostat(['explain', 'plant/boiler', ...MANAGER], folder)).stdout;
    while (!(await explained()).includes('77.5')) await wait(100);
    expect(JSON.parse((await homeostat(['status', ...MANAGER, '--json'], folder)).stdout)).toMatchObject({
      elements: [{ id: 'plant/boiler', readings: { heat: { value: 77.5, source: 'plc-7' } } }],
    });

    const two = ['--from-beginning', '--max-messages', '2', '--timeout-ms', '30000'];
    const letters = (await client('org.apache.kafka.tools.consumer.ConsoleConsumer', ['--topic', 'plant.dead-letters', ...two]))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(letters).toMatchObject([
      { source: 'plant.intake', excerpt: expect.stringContaining('this is no JSON') },
      { source: 'plant.intake', reason: expect.stringContaining('value') },
    ]);
  }, 120_000);
});
