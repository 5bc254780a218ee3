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
  const base = new Map();
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
      let behind = 0;
      for (let p = 0; p < PARTITIONS; p++) {
        const next = steps.seen.get(p)?.next;
        if (next === undefined) continue;
        if (!base.has(p)) base.set(p, next - produced[p]);
        behind += Math.max(0, produced[p] + base.get(p) - next);
      }
      lags.push(behind * MESSAGE);
      memory.push(managers.reduce((sum, { pid }) => sum + memoryOf(pid), 0));
    }
    await wait(1);
  }
  const elapsed = (performance.now() - began) / 1_000;
  const spent = managers.reduce((sum, { pid }, i) => sum + cpuOf(pid) - cpu[i], 0);
  for (let i = 0; i < 100 && [...steps.seen].some(([p, { next }]) => base.has(p) && next < produced[p] + base.get(p)); i++) await wait(100);
  const left =
    [...steps.seen].reduce((sum, [p, { next }]) => sum + (base.has(p) ? Math.max(0, produced[p] + base.get(p) - next) : 0), 0) * MESSAGE;
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
