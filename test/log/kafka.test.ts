/** The log on a real broker keeps the contract that the simulator relies on. */
import { SystemClock } from '../../src/clock.ts';
import { openKafka } from '../../src/log/kafka.ts';
import { describeWith, type KafkaServer, startKafka } from '../servers/index.ts';
import { logContract } from './contract.ts';

const clock = new SystemClock();
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describeWith('kafka', 'the log on Kafka', () => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await startKafka();
  }, 90_000);
  afterAll(() => server?.stop(), 60_000);

  const open = () => openKafka({ kafka: { brokers: [server.broker] }, secrets: { environment: {}, directory: '.' }, clock, log: quiet });

  logContract(open, { clock, patienceMs: 20_000, sessionMs: 6_000 });
});
