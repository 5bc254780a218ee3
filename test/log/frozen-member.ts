/** The owner of a group, for the test that freezes it: it commits again and again, and says what it learns. */
import { SystemClock } from '../../src/clock.ts';
import { openKafka } from '../../src/log/kafka.ts';
import type { Membership } from '../../src/log/log.ts';

const [broker, topic] = process.argv.slice(2) as [string, string];
const clock = new SystemClock();
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const log = await openKafka({ kafka: { brokers: [broker] }, secrets: { environment: {}, directory: '.' }, clock, log: quiet });
let owner = false;
const membership: Membership = await log.join(
  { group: 'frozen', topics: [topic], spread: 'single', sessionMs: 6_000 },
  {
    assigned: (partitions) => {
      owner = partitions.length > 0;
    },
    records: () => undefined,
    lost: (reason) => say(`lost: ${reason}`),
  },
);
while (!owner) await new Promise((resolve) => setTimeout(resolve, 20));
const transactor = await log.transactor('frozen-owner');
let last = clock.now();
for (let n = 0; ; n++) {
  // Longer than any pause of ours: we were asleep. It acts as one would that has not noticed.
  if (clock.now() - last > 3_000) say(`alive after waking: ${membership.alive}`);
  last = clock.now();
  try {
    await transactor.commit([{ topic, partition: 0, key: null, value: `frozen ${n}` }]);
    say('committed');
  } catch (thrown) {
    say(`${(thrown as Error).name.toLowerCase()}: ${(thrown as Error).message}`);
    if ((thrown as Error).name === 'Fenced') break;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}
setInterval(() => undefined, 1_000);
