/** Observations through Kafka into decisions, as many as are kept up with, with bounded lag and memory. */
import { clock, cpuOf, memoryOf, PARTITIONS, Producer, wait } from './kit.js';

const MESSAGE = 500;

/** Produces `rate` observations a second for so long, and looks at lag and memory each second. */
export async function measure(kit, cluster, managers, { rate, seconds }) {
  const steps = await kit.steps(cluster);
  const producer = new Producer(await kit.log.writer(), cluster);
  const lags = [];
  const memory = [];
  const produced = new Array(PARTITIONS).fill(0);
  const base = await kit.ends(cluster.topics.observations);
  /** Messages that no step has taken in yet. */
  const behind = () => produced.reduce((sum, count, p) => sum + Math.max(0, count + base[p] - (steps.seen.get(p)?.next ?? base[p])), 0);
  const cpu = managers.map(({ pid }) => cpuOf(pid));
  const began = performance.now();
  let [messages, looked, writing] = [0, 0, 0];
  // Made ahead, so that the producer costs little of the machine that is measured.
  const ready = Array.from({ length: 256 }, (_, i) => producer.message(i % PARTITIONS, MESSAGE, 0));
  while (performance.now() - began < seconds * 1_000) {
    const at = performance.now() - began;
    const records = [];
    const time = clock.now();
    for (; messages * MESSAGE < (at * rate) / 1_000 && writing < 16; messages++) {
      const partition = messages % PARTITIONS;
      const observations = ready[messages % ready.length].map((o, i) => ({ ...o, time: time + i / 1_000 }));
      records.push(producer.record(partition, observations));
      produced[partition]++;
    }
    if (records.length > 0) {
      writing++;
      producer.writer.write(records).then(
        () => writing--,
        () => writing--,
      );
    }
    if (at > looked * 1_000) {
      looked++;
      lags.push(behind() * MESSAGE);
      memory.push(managers.reduce((sum, { pid }) => sum + memoryOf(pid), 0));
    }
    await wait(1);
  }
  const elapsed = (performance.now() - began) / 1_000;
  const spent = managers.reduce((sum, { pid }, i) => sum + cpuOf(pid) - cpu[i], 0);
  for (let i = 0; i < 100 && behind() > 0; i++) await wait(100);
  const left = behind() * MESSAGE;
  await steps.stop();
  await producer.writer.close();
  const half = Math.floor(lags.length / 2);
  const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
  return {
    rate: (messages * MESSAGE) / elapsed,
    cores: spent / elapsed,
    lag: { most: Math.max(...lags), first: mean(lags.slice(1, half)), second: mean(lags.slice(half)) },
    memory: { first: Math.max(...memory.slice(1, half)), second: Math.max(...memory.slice(half)) },
    left,
  };
}
