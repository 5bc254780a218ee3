/** What a manager has written to a real InfluxDB goes through policies again, without its folder. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordingOfInflux } from '../../src/cli/replay-influx.ts';
import { type Comparison, compare } from '../../src/courses/compare.ts';
import { otherSetup } from '../../src/courses/other-setup.ts';
import { MANAGER, RULES, type Running, start } from '../api/manager.ts';
import { describeWith, type Server, startInflux } from '../servers/index.ts';

describeWith('influx', 'replay from InfluxDB', () => {
  let server: Server;
  let running: Running | undefined;
  beforeAll(async () => {
    server = await startInflux();
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    await running?.stop();
    if (running !== undefined) rmSync(running.folder, { recursive: true, force: true });
  });

  /** The manager that other tests have, with a window. */
  const manager = () => {
    const types = structuredClone(MANAGER.types);
    Object.assign(types.farm.properties, {
      responseTime: { unit: 'ms', stale: '1h' },
      latency: { stale: '1h', gauge: { kind: 'mean', of: 'latencyMs', window: '5m' } },
    });
    const influx = { url: `http://127.0.0.1:${server.port}`, database: 'replayed', age: '20ms', timeout: '5s', resolution: '0s' };
    return { ...MANAGER, types, history: { influx } };
  };
  const commands = ({ lines }: Comparison) =>
    lines
      .filter(({ kind }) => kind === 'command')
      .map(({ policy, what, recorded, other }) => [policy, what, recorded !== undefined, other !== undefined]);

  test('its own policies decide the same, and others what their thresholds say', async () => {
    running = await start(manager());
    const { folder, file, assembly } = running;
    const { clock, bus, store } = assembly;
    const began = clock.now() - 1_000;
    // Each at an instant of its own: the same source and time twice is one observation.
    let serial = 0;
    const observe = (property: string, value: number) =>
      bus.observe({ kind: 'observation', element: 'shop', property, value, time: clock.now() - 50 + serial++, source: 'till' });
    for (const value of [100, 120, 140]) observe('latencyMs', value);
    observe('responseTime', 210);
    await running.until(() => store.journal(0, 10_000).some(({ kind }) => kind === 'outcome'));
    for (const value of [160, 180]) observe('latencyMs', value);
    await running.until(() => running!.assembly.manager.state.readings.get('shop\tlatency')?.value === 140);
    const waiting = () => running!.assembly.history!.health().entries + running!.assembly.history!.health().points;
    for (let i = 0; i < 500 && waiting() > 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(waiting()).toBe(0);
    const ended = clock.now();
    const through = async (...policies: object[]): Promise<Comparison> => {
      const other = join(folder, 'other.json');
      writeFileSync(other, JSON.stringify({ policies }));
      return compare(await recordingOfInflux(file, began, ended), otherSetup([other]).documentOf);
    };
    const [own] = RULES.policies;
    const same = await through(own!);
    expect(commands(same)).toEqual([['add-server-when-slow', 'scale to 2', true, true]]);
    expect(same).toMatchObject({ differences: 0, departures: { modelled: 0, outcomes: 0 } });
    const byLatency = (value: number) => ({
      ...own!,
      name: 'by-latency',
      conditions: { all: [{ fact: 'latency', operator: 'greaterThan', value }] },
    });
    // Which of the two came first is the machine's to say.
    const both = commands(await through(byLatency(130)));
    expect(both).toHaveLength(2);
    expect(both).toEqual(
      expect.arrayContaining([
        ['add-server-when-slow', 'scale to 2', true, false],
        ['by-latency', 'scale to 2', false, true],
      ]),
    );
    // The mean of all five is 140.
    expect(commands(await through(byLatency(140)))).toEqual([['add-server-when-slow', 'scale to 2', true, false]]);
    await expect(recordingOfInflux(file, began - 7_200_000, began - 3_600_000)).rejects.toThrow('holds nothing of that time');
  }, 60_000);
});
