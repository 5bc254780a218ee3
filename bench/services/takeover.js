/** How long a domain is not decided about when its manager is killed, stops cleanly, or has to share with another that comes. */
import { clock, PARTITIONS, Producer, wait } from './kit.js';

/** An observation for each partition, five times a second: each makes a step there, if anyone is there to make it. */
async function ticking(kit, cluster) {
  const producer = new Producer(await kit.log.writer(), cluster);
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      const records = Array.from({ length: PARTITIONS }, (_, p) => producer.record(p, producer.message(p, 1, clock.now())));
      await producer.writer.write(records).catch(() => {});
      await wait(200);
    }
  })();
  return async () => {
    stopped = true;
    await loop;
    await producer.writer.close();
  };
}

/** The longest pause between two steps of any partition while something is done and until all go on again, ms. */
export async function longestPause(kit, cluster, act, settleMs) {
  const steps = await kit.steps(cluster);
  const stopTicking = await ticking(kit, cluster);
  await wait(3_000);
  const last = new Map();
  const longest = new Map();
  steps.onStep((partition, _step, at) => {
    const before = last.get(partition);
    if (before !== undefined) longest.set(partition, Math.max(longest.get(partition) ?? 0, at - before));
    last.set(partition, at);
  });
  await wait(1_000);
  await act();
  await wait(settleMs);
  const now = clock.now();
  const silent = Array.from({ length: PARTITIONS }, (_, p) => now - (last.get(p) ?? 0));
  await stopTicking();
  await steps.stop();
  return { longestMs: Math.max(...longest.values(), ...silent.filter((ms) => ms > 2_000)), partitions: last.size };
}
