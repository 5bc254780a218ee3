/** The history on a real InfluxDB: away and back, killed, full, refused, with users. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { SystemClock } from '../../src/clock.ts';
import type { InfluxDocument } from '../../src/documents/history.ts';
import type { HistoryReading } from '../../src/history/history.ts';
import { type InfluxHistory, openInflux } from '../../src/history/influx.ts';
import { describeWith, type Server, startInflux, tellInflux } from '../servers/index.ts';

const log = pino({ level: 'silent' });
const clock = new SystemClock();

describeWith('influx', 'the history in InfluxDB', () => {
  let server: Server;
  let folder: string;
  let open: InfluxHistory[] = [];

  beforeAll(async () => {
    server = await startInflux();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homeostat-influx-'));
    open = [];
  });
  afterEach(async () => {
    await Promise.all(open.map((history) => history.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  const opened = async (
    database: string,
    more: Partial<InfluxDocument> = {},
    to: Pick<Server, 'port'> = server,
  ): Promise<InfluxHistory> => {
    const history = await openInflux(
      { url: `http://127.0.0.1:${to.port}`, database, age: '50ms', timeout: '2s', ...more },
      {
        clock,
        random: () => 0.5,
        log,
        folder: join(folder, database),
        directory: folder,
        environment: { PASSWORD: 'geheim', WRONG: 'falsch' },
      },
    );
    open.push(history);
    return history;
  };
  const until = async (isSo: () => boolean | Promise<boolean>, what: string, withinMs = 20_000): Promise<void> => {
    for (const end = clock.now() + withinMs; clock.now() < end; ) {
      if (await isSo()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`it never came to be that ${what}`);
  };
  const reading = (i: number, time: number, more: Partial<HistoryReading> = {}): HistoryReading => ({
    element: `shop/server-${i % 10}`,
    type: 'server',
    property: 'load',
    value: i,
    time,
    ...more,
  });
  const count = async (history: InfluxHistory, of = 'SELECT count("known") FROM homeostat_reading'): Promise<number> => {
    const [series] = await history.query(`${of} WHERE time > now() - 2d AND time < now() + 1d`);
    return Number(series?.rows[0]?.count ?? 0);
  };

  test('makes its database and retention policies, and stores what it is given', async () => {
    const history = await opened('plain');
    const now = clock.now();
    history.readings(Array.from({ length: 20_000 }, (_, i) => reading(i, now - i)));
    await until(() => history.waiting.points === 0, 'nothing waits');
    expect(await count(history)).toBe(20_000);
    const policies = await history.query('SHOW RETENTION POLICIES ON "plain"');
    expect(policies.flatMap(({ rows }) => rows).map(({ name, duration, default: is }) => [name, duration, is])).toEqual([
      ['autogen', '0s', false],
      ['homeostat', '720h0m0s', true],
      ['homeostat_60s', '2160h0m0s', false],
    ]);
    expect((await history.check()).map(({ ok }) => ok)).not.toContain(false);
  });

  test('a retention policy that is there is left as it is, and what differs is told with the statement that changes it', async () => {
    const ask = (q: string) => tellInflux(server, q);
    await ask('CREATE DATABASE "kept"');
    await ask('CREATE RETENTION POLICY "homeostat" ON "kept" DURATION 7d REPLICATION 1');
    const history = await opened('kept');
    const wrong = () => history.check().then((checks) => checks.filter(({ ok }) => !ok).map(({ remedy }) => remedy ?? ''));
    const [first] = await wrong();
    expect(first).toContain('ALTER RETENTION POLICY "homeostat" ON "kept" DURATION 2592000s');
    await ask(/run (ALTER [^,]*),/.exec(first!)![1]!);
    const [second] = await wrong();
    expect(second).toBe('run ALTER RETENTION POLICY "homeostat" ON "kept" DEFAULT');
    await ask(second!.slice('run '.length));
    expect(await wrong()).toEqual([]);
  });

  test('takes a reading of any sort, and leaves out what is none', async () => {
    const history = await opened('sorts');
    const now = clock.now();
    history.readings([
      reading(1, now, { value: 'läuft, "gut" = \\ ja\nzwei' }),
      reading(2, now, { value: true }),
      reading(3, now, { value: Number.NaN }),
      reading(4, now, { value: null }),
      reading(5, now, { value: 1e300, element: 'shop/a:b_c.d-e' }),
    ]);
    await until(() => history.waiting.points === 0, 'nothing waits');
    const values = async (element: string) => (await history.history(element, 'load', now - 1_000, now + 1_000)).map(([, value]) => value);
    expect(await values('shop/server-1')).toEqual(['läuft, "gut" = \\ ja\nzwei']);
    expect(await values('shop/server-2')).toEqual([true]);
    expect(await values('shop/server-3')).toEqual([null]);
    expect(await values('shop/server-4')).toEqual([null]);
    expect(await values('shop/a:b_c.d-e')).toEqual([1e300]);
    expect(history.waiting.refused).toBe(0);
  });

  test('a point that is refused neither stops nor loses the others, and is counted', async () => {
    const history = await opened('conflict');
    const now = clock.now();
    await history.check();
    // Another program has written a field of ours with another type.
    const foreign = await fetch(`http://127.0.0.1:${server.port}/write?db=conflict`, {
      method: 'POST',
      body: 'homeostat_manager,manager=x steps="many"',
    });
    expect(foreign.status).toBe(204);
    history.figures([{ manager: 'shop', partition: 0, time: now, fields: { steps: 1 } }]);
    history.readings(Array.from({ length: 999 }, (_, i) => reading(i, now - i)));
    history.figures([{ manager: 'shop', partition: 0, time: now + 1, fields: { steps: 2 } }]);
    await until(() => history.waiting.points === 0, 'nothing waits');
    expect(await count(history)).toBe(999);
    expect(history.waiting).toMatchObject({ refused: 2, dropped: 0 });
  });

  test('of a batch that the server cannot read the good half is found', async () => {
    const history = await opened('rubbish');
    const now = clock.now();
    // A tag that is too long for the server's index: 64 KB.
    history.readings([reading(1, now), reading(2, now, { property: 'p'.repeat(70_000) }), reading(3, now)]);
    await until(() => history.waiting.points === 0, 'nothing waits');
    expect(await count(history)).toBeGreaterThanOrEqual(2);
  });

  test('while the server is away points wait, on disk for those who die, and all are there when it is back', async () => {
    const own = await startInflux();
    try {
      const history = await opened('away', { batch: 500 }, own);
      const now = clock.now();
      history.readings(Array.from({ length: 1_000 }, (_, i) => reading(i, now - i)));
      await until(() => history.waiting.points === 0, 'nothing waits');
      await own.kill();
      for (let i = 1_000; i < 6_000; i += 500) {
        history.readings(Array.from({ length: 500 }, (_, j) => reading(i + j, now - i - j)));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await expect(
        history.entries([{ journal: 'shop', seq: 1, kind: 'started', time: now, step: 1, text: 'a manager started', data: {} }]),
      ).rejects.toThrow('does not answer');
      await until(() => history.away !== undefined, 'it is noticed');
      expect(history.waiting).toMatchObject({ points: 5_000, dropped: 0 });
      // This life ends; the next one finds what it left.
      await history.close();
      const next = await opened('away', { batch: 500 }, own);
      expect(next.waiting.points).toBe(5_000);
      next.readings(Array.from({ length: 100 }, (_, i) => reading(6_000 + i, now - 6_000 - i)));
      await own.restart();
      await until(() => next.waiting.points === 0, 'nothing waits any more');
      expect(await count(next)).toBe(6_100);
      expect(next.away).toBeUndefined();
    } finally {
      await own.stop();
    }
  });

  test('a server that is frozen and killed in the middle loses nothing', async () => {
    const own = await startInflux();
    try {
      const history = await opened('middle', { batch: 200, timeout: '500ms' }, own);
      const now = clock.now();
      let written = 0;
      const write = async (batches: number) => {
        for (let i = 0; i < batches; i++) {
          history.readings(Array.from({ length: 200 }, () => reading(written, now - written++)));
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      };
      await write(20);
      own.freeze();
      await write(20);
      await until(() => history.away !== undefined, 'silence is noticed');
      own.thaw();
      await write(20);
      await own.kill();
      await write(20);
      await own.restart();
      await write(20);
      await until(() => history.waiting.points === 0, 'nothing waits');
      expect({ stored: await count(history), ...history.waiting }).toEqual({
        stored: written,
        points: 0,
        bytes: 0,
        dropped: 0,
        refused: 0,
      });
    } finally {
      await own.stop();
    }
  });

  test('who ends while the server is silent keeps what it has for the next life', async () => {
    const own = await startInflux();
    try {
      const history = await opened('silent', { timeout: '60s' }, own);
      await history.check();
      own.freeze();
      const now = clock.now();
      history.readings(Array.from({ length: 300 }, (_, i) => reading(i, now - i)));
      // It is on its way when the end comes.
      await new Promise((resolve) => setTimeout(resolve, 200));
      history.readings([reading(300, now - 300)]);
      await history.close();
      own.thaw();
      const next = await opened('silent', {}, own);
      await until(() => next.waiting.points === 0, 'nothing waits');
      expect(await count(next)).toBe(301);
    } finally {
      await own.stop();
    }
  });

  test('over the limit of the spool the oldest is dropped, and counted', async () => {
    const own = await startInflux();
    try {
      const history = await opened('full', { batch: 200, spoolBytes: 1 << 16 }, own);
      const now = clock.now();
      await own.kill();
      let written = 0;
      for (let i = 0; i < 200; i++) {
        // Numbers that do not compress well.
        history.readings(Array.from({ length: 200 }, () => reading(written, now - written++, { value: Math.sin(written) * 1e6 })));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await until(
        () => history.waiting.points + history.waiting.dropped === written && history.waiting.bytes <= 1 << 16,
        'the spool has its limit',
      );
      expect(history.waiting.dropped).toBeGreaterThan(0);
      await own.restart();
      await until(() => history.waiting.points === 0, 'nothing waits');
      expect(await count(history)).toBe(written - history.waiting.dropped);
      const [series] = await history.query(
        'SELECT "value" FROM homeostat_reading WHERE time > now() - 1d AND time < now() + 1d ORDER BY time ASC LIMIT 1',
      );
      // Times went backwards here, so the newest that came is the oldest by its time.
      expect(Number(series!.rows[0]!.time)).toBe(now - written + 1);
    } finally {
      await own.stop();
    }
  });

  test('a journal entry that is written twice is one point, and two of one millisecond are two', async () => {
    const history = await opened('entries');
    const time = clock.now();
    const entry = (seq: number, command: string) => ({
      journal: 'shop',
      seq,
      kind: 'command' as const,
      time,
      step: 7,
      element: 'shop',
      type: 'farm',
      policy: 'grow',
      command,
      text: `scale to ${seq} on shop, for grow`,
      data: { command: 'scale', params: { to: seq }, actuator: 'servers', deadlineAt: time + 30_000, facts: { load: 9 } },
    });
    const outcome = {
      ...entry(3, 'shop.7.1'),
      kind: 'outcome' as const,
      data: { command: 'scale', status: 'succeeded', detail: 'done', tookMs: 12 },
    };
    for (let i = 0; i < 3; i++) await history.entries([entry(1, 'shop.7.1'), entry(2, 'shop.7.2'), outcome]);
    expect(await count(history, 'SELECT count("text") FROM homeostat_decision')).toBe(3);
    expect(await count(history, 'SELECT count("id") FROM homeostat_command')).toBe(2);
    expect(await count(history, 'SELECT count("id") FROM homeostat_outcome')).toBe(1);
    expect(await history.entriesOf('shop', time + 1, 10)).toEqual(
      [entry(1, 'shop.7.1'), entry(2, 'shop.7.2'), outcome].map(({ journal: _journal, seq: _seq, type: _type, ...rest }) => rest),
    );
    const [command] = await history.query('SELECT * FROM homeostat_command WHERE time > now() - 1d AND time < now() + 1d LIMIT 1');
    expect(command!.rows[0]).toMatchObject({
      actuator: 'servers',
      command: 'scale',
      deadline: time + 30_000,
      element: 'shop',
      id: 'shop.7.1',
      params: '{"to":1}',
      policy: 'grow',
      type: 'farm',
    });
  });

  describe('with users', () => {
    let guarded: Server;
    const ask = (q: string) => tellInflux(guarded, q, 'admin:admin');
    beforeAll(async () => {
      guarded = await startInflux({ auth: true });
      await ask(`CREATE USER admin WITH PASSWORD 'admin' WITH ALL PRIVILEGES`);
      await ask(`CREATE USER homeostat WITH PASSWORD 'geheim'`);
    });
    afterAll(() => guarded.stop());

    test('who has no right to make the database is told what an operator runs, and writes once that was done', async () => {
      const history = await opened('granted', { username: 'homeostat', password: { env: 'PASSWORD' } }, guarded);
      const wrong = (await history.check()).filter(({ ok }) => !ok);
      expect(wrong.length).toBeGreaterThan(0);
      const remedy = wrong.map((check) => check.remedy).join('\n');
      const statements = /an administrator runs: (CREATE DATABASE "granted"; CREATE RETENTION POLICY [^.]*)\./.exec(remedy)![1]!;
      for (const statement of [...statements.split('; '), 'GRANT ALL ON "granted" TO homeostat']) await ask(statement);
      history.readings([reading(1, clock.now())]);
      await until(() => history.waiting.points === 0, 'it is written');
      expect(await count(history)).toBe(1);
      expect((await history.check()).filter(({ ok }) => !ok)).toEqual([]);
    });

    test('a wrong password is named as such, nowhere told, and the points wait', async () => {
      const history = await opened('granted', { username: 'homeostat', password: { env: 'WRONG' } }, guarded);
      history.readings([reading(2, clock.now())]);
      await until(() => history.away !== undefined, 'it is noticed');
      expect(history.away).toMatch(/does not let us in.*see the user, password or token/);
      expect(history.waiting.points).toBe(1);
      const checks = JSON.stringify(await history.check());
      expect(checks).toContain('correct history.influx.username and password');
      expect(checks).not.toContain('falsch');
      await expect(history.query('SHOW DATABASES')).rejects.toMatchObject({ code: 'H321' });
    });

    test('a secret that is not there is said at the start', async () => {
      await expect(opened('granted', { username: 'homeostat', password: { env: 'NOBODY' } }, guarded)).rejects.toMatchObject({
        code: 'H008',
      });
    });
  });
});
