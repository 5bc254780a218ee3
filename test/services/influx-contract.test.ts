/** The contract of every history, kept by a real InfluxDB. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { SystemClock } from '../../src/clock.ts';
import { type InfluxHistory, openInflux } from '../../src/history/influx.ts';
import { type Kept, keepsTheHistory } from '../history/contract.ts';
import { describeWith, type Server, startInflux } from '../servers/index.ts';

describeWith('influx', 'the history in InfluxDB', () => {
  const clock = new SystemClock();
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-influx-'));
  const opened: InfluxHistory[] = [];
  let server: Server;
  beforeAll(async () => {
    server = await startInflux();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((history) => history.close()));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  let databases = 0;
  const open = async (): Promise<Kept> => {
    const database = `contract${++databases}`;
    const history = await openInflux(
      { url: `http://127.0.0.1:${server.port}`, database, age: '10ms' },
      { clock, random: () => 0.5, log: pino({ level: 'silent' }), folder: join(folder, database), directory: folder, environment: {} },
    );
    opened.push(history);
    return {
      reader: history,
      write: async (readings, entries = []) => {
        history.readings(readings);
        if (entries.length > 0) await history.entries(entries);
        while (history.waiting.points > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      },
    };
  };
  keepsTheHistory(open, () => clock.now() - 60_000);

  test('a history of more points than one answer holds is given whole', async () => {
    const { reader, write } = await open();
    const from = clock.now() - 100_000;
    await write(Array.from({ length: 45_000 }, (_, i) => ({ element: 'shop', type: 'farm', property: 'load', value: i, time: from + i })));
    const points = await reader.history('shop', 'load', from, from + 100_000);
    expect(points.length).toBe(45_000);
    expect(points.every(([time, value], i) => time === from + i && value === i)).toBe(true);
  });

  test('a reading that is written again because it did not change is no second point', async () => {
    const { reader, write } = await open();
    const t = clock.now() - 1_000;
    const reading = (value: number, time: number) => ({ element: 'shop', type: 'farm', property: 'load', value, time });
    await write([reading(1, t), reading(1, t + 10), reading(2, t + 20), reading(2, t + 30), reading(1, t + 40)]);
    expect(await reader.history('shop', 'load', t, t + 100)).toEqual([
      [t, 1],
      [t + 20, 2],
      [t + 40, 1],
    ]);
  });
});
