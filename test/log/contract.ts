/** What every adapter of the log must keep to. Run against the one in memory, where it is deterministic, and against a real broker, for which it is patient. */
import type { Clock } from '../../src/clock.ts';
import { Fenced, type GroupOptions, type Log, type LogRecord, type Member, type Membership, type ReadRecord } from '../../src/log/log.ts';

export interface ContractOptions {
  readonly clock: Clock;
  /** How long a wait may take before the test fails, ms on that clock. */
  readonly patienceMs: number;
  /** The shortest session timeout that the broker allows, ms. */
  readonly sessionMs: number;
}

/** A member that does what most do: reads each partition that it is given from the beginning, and keeps all that it was told. */
class Listener implements Member {
  membership: Membership | undefined;
  partitions: readonly number[] = [];
  readonly told: (readonly number[] | string)[] = [];
  readonly heard: { readonly topic: string; readonly partition: number; readonly record: ReadRecord }[] = [];
  readonly next = new Map<string, number>();
  readonly #topics: readonly string[];
  readonly #from: (topic: string, partition: number) => number;
  #waiting: readonly number[] | undefined;

  constructor(topics: readonly string[], from: (topic: string, partition: number) => number = () => 0) {
    this.#topics = topics;
    this.#from = from;
  }

  joined(membership: Membership): this {
    this.membership = membership;
    if (this.#waiting !== undefined) this.#seek(this.#waiting);
    return this;
  }

  assigned(partitions: readonly number[]): void {
    this.told.push(partitions);
    this.partitions = partitions;
    if (this.membership === undefined) this.#waiting = partitions;
    else this.#seek(partitions);
  }

  records(topic: string, partition: number, records: readonly ReadRecord[], next: number): void {
    for (const record of records) this.heard.push({ topic, partition, record });
    this.next.set(`${topic}/${partition}`, next);
  }

  lost(reason: string): void {
    this.told.push(reason);
    this.partitions = [];
  }

  values(topic: string, partition: number): (string | null)[] {
    return this.heard.filter((one) => one.topic === topic && one.partition === partition).map(({ record }) => record.value);
  }

  #seek(partitions: readonly number[]): void {
    for (const partition of partitions)
      for (const topic of this.#topics) this.membership?.seek(topic, partition, this.#from(topic, partition));
  }
}

/** `open`: another client of the same broker. */
export function logContract(open: () => Promise<Log> | Log, { clock, patienceMs, sessionMs }: ContractOptions): void {
  const PARTITIONS = 4;
  let names = 0;
  let opened: Log[] = [];

  const client = async (): Promise<Log> => {
    const log = await open();
    opened.push(log);
    return log;
  };
  const fresh = (what: string): string => `contract.${what}.${clock.now().toString(36)}.${++names}`;
  const create = async (log: Log, partitions = PARTITIONS, config: Readonly<Record<string, string>> = {}): Promise<string> => {
    const name = fresh('topic');
    await log.create([{ name, partitions, config }]);
    return name;
  };
  const pause = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  const until = async (what: string, holds: () => boolean, ms = patienceMs): Promise<void> => {
    const over = clock.now() + ms;
    while (!holds()) {
      if (clock.now() > over) throw new Error(`waited ${ms} ms in vain until ${what}`);
      await pause(10);
    }
  };
  const readAll = async (log: Log, topic: string, partition = 0, from = 0): Promise<{ records: ReadRecord[]; next: number }> => {
    const records: ReadRecord[] = [];
    const next = await log.read(topic, partition, from, (more) => records.push(...more));
    return { records, next };
  };
  /** A commit is acknowledged when it is decided; a moment may pass until all readers see it. Only who begins under its id sees all of it at once. */
  const readUntil = async (log: Log, topic: string, partition: number, count: number): ReturnType<typeof readAll> => {
    const over = clock.now() + patienceMs;
    for (;;) {
      const read = await readAll(log, topic, partition);
      if (read.records.length >= count || clock.now() > over) return read;
      await pause(10);
    }
  };
  const valuesOf = async (log: Log, topic: string, partition = 0): Promise<(string | null)[]> =>
    (await readAll(log, topic, partition)).records.map(({ value }) => value);
  const record = (topic: string, value: string | null, key: string | null = null, partition = 0): LogRecord => ({
    topic,
    partition,
    key,
    value,
  });
  const join = async (log: Log, listener: Listener, topics: readonly string[], options: Partial<GroupOptions>): Promise<Listener> =>
    listener.joined(await log.join({ group: 'group', topics, spread: 'share', sessionMs, ...options }, listener));

  afterEach(async () => {
    for (const log of opened) await log.close();
    opened = [];
  });

  describe('topics', () => {
    test('are created as they are asked for, and told as they are', async () => {
      const log = await client();
      const name = fresh('topic');
      await log.create([{ name, partitions: 3, config: { 'cleanup.policy': 'compact', 'retention.ms': '60000' } }]);
      const [topic, ...rest] = await log.topics([name, fresh('nowhere')]);
      expect(rest).toEqual([]);
      expect(topic).toMatchObject({ name, partitions: 3, config: { 'cleanup.policy': 'compact', 'retention.ms': '60000' } });
    });

    test('that are there already are left as they are', async () => {
      const log = await client();
      const name = await create(log, 2);
      await (await log.writer()).write([record(name, 'kept')]);
      await log.create([{ name, partitions: 5, config: {} }]);
      expect(await log.topics([name])).toMatchObject([{ partitions: 2 }]);
      expect(await valuesOf(log, name)).toEqual(['kept']);
    });
  });

  describe('a writer', () => {
    test('keeps keys, values, tombstones and the order of a partition', async () => {
      const log = await client();
      const topic = await create(log);
      const writer = await log.writer();
      const before = clock.now();
      await Promise.all([writer.write([record(topic, 'a', 'k'), record(topic, null, 'k')]), writer.write([record(topic, 'ä b', 'öß')])]);
      await writer.write([record(topic, '{}', null), record(topic, 'elsewhere', null, 1)]);
      const { records, next } = await readAll(log, topic);
      expect(records.map(({ key, value }) => [key, value])).toEqual([
        ['k', 'a'],
        ['k', null],
        ['öß', 'ä b'],
        [null, '{}'],
      ]);
      expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
      expect(next).toBe(4);
      expect(Math.abs(records[0]!.time - before)).toBeLessThan(60_000);
      expect(await valuesOf(log, topic, 1)).toEqual(['elsewhere']);
    });

    test('is refused a partition that is not there', async () => {
      const log = await client();
      const topic = await create(log, 1);
      await expect((await log.writer()).write([record(topic, 'x', null, 7)])).rejects.toThrow();
    });

    test('of nothing writes nothing', async () => {
      const log = await client();
      const topic = await create(log, 1);
      await (await log.writer()).write([]);
      expect(await readAll(log, topic)).toEqual({ records: [], next: 0 });
    });
  });

  describe('reading', () => {
    test('goes from an offset to the end as it is, however much that is', async () => {
      const log = await client();
      const topic = await create(log);
      const writer = await log.writer();
      const all = Array.from({ length: 2_500 }, (_, i) => `value ${i}`);
      for (let at = 0; at < all.length; at += 500) await writer.write(all.slice(at, at + 500).map((value) => record(topic, value)));
      expect(await valuesOf(await client(), topic)).toEqual(all);
      const { records, next } = await readAll(log, topic, 0, 2_498);
      expect(records.map(({ value, offset }) => [value, offset])).toEqual([
        ['value 2498', 2_498],
        ['value 2499', 2_499],
      ]);
      expect(next).toBe(2_500);
      expect(await readAll(log, topic, 0, 2_500)).toEqual({ records: [], next: 2_500 });
      expect(await readAll(log, topic, 1)).toEqual({ records: [], next: 0 });
    });
  });

  describe('a transaction', () => {
    test('is seen as a whole, in all its partitions, and tells where its last records lie', async () => {
      const log = await client();
      const topic = await create(log);
      const transactor = await log.transactor(fresh('id'));
      await transactor.commit([record(topic, 'a'), record(topic, 'b', 'k', 1), record(topic, 'c')]);
      const offsets = await transactor.commit([record(topic, 'd'), record(topic, 'e'), record(topic, null, 'k', 1)]);
      const [first, second] = [await readUntil(log, topic, 0, 4), await readUntil(log, topic, 1, 2)];
      expect(first.records.map(({ value }) => value)).toEqual(['a', 'c', 'd', 'e']);
      expect(second.records.map(({ value }) => value)).toEqual(['b', null]);
      expect(new Map(offsets)).toEqual(
        new Map([
          [`${topic}/0`, first.records.at(-1)!.offset],
          [`${topic}/1`, second.records.at(-1)!.offset],
        ]),
      );
    });

    test('leaves a gap in the offsets, over which reading goes on', async () => {
      const log = await client();
      const topic = await create(log);
      const transactor = await log.transactor(fresh('id'));
      for (const value of ['a', 'b', 'c']) await transactor.commit([record(topic, value)]);
      const { records, next } = await readUntil(log, topic, 0, 3);
      expect(records.map(({ value }) => value)).toEqual(['a', 'b', 'c']);
      const offsets = records.map(({ offset }) => offset);
      expect(offsets[1]! - offsets[0]!).toBeGreaterThan(1);
      expect(next).toBeGreaterThan(offsets[2]!);
      expect((await readAll(log, topic, 0, offsets[0]! + 1)).records.map(({ value }) => value)).toEqual(['b', 'c']);
      expect(await readAll(log, topic, 0, next)).toEqual({ records: [], next });
    });

    test('of nothing is nothing', async () => {
      const log = await client();
      const transactor = await log.transactor(fresh('id'));
      expect((await transactor.commit([])).size).toBe(0);
    });

    test('that fails is not seen, in none of its partitions; renewed, its owner goes on', async () => {
      const log = await client();
      const topic = await create(log);
      const transactor = await log.transactor(fresh('id'));
      await expect(transactor.commit([record(topic, 'not seen'), record(topic, 'nowhere', null, 99)])).rejects.toThrow();
      await transactor.renew();
      await transactor.commit([record(topic, 'seen')]);
      expect((await readUntil(log, topic, 0, 1)).records.map(({ value }) => value)).toEqual(['seen']);
    });

    test('of an owner that was replaced is refused, for good, and nothing of it is seen', async () => {
      const [old, young] = [await client(), await client()];
      const topic = await create(old);
      const id = fresh('id');
      const first = await old.transactor(id);
      await first.commit([record(topic, 'before')]);
      const second = await young.transactor(id);
      await expect(first.commit([record(topic, 'a ghost')])).rejects.toThrow(Fenced);
      await second.commit([record(topic, 'after')]);
      await expect(first.commit([record(topic, 'a ghost again')])).rejects.toThrow(Fenced);
      await second.commit([record(topic, 'and on')]);
      expect((await readUntil(young, topic, 0, 3)).records.map(({ value }) => value)).toEqual(['before', 'after', 'and on']);
    });

    test('whose owner is replaced at any moment is seen as a whole or not at all, and before all of the new one', async () => {
      const [old, young] = [await client(), await client()];
      const topic = await create(old);
      for (let round = 0; round < 10; round++) {
        const id = fresh('id');
        const first = await old.transactor(id);
        await first.commit([record(topic, `${round} warm`)]);
        const running = first.commit([record(topic, `${round} old`), record(topic, `${round} old`, null, 1)]).then(
          () => 'committed',
          () => 'refused',
        );
        const second = await young.transactor(id);
        const seen = [await valuesOf(young, topic), await valuesOf(young, topic, 1)].map((values) => values.includes(`${round} old`));
        await second.commit([record(topic, `${round} new`)]);
        await second.renew();
        const after = [await valuesOf(young, topic), await valuesOf(young, topic, 1)].map((values) => values.includes(`${round} old`));
        const end = await running;
        expect(seen[0]).toBe(seen[1]);
        // What the new owner saw when it began is all there ever will be.
        expect(after).toEqual(seen);
        if (end === 'committed') expect(seen[0]).toBe(true);
      }
    });

    test('two ids do not disturb each other', async () => {
      const log = await client();
      const topic = await create(log);
      const [one, other] = [await log.transactor(fresh('id')), await log.transactor(fresh('id'))];
      await Promise.all(
        [one, other].map(async (transactor, who) => {
          for (let i = 0; i < 5; i++) await transactor.commit([record(topic, `${who} ${i}`)]);
        }),
      );
      const values = (await readUntil(log, topic, 0, 10)).records.map(({ value }) => value);
      for (const who of [0, 1])
        expect(values.filter((value) => value!.startsWith(`${who} `))).toEqual(Array.from({ length: 5 }, (_, i) => `${who} ${i}`));
    });
  });

  describe('a group', () => {
    test('gives all partitions to its only member, who reads from where it seeks, in order, committed records only', async () => {
      const log = await client();
      const [one, two] = [await create(log), await create(log)];
      const transactor = await log.transactor(fresh('id'));
      await transactor.commit([record(one, 'a'), record(one, 'b'), record(two, 'c', null, 3)]);
      await expect(transactor.commit([record(one, 'aborted'), record(one, 'nowhere', null, 99)])).rejects.toThrow();
      await transactor.renew();
      const listener = await join(await client(), new Listener([one, two]), [one, two], { group: fresh('group') });
      await until('all is read', () => listener.values(one, 0).length === 2 && listener.values(two, 3).length === 1);
      expect([...listener.partitions].sort()).toEqual([0, 1, 2, 3]);
      await transactor.commit([record(one, 'later')]);
      await (await log.writer()).write([record(two, 'from a writer')]);
      await until('what came later is read', () => listener.values(one, 0).length === 3 && listener.values(two, 0).length === 1);
      expect(listener.values(one, 0)).toEqual(['a', 'b', 'later']);
      const last = listener.heard.filter(({ topic, partition }) => topic === one && partition === 0).at(-1)!;
      expect(listener.next.get(`${one}/0`)).toBeGreaterThan(last.record.offset);
      expect(listener.membership!.alive).toBe(true);
    });

    test('brings nothing of a partition before its seek', async () => {
      const log = await client();
      const topic = await create(log);
      await (await log.writer()).write([record(topic, 'a'), record(topic, 'b'), record(topic, 'c', null, 1)]);
      const told: number[] = [];
      const member: Member = { assigned: (p) => told.push(p.length), records: () => told.push(-1), lost: () => {} };
      const membership = await log.join({ group: fresh('group'), topics: [topic], spread: 'share', sessionMs }, member);
      await until('it has its partitions', () => told.length > 0);
      await pause(200);
      expect(told).toEqual([PARTITIONS]);
      membership.seek(topic, 1, 0);
      await until('the partition that was sought is read', () => told.includes(-1));
    });

    test('delivers again after a seek back, and from the oldest there is where the offset is gone', async () => {
      const log = await client();
      const topic = await create(log);
      await (await log.writer()).write([record(topic, 'a'), record(topic, 'b'), record(topic, 'c')]);
      const listener = await join(await client(), new Listener([topic], () => 2), [topic], { group: fresh('group') });
      await until('the last is read', () => listener.heard.length === 1);
      listener.membership!.seek(topic, 0, 1);
      await until('the last two are read again', () => listener.heard.length === 3);
      expect(listener.values(topic, 0)).toEqual(['c', 'b', 'c']);
    });

    test('brings nothing of a partition that is paused until it is resumed, and then all', async () => {
      const log = await client();
      const topic = await create(log);
      const writer = await log.writer();
      await writer.write([record(topic, 'a')]);
      const listener = await join(await client(), new Listener([topic]), [topic], { group: fresh('group') });
      await until('the first is read', () => listener.heard.length === 1);
      listener.membership!.pause(topic, 0);
      await pause(100);
      await writer.write([record(topic, 'b'), record(topic, 'c'), record(topic, 'beside', null, 1)]);
      await until('the other partition is read', () => listener.values(topic, 1).length === 1);
      await pause(300);
      expect(listener.values(topic, 0)).toEqual(['a']);
      listener.membership!.resume(topic, 0);
      await until('all is read', () => listener.values(topic, 0).length === 3);
      expect(listener.values(topic, 0)).toEqual(['a', 'b', 'c']);
    });

    test('shares the partitions of all topics alike among its members, and again when one leaves', async () => {
      const log = await client();
      const [one, two] = [await create(log), await create(log)];
      const options = { group: fresh('group') };
      const first = await join(await client(), new Listener([one, two]), [one, two], options);
      await until('the first has all', () => first.partitions.length === PARTITIONS);
      const second = await join(await client(), new Listener([one, two]), [one, two], options);
      const shared = () => [...first.partitions, ...second.partitions].sort().join() === '0,1,2,3' && second.partitions.length > 0;
      await until('the two share', () => shared() && first.partitions.length === 2);
      const writer = await log.writer();
      const all = [0, 1, 2, 3].flatMap((n) => [record(one, `one ${n}`, null, n), record(two, `two ${n}`, null, n)]);
      await writer.write(all);
      const has = (listener: Listener): boolean =>
        listener.partitions.every((n) => listener.values(one, n).at(-1) === `one ${n}` && listener.values(two, n).at(-1) === `two ${n}`);
      await until('each has read both topics of its partitions', () => has(first) && has(second));
      await second.membership!.leave();
      await until('the first has all again', () => first.partitions.length === PARTITIONS);
      await until('it reads all', () => has(first));
    });

    test('of one owner gives it all, and all to one who stood by when it leaves', async () => {
      const log = await client();
      const topic = await create(log);
      const options: Partial<GroupOptions> = { group: fresh('group'), spread: 'single' };
      const members = [await join(await client(), new Listener([topic]), [topic], options)];
      await until('the first has all', () => members[0]!.partitions.length === PARTITIONS);
      members.push(await join(await client(), new Listener([topic]), [topic], options));
      const counts = () => members.map(({ partitions }) => partitions.length).sort();
      await until('the second stands by', () => members[1]!.told.length > 0 && counts().join() === `0,${PARTITIONS}`);
      const [owner, other] = members[0]!.partitions.length > 0 ? [members[0]!, members[1]!] : [members[1]!, members[0]!];
      await owner.membership!.leave();
      await until('the other has all', () => other.partitions.length === PARTITIONS);
    });

    test('tells the next member how far the one before has noted, and nothing where none has', async () => {
      const log = await client();
      const topic = await create(log);
      const options: Partial<GroupOptions> = { group: fresh('group'), spread: 'single' };
      const first = await join(await client(), new Listener([topic]), [topic], options);
      await until('the first has all', () => first.partitions.length === PARTITIONS);
      expect(await first.membership!.noted(1)).toEqual({});
      await first.membership!.note(1, { [topic]: 4711 });
      await first.membership!.leave();
      const second = await join(await client(), new Listener([topic]), [topic], options);
      await until('the second has all', () => second.partitions.length === PARTITIONS);
      expect(await second.membership!.noted(1)).toEqual({ [topic]: 4711 });
      expect(await second.membership!.noted(0)).toEqual({});
    });

    test('goes on without a member whose client is gone', async () => {
      const log = await client();
      const topic = await create(log);
      const options = { group: fresh('group') };
      const gone = await open();
      const first = await join(gone, new Listener([topic]), [topic], options);
      await until('the first has all', () => first.partitions.length === PARTITIONS);
      const second = await join(await client(), new Listener([topic]), [topic], options);
      await until('the two share', () => first.partitions.length === 2 && second.partitions.length === 2);
      await gone.close();
      await until('the second has all', () => second.partitions.length === PARTITIONS, patienceMs + 3 * sessionMs);
      expect(first.membership!.alive).toBe(false);
    });
  });
}
