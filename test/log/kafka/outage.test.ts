import { SimulatedClock } from '../../../src/clock.ts';
import { kafkaLines } from '../../../src/log/kafka/logging.ts';
import { Outage } from '../../../src/log/kafka/outage.ts';

function recorder() {
  const said: string[] = [];
  const at = (rank: string) => (_details: object, message: string) => void said.push(`${rank}: ${message}`);
  return { said, lines: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

test('brokers that are away are told of once, and once when they are back, however often and by whom it is noticed', () => {
  const { said, lines } = recorder();
  const clock = new SimulatedClock(1_000);
  const outage = new Outage(clock, lines, ['a:1', 'b:1']);
  for (let i = 0; i < 5; i++) {
    outage.failed(new Error('refused'));
    clock.advanceTo(clock.now() + 1_000);
  }
  outage.over();
  outage.over();
  expect(said).toEqual([
    'warn: Kafka does not answer: trying again until it does; see that the brokers run and can be reached from here',
    'info: Kafka answers again, after 5 s',
  ]);
});

test('one connection that breaks, such as one that was idle for long, is no outage', () => {
  const { said, lines } = recorder();
  const outage = new Outage(new SimulatedClock(1_000), lines, ['a:1']);
  outage.failed(new Error('closed'));
  outage.over();
  expect(said).toEqual([]);
});

test('what kafkajs calls errors is ranked by what it is', () => {
  const { said, lines } = recorder();
  const write = kafkaLines(lines)(4);
  const say = (label: string, namespace: string, message: string) => write({ namespace, level: 1, label, log: { timestamp: '', message } });
  say('ERROR', 'Connection', 'Response Heartbeat(key: 12, version: 3)');
  say('ERROR', 'Connection', 'Connection error: connect ECONNREFUSED 127.0.0.1:1');
  say('WARN', 'Runner', 'The group is rebalancing, re-joining');
  say('INFO', 'Producer', 'connected');
  say('ERROR', 'Cluster', 'something that we do not know');
  expect(said.map((line) => line.split(':')[0])).toEqual(['debug', 'debug', 'debug', 'debug', 'warn']);
});
