import type { Logger } from 'pino';
import { SimulatedClock } from '../../src/clock.ts';
import type { Log, Member, Offsets, ReadRecord } from '../../src/log/log.ts';
import { Carrier } from '../../src/services/carrier.ts';

const record = (offset: number): ReadRecord => ({ key: null, value: String(offset), offset, time: 0 });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const logger = { warn() {}, info() {}, error() {}, debug() {} } as unknown as Logger;

/** A carrier of two partitions, whose group is played by the test. */
async function setting(carry: (partition: number, records: readonly ReadRecord[]) => Promise<void>) {
  let member: Member | undefined;
  const noted: (readonly [partition: number, offsets: Offsets])[] = [];
  const membership = {
    alive: true,
    seek() {},
    pause() {},
    resume() {},
    note: async (partition: number, offsets: Offsets) => void noted.push([partition, offsets]),
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
  const carrier = new Carrier({ log, topic: 'in', group: 'g', sessionMs: 6_000, clock, logger, carry });
  await carrier.start();
  member!.assigned([0, 1]);
  await turn();
  const comes = (partition: number, ...offsets: number[]): void =>
    member!.records('in', partition, offsets.map(record), offsets.at(-1)! + 1, 100);
  return { carrier, comes, noted, clock };
}

test('what comes while it stops is left to the next: nothing is noted beyond what could not be carried', async () => {
  let away = true;
  let release = (): void => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { carrier, comes, noted } = await setting(async (partition) => {
    if (partition === 0) return slow;
    if (away) throw new Error('the broker is away');
  });
  comes(0, 0);
  comes(1, 0, 1);
  await turn();
  // It waits for the one partition, has given up the other, and more of that comes.
  const stopping = carrier.stop();
  away = false;
  await turn();
  comes(1, 2, 3);
  await turn();
  release();
  await stopping;
  expect(noted).toEqual([[0, { in: 1 }]]);
});

test('what comes just as all before it was carried does not wait for more', async () => {
  for (let turns = 0; turns < 12; turns++) {
    const carried: number[] = [];
    let after = turns;
    let comesToo = (): void => {};
    const { carrier, comes, noted } = await setting(async (_, records) => {
      if (carried.length === 0) comesToo();
      carried.push(...records.map(({ offset }) => offset));
    });
    comesToo = () => {
      if (after === 0) comes(0, 1);
      if (after-- > 0) void Promise.resolve().then(comesToo);
    };
    comes(0, 0);
    await turn();
    await turn();
    expect([turns, carried]).toEqual([turns, [0, 1]]);
    await carrier.stop();
    expect(noted).toEqual([[0, { in: 2 }]]);
  }
});
