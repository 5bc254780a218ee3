import { SimulatedClock } from '../../src/clock.ts';
import { Fenced, type Member, type ReadRecord } from '../../src/log/log.ts';
import { logContract } from './contract.ts';
import { directLink, type Link, MemoryBroker, type RequestKind, Unreachable } from './memory.ts';

const SESSION_MS = 6_000;

/** Time goes on from alarm to alarm, whenever nothing else is to be done. */
function running(): { clock: SimulatedClock; stop: () => void } {
  const clock = new SimulatedClock(1_700_000_000_000);
  let stopped = false;
  const turn = (): void => {
    if (stopped) return;
    const next = clock.nextAlarm();
    if (next !== undefined) clock.advanceTo(next);
    setImmediate(turn);
  };
  setImmediate(turn);
  return {
    clock,
    stop: () => {
      stopped = true;
    },
  };
}

const time = running();
const { clock } = time;
afterAll(() => time.stop());
const sleep = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));

describe('the log in memory keeps the contract', () => {
  const broker = new MemoryBroker({ clock });
  logContract(() => broker.open(), { clock, patienceMs: 30_000, sessionMs: SESSION_MS });
});

describe('the log in memory keeps the contract on a slow line, with few records at a time and ends of transactions that are marked late', () => {
  let turn = 0;
  const broker = new MemoryBroker({ clock, fetchRecords: () => 1 + (turn++ % 3), markMs: () => turn++ % 7 });
  const slow: Link = { ...directLink(clock), there: () => turn++ % 5, back: () => turn++ % 3 };
  logContract(() => broker.open('slow', slow), { clock, patienceMs: 60_000, sessionMs: SESSION_MS });
});

describe('what only a broker that can be broken shows', () => {
  test('while the leader of a topic is away nothing is written there, and the rest goes on', async () => {
    const broker = new MemoryBroker({ clock, retries: 0 });
    for (const name of ['here', 'gone']) broker.create({ name, partitions: 1, config: {} });
    const writer = await broker.open().writer();
    const write = (topic: string) => writer.write([{ topic, partition: 0, key: null, value: 'one' }]);
    broker.withdraw('gone');
    await expect(write('gone')).rejects.toThrow(Unreachable);
    await write('here');
    broker.lead();
    await write('gone');
    expect(['here', 'gone'].map((topic) => broker.partition(topic, 0).visible().length)).toEqual([1, 1]);
  });

  const topic = 'topic';
  const record = (value: string | null, key: string | null = null, partition = 0) => ({ topic, partition, key, value });

  /** A link that loses the next requests of a kind, or their answers. */
  function lossy() {
    const losses: { kind: RequestKind; where: 'there' | 'back'; times: number }[] = [];
    const loses = (kind: RequestKind, where: 'there' | 'back'): boolean => {
      const loss = losses.find((one) => one.kind === kind && one.where === where && one.times > 0);
      if (loss === undefined) return false;
      loss.times--;
      return true;
    };
    const held: (() => void)[] = [];
    let frozen = false;
    const link: Link = {
      clock: {
        now: () => clock.now(),
        wall: () => clock.wall(),
        after: (ms, then) => clock.after(ms, () => (frozen ? held.push(then) : then())),
      },
      there: (kind) => (loses(kind, 'there') ? null : 1),
      back: (kind) => (loses(kind, 'back') ? null : 1),
      arrive: (_, then) => {
        if (frozen) held.push(then);
        else then();
      },
    };
    return {
      link,
      lose: (kind: RequestKind, where: 'there' | 'back', times = 1) => losses.push({ kind, where, times }),
      freeze: () => {
        frozen = true;
      },
      thaw: () => {
        frozen = false;
        for (const then of held.splice(0)) then();
      },
    };
  }

  async function setting(options: Partial<ConstructorParameters<typeof MemoryBroker>[0]> = {}) {
    const broker = new MemoryBroker({ clock, retries: 0, ...options });
    broker.create({ name: topic, partitions: 2, config: { 'cleanup.policy': 'compact', 'delete.retention.ms': '1000' } });
    const line = lossy();
    const log = broker.open('client', line.link);
    const seen = (partition = 0) =>
      broker
        .partition(topic, partition)
        .visible()
        .map(({ value }) => value);
    return { broker, line, log, seen };
  }

  test('a write whose answer is lost is written again: its records are there twice', async () => {
    const { line, log, seen } = await setting({ retries: 1 });
    line.lose('write', 'back');
    await (await log.writer()).write([record('a'), record('b')]);
    expect(seen()).toEqual(['a', 'b', 'a', 'b']);
  });

  test('a commit whose answer is lost is committed, and nobody knows until it is looked at', async () => {
    const { line, log, seen } = await setting();
    const transactor = await log.transactor('id');
    line.lose('end', 'back');
    await expect(transactor.commit([record('a')])).rejects.toThrow(Unreachable);
    expect(seen()).toEqual(['a']);
    await expect(transactor.commit([record('b')])).rejects.toThrow('unsettled');
    await transactor.renew();
    await transactor.commit([record('b')]);
    expect(seen()).toEqual(['a', 'b']);
  });

  test('a commit that did not get there leaves its transaction open, which hides what comes after it until it is aborted', async () => {
    const { line, log, seen, broker } = await setting({ transactionMs: 60_000 });
    const transactor = await log.transactor('id');
    line.lose('end', 'there');
    await expect(transactor.commit([record('a')])).rejects.toThrow(Unreachable);
    await (await log.writer()).write([record('behind')]);
    expect(seen()).toEqual([]);
    await sleep(60_000);
    expect(seen()).toEqual(['behind']);
    // The broker fences whom it gave up on.
    await transactor.renew();
    await transactor.commit([record('again')]);
    expect(
      broker
        .partition(topic, 0)
        .visible()
        .map(({ value }) => value),
    ).toEqual(['behind', 'again']);
  });

  test('a request that is said again within a transaction is done once', async () => {
    const { line, log, seen } = await setting({ retries: 2 });
    const transactor = await log.transactor('id');
    line.lose('produce', 'back');
    line.lose('end', 'back');
    await transactor.commit([record('a')]);
    await transactor.commit([record('b')]);
    expect(seen()).toEqual(['a', 'b']);
  });

  test('who renews without being the owner fences the owner: so nobody may', async () => {
    const { log, broker } = await setting();
    const [old, young] = [await log.transactor('id'), await broker.open().transactor('id')];
    await old.renew();
    await expect(young.commit([record('a')])).rejects.toThrow(Fenced);
  });

  test('compaction keeps the newest of each key, drops what was aborted, and later the tombstones', async () => {
    const { log, broker, line } = await setting();
    const transactor = await log.transactor('id');
    await transactor.commit([record('1', 'a'), record('1', 'b'), record('1', 'c')]);
    await transactor.commit([record('2', 'a'), record(null, 'b')]);
    line.lose('end', 'there');
    await expect(transactor.commit([record('3', 'c')])).rejects.toThrow();
    await transactor.renew();
    broker.compact();
    const rows = () =>
      broker
        .partition(topic, 0)
        .visible()
        .map(({ key, value, offset }) => [key, value, offset]);
    expect(rows()).toEqual([
      ['c', '1', 2],
      ['a', '2', 4],
      ['b', null, 5],
    ]);
    await sleep(1_000);
    broker.compact();
    expect(rows()).toEqual([
      ['c', '1', 2],
      ['a', '2', 4],
    ]);
    const next = await log.read(topic, 0, 3, () => {});
    expect(next).toBe(broker.partition(topic, 0).end);
  });

  test('retention moves the beginning; who seeks what is gone is given the oldest there is', async () => {
    const broker = new MemoryBroker({ clock });
    broker.create({ name: topic, partitions: 1, config: { 'retention.ms': '1000' } });
    const log = broker.open();
    const writer = await log.writer();
    await writer.write([record('old')]);
    await sleep(2_000);
    await writer.write([record('new')]);
    broker.retain();
    const read: ReadRecord[] = [];
    expect(await log.read(topic, 0, 0, (records) => read.push(...records))).toBe(2);
    expect(read.map(({ value, offset }) => [value, offset])).toEqual([['new', 1]]);
  });

  test('a broker that is away answers nobody, keeps what it acknowledged, and goes on', async () => {
    const { broker, log, seen } = await setting({ retries: 1 });
    const writer = await log.writer();
    await writer.write([record('a')]);
    broker.stop();
    await expect(writer.write([record('b')])).rejects.toThrow(Unreachable);
    broker.start();
    await writer.write([record('c')]);
    expect(seen()).toEqual(['a', 'c']);
  });

  test('a member that joins again is not certain of its place: it may have been given to another before it hears of that', async () => {
    const { broker, line, log } = await setting();
    const options = { group: 'group', topics: [topic], spread: 'single' as const, sessionMs: SESSION_MS };
    const deaf: Member = { assigned: () => {}, records: () => {}, lost: () => {} };
    const old = await log.join(options, deaf);
    await sleep(100);
    expect(old.certain).toBe(true);
    line.lose('join', 'back');
    const certain = await new Promise<boolean>((resolve) => {
      const first: Member = { ...deaf, assigned: (mine) => mine.length > 0 && resolve(old.certain) };
      void broker.open('a name before the other').join(options, first);
    });
    expect([old.alive, certain]).toEqual([true, false]);
    await old.leave();
  });

  test('a member that was frozen believes until its next heartbeat that it has its partitions, and its transactions are refused', async () => {
    const { broker, line, log } = await setting();
    const told: string[] = [];
    const member = (name: string): Member => ({
      assigned: (partitions) => told.push(`${name} ${partitions}`),
      records: () => {},
      lost: () => told.push(`${name} lost`),
    });
    const options = { group: 'group', topics: [topic], spread: 'share' as const, sessionMs: SESSION_MS };
    const zombie = await log.join(options, member('zombie'));
    await sleep(100);
    const transactor = await log.transactor('id');
    line.freeze();
    await sleep(SESSION_MS * 2);
    const young = broker.open('young');
    await young.join(options, member('young'));
    await sleep(100);
    expect(told).toEqual(['zombie 0,1', 'young 0,1']);
    expect(zombie.alive).toBe(false);
    const takenOver = await young.transactor('id');
    line.thaw();
    // It has not been told yet.
    expect(told).toEqual(['zombie 0,1', 'young 0,1']);
    await expect(transactor.commit([record('a ghost')])).rejects.toThrow(Fenced);
    await takenOver.commit([record('alive')]);
    await sleep(SESSION_MS);
    expect(told.slice(2, 3)).toEqual(['zombie lost']);
    expect(told.slice(3).sort()).toEqual(['young 1', 'zombie 0'].sort());
  });
});
