/** An embedded manager whose history is in a real InfluxDB: what it writes, what it does without it, and how it begins anew from it. */
import { rmSync } from 'node:fs';
import { statusLines } from '../../src/cli/status-text.ts';
import { MANAGER, makeFolder, RULES, type Running, start } from '../api/manager.ts';
import { describeWith, type Server, startInflux } from '../servers/index.ts';

const WINDOW_MS = 300_000;

describeWith('influx', 'a manager with InfluxDB', () => {
  let server: Server;
  let running: Running | undefined;
  let place: { folder: string; file: string } | undefined;
  beforeAll(async () => {
    server = await startInflux();
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    if (place !== undefined) rmSync(place.folder, { recursive: true, force: true });
  });

  const manager = (database: string, port = server.port) => ({
    ...MANAGER,
    types: {
      ...MANAGER.types,
      farm: {
        ...MANAGER.types.farm,
        properties: {
          ...MANAGER.types.farm.properties,
          responseTime: { unit: 'ms', stale: '2s' },
          latency: { stale: '1h', gauge: { kind: 'mean', of: 'latencyMs', window: '5m' } },
          calls: { stale: '1h', gauge: { kind: 'count', of: 'latencyMs', window: '5m' } },
          servers: { initial: 1, stale: 'never' },
        },
      },
    },
    history: {
      influx: {
        url: `http://127.0.0.1:${port}`,
        database,
        age: '20ms',
        timeout: '1s',
        resolution: '0s',
        downsample: [{ every: '10s', keep: '1d' }],
      },
    },
  });
  const ask = async (database: string, q: string, port = server.port): Promise<Record<string, unknown>[]> => {
    const answer = await fetch(`http://127.0.0.1:${port}/query?${new URLSearchParams({ db: database, epoch: 'ms', q })}`);
    const { results } = (await answer.json()) as { results: { series?: { columns: string[]; values: unknown[][]; tags?: object }[] }[] };
    return (results[0]?.series ?? []).flatMap(({ columns, values, tags }) =>
      values.map((row) => ({ ...tags, ...Object.fromEntries(columns.map((column, i) => [column, row[i]])) })),
    );
  };
  const recent = 'time > now() - 1d AND time < now() + 1d';
  const until = async (isSo: () => boolean | Promise<boolean>, what: string): Promise<void> => {
    for (let i = 0; i < 500; i++) {
      if (await isSo()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`it never came to be that ${what}`);
  };
  const observe = (property: string, value: number, time: number, everyMs?: number) =>
    running!.assembly.bus.observe({
      kind: 'observation',
      element: 'shop',
      property,
      value,
      time,
      source: 'till',
      ...(everyMs === undefined ? {} : { everyMs }),
    });
  const journalOf = () => running!.assembly.store.journal(0, 100_000);

  test('readings, observations of windows, every decision and its own figures are there', async () => {
    running = await start(manager('whole'));
    const { clock } = running.assembly;
    observe('responseTime', 300, clock.now());
    for (let i = 0; i < 10; i++) observe('latencyMs', i, clock.now() - 100 + i, 1_000);
    await running.until(() => journalOf().some(({ kind }) => kind === 'outcome'));
    await running.until(() => running!.assembly.manager.state.readings.get('shop\tservers')?.value === 2);
    await until(() => running!.assembly.history!.health().entries === 0, 'all entries are stored');
    const entries = journalOf();
    const stored = await ask(
      'whole',
      `SELECT "text", "seq", "kind", "policy", "reason", "element", "type" FROM homeostat_decision WHERE ${recent}`,
    );
    expect(stored.map(({ text, kind }) => [kind, text])).toEqual(entries.map(({ text, kind }) => [kind, text]));
    expect(stored.find(({ kind }) => kind === 'symptom')).toMatchObject({
      policy: 'add-server-when-slow',
      reason: 'raised',
      element: 'shop',
      type: 'farm',
    });
    expect(await ask('whole', `SELECT * FROM homeostat_command WHERE ${recent}`)).toMatchObject([
      { actuator: 'set', command: 'scale', element: 'shop', policy: 'add-server-when-slow', type: 'farm', params: '{"to":2}' },
    ]);
    expect(await ask('whole', `SELECT * FROM homeostat_outcome WHERE ${recent}`)).toMatchObject([
      { command: 'scale', status: 'succeeded', element: 'shop' },
    ]);
    await until(() => running!.assembly.history!.health().points === 0, 'nothing waits');
    expect(await ask('whole', `SELECT "value" FROM homeostat_observation WHERE "property" = 'latencyMs' AND ${recent}`)).toHaveLength(10);
    expect(
      await ask('whole', `SELECT "value", "every" FROM homeostat_observation WHERE "property" = 'responseTime' AND ${recent}`),
    ).toEqual([]);
    const servers = await ask('whole', `SELECT "value" FROM homeostat_reading WHERE "property" = 'servers' AND ${recent}`);
    expect(servers.map(({ value }) => value)).toEqual([1, 2]);
    const answer = await running.ask('GET', '/history?element=shop&property=servers');
    expect(answer.body.points.map(([, value]: [number, number]) => value)).toEqual([1, 2]);
    // What is gathered is written at the end.
    await running.stop();
    running = undefined;
    expect(
      await ask('whole', `SELECT "last", "seconds" FROM "homeostat_10s".homeostat_reading_10s WHERE "property" = 'servers' AND ${recent}`),
    ).not.toEqual([]);
    expect(
      await ask(
        'whole',
        `SELECT "steps", "stepMs", "symptoms", "spoolPoints" FROM homeostat_manager WHERE "manager" = 'shop' AND ${recent}`,
      ),
    ).toMatchObject([{ symptoms: 1 }]);
  });

  test('while InfluxDB is away the manager goes on, says so, and afterwards all is there', async () => {
    const own = await startInflux();
    try {
      place = makeFolder(manager('away', own.port));
      running = await start(manager('away', own.port), place);
      await until(() => running!.assembly.history!.health().entries === 0, 'the first entries are stored');
      await own.kill();
      const { clock } = running.assembly;
      observe('responseTime', 300, clock.now());
      await running.until(() => journalOf().some(({ kind }) => kind === 'outcome'));
      await until(() => running!.assembly.history!.health().away !== null, 'it is noticed');
      const { body } = await running.ask('GET', '/status');
      expect(body.health.history).toMatchObject({ dropped: 0, away: expect.stringContaining('does not answer') });
      expect(statusLines({ running: true, ...body }, place.folder).join('\n')).toMatch(/InfluxDB takes nothing/);
      expect((await running.ask('GET', '/metrics')).text).toMatch(
        /homeostat_server_up\{server="influx"\} 0[\s\S]*homeostat_spool_entries [1-9]/,
      );
      // Killed while it waits: the next life of the manager has the rest to tell.
      await running.stop();
      await own.restart();
      running = await start(manager('away', own.port), place);
      await until(() => running!.assembly.history!.health().entries === 0, 'all entries are stored');
      await until(() => running!.assembly.history!.health().points === 0, 'nothing waits');
      const stored = await ask('away', `SELECT "text" FROM homeostat_decision WHERE ${recent}`, own.port);
      expect(stored.map(({ text }) => text)).toEqual(journalOf().map(({ text }) => text));
      const servers = await ask('away', `SELECT "value" FROM homeostat_reading WHERE "property" = 'servers' AND ${recent}`, own.port);
      expect(servers.map(({ value }) => value)).toContain(2);
    } finally {
      await running?.stop();
      running = undefined;
      await own.stop();
    }
  });

  test('a manager whose folder is gone fills its windows again, and acts on nothing that is stale', async () => {
    place = makeFolder(manager('warm'), { policies: [{ ...RULES.policies[0]!, cooldown: '1ms' }] });
    running = await start(manager('warm'), place);
    const { clock } = running.assembly;
    const began = clock.now();
    const samples = Array.from({ length: 290 }, (_, i) => ({ value: (i * 37) % 101, time: began - 290_000 + i * 1_000 + 0.5 }));
    for (const { value, time } of samples) observe('latencyMs', value, time, 1_000);
    observe('responseTime', 900, clock.now());
    await running.until(() => journalOf().some(({ kind }) => kind === 'outcome'));
    await running.until(() => running!.assembly.manager.state.readings.get('shop\tcalls')?.value === 290);
    const observedAt = running.assembly.manager.state.readings.get('shop\tresponseTime')!.time;
    await running.stop();
    running = undefined;
    await until(() => clock.now() > observedAt + 2_100, 'the last response time is stale');
    rmSync(`${place.folder}/.homeostat`, { recursive: true });
    running = await start(manager('warm'), place);
    const { state } = running.assembly.manager;
    await running.until(() => state.readings.get('shop\tcalls')?.why === null);
    const { now } = state.position;
    const within = samples.filter(({ time }) => time > now - WINDOW_MS);
    expect(within.length).toBeGreaterThan(250);
    expect(state.readings.get('shop\tcalls')).toMatchObject({ value: within.length, why: null });
    expect(state.readings.get('shop\tlatency')!.value).toBeCloseTo(within.reduce((sum, { value }) => sum + value, 0) / within.length, 9);
    expect(state.readings.get('shop\tresponseTime')).toMatchObject({ why: 'stale', time: observedAt });
    // What was measured is known again; what the file says is the file's to say.
    expect(state.readings.get('shop\tservers')).toMatchObject({ value: 2, why: null });
    expect(state.readings.get('shop\tmaxServers')).toMatchObject({ value: 3 });
    expect(state.series.get('shop\tmaxServers')).toBeUndefined();
    expect(state.series.get('shop\tlatencyMs')!.sources).toEqual(['history']);
    expect(journalOf().filter(({ kind }) => kind === 'command' || kind === 'deadLetter')).toEqual([]);
    // A measurement that is new is acted on.
    observe('responseTime', 900, running.assembly.clock.now());
    await running.until(() => journalOf().some(({ kind }) => kind === 'command'));
  });

  test('a manager whose folder is gone starts also while InfluxDB is away', async () => {
    running = await start(manager('nowhere', 1));
    observe('responseTime', 300, running.assembly.clock.now());
    await running.until(() => journalOf().some(({ kind }) => kind === 'outcome'));
  });
});
