/** Observation produced → command consumed, at 1,000 observations/s in messages of ten; and the same while InfluxDB is away for a while. */
import { clock, Producer, percentile, wait } from './kit.js';

const RATE = 1_000;
const MESSAGE = 10;
const ALARM_EVERY_MS = 25;

/** Alarms are numbered through all measurements: one is answered when a lower one was. */
let number = 0;

/** Returns latencies by when the alarm was raised. */
export async function measure(kit, cluster, seconds, during = async () => {}) {
  const raised = new Map();
  const latencies = [];
  const stop = await kit.commands(cluster, ({ command, params }) => {
    const at = command === 'answer' ? raised.get(params.to) : undefined;
    if (at === undefined) return;
    raised.delete(params.to);
    latencies.push({ at, ms: performance.now() - at });
  });
  const producer = new Producer(await kit.log.writer(), cluster);
  const began = performance.now();
  let [messages, alarms] = [0, 0];
  let failed = 0;
  const write = (records) => producer.writer.write(records).catch(() => failed++);
  const other = during();
  while (performance.now() - began < seconds * 1_000) {
    const at = performance.now() - began;
    const records = [];
    for (; messages * MESSAGE < (at * RATE) / 1_000; messages++)
      records.push(
        producer.record(
          producer.partitions[messages % producer.partitions.length],
          producer.message(producer.partitions[messages % producer.partitions.length], MESSAGE, clock.now()),
        ),
      );
    for (; alarms < at / ALARM_EVERY_MS; ) {
      alarms++;
      number++;
      raised.set(number, performance.now());
      records.push(producer.alarm(number, clock.now()));
    }
    if (records.length > 0) void write(records);
    await wait(1);
  }
  await other;
  await wait(1_000);
  await stop();
  await producer.writer.close();
  return { latencies, unanswered: raised.size, failed, began };
}

export function summary(latencies) {
  const sorted = latencies.map(({ ms }) => ms).sort((a, b) => a - b);
  return { count: sorted.length, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}
