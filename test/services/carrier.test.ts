import type { Logger } from 'pino';
import { SimulatedClock } from '../../src/clock.ts';
import type { Log, Member, Offsets, ReadRecord } from '../../src/log/log.ts';
import { Carrier } from '../../src/services/carrier.ts';

const record = (offset: number): ReadRecord => ({ key: null, value: String(offset), offset, time: 0 });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const logger = { warn() {}, info() {}, error() {}, debug() {} } as unknown as Logger;

/** A carrier of one partition, whose group is played by the test. */
async function setting(carry: (records: readonly ReadRecord[]) => Promise<void>) {
  let member: Member | undefined;
  const noted: Offsets[] = [];
  const membership = {
    alive: true,
    seek() {},
    pause() {},
    resume() {},
    note: async (_: number, offsets: Offsets) => void noted.push(offsets),
    noted: async () => ({}),
    leave: async () => {},
  };
  const log = {
    join: async (_: unknown, joining: Member) => {
      member = joining;
      return membership;
    },
  } as unknown as Log;
  const clock = new SimulatedClock(0);
  const carrier = new Carrier({ log, topic: 'in', group: 'g', sessionMs: 6_000, clock, logger, carry: (_, records) => carry(records) });
  await carrier.start();
  member!.assigned([0]);
  await turn();
  const comes = (...offsets: number[]): void => member!.records('in', 0, offsets.map(record), offsets.at(-1)! + 1, 100);
  return { carrier, comes, noted, clock };
}

test('what comes while it stops is left to the next: nothing is noted beyond what could not be carried', async () => {
  let away = true;
  const carried: string[] = [];
  const { carrier, comes, noted } = await setting(async (records) => {
    if (away) throw new Error('the broker is away');
    carried.push(...records.map(({ value }) => value!));
  });
  comes(0, 1);
  await turn();
  const stopping = carrier.stop();
  away = false;
  comes(2, 3);
  await turn();
  comes(4);
  await stopping;
  expect(carried).toEqual([]);
  expect(noted).toEqual([]);
});

test('what comes just as all before it was carried does not wait for more', async () => {
  const carried: string[] = [];
  let comesToo = (): void => {};
  const { carrier, comes, noted } = await setting(async (records) => {
    carried.push(...records.map(({ value }) => value!));
    // A few turns later, when it is about to be over.
    const then = comesToo;
    comesToo = () => {};
    for (let i = 0, at = Promise.resolve(); i < 8; i++) at = at.then(() => (i === 3 || i === 4 || i === 5 ? then() : undefined));
  });
  let next = 1;
  comesToo = () => comes(next++);
  comes(0);
  await turn();
  await turn();
  expect(carried).toEqual(['0', '1', '2', '3']);
  await carrier.stop();
  expect(noted).toEqual([{ in: 4 }]);
});
