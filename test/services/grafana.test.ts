/** Every question of every dashboard, on a real InfluxDB after a run of a real manager, has an answer. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { SystemClock } from '../../src/clock.ts';
import { HistoryFollower } from '../../src/history/follow.ts';
import { openInflux } from '../../src/history/influx.ts';
import { Rig } from '../manager/rig.ts';
import { withoutRows } from '../servers/dashboards.ts';
import { describeWith, type Server, startInflux } from '../servers/index.ts';
import type { Given } from '../step/world.ts';

const when = (fact: string, operator: string, value: unknown) => ({ all: [{ fact, operator, value }] });
const GIVEN: Given = {
  types: {
    farm: {
      properties: {
        load: { stale: '10s' },
        servers: { initial: 1, stale: 'never' },
        mean: { gauge: { kind: 'mean', of: 'load', window: '30s' } },
      },
      commands: { scale: { property: 'servers', resource: 'servers', effects: { load: 'falls' }, deadline: '5s', min: 1, max: 9 } },
    },
  },
  elements: { shop: { type: 'farm' } },
  policies: [
    {
      name: 'grow',
      scope: { type: 'farm' },
      priority: 9,
      conditions: when('load', 'greaterThan', 5),
      for: '3s',
      cooldown: '20s',
      actions: [{ command: 'scale', params: { by: 1 } }],
      expect: {
        within: '10s',
        conditions: when('load', 'lessThan', 5),
        otherwise: [{ command: 'notify', params: { text: 'it did not help' } }],
      },
    },
    {
      name: 'rival',
      scope: { type: 'farm' },
      conditions: when('load', 'greaterThan', 6),
      for: '3s',
      cooldown: '40s',
      actions: [{ command: 'scale', params: { to: 2 } }],
    },
    {
      name: 'shrink',
      scope: { type: 'farm' },
      conditions: when('mean', 'lessThan', 3),
      cooldown: '30s',
      actions: [{ command: 'scale', params: { by: -1 } }],
    },
  ],
};
const RUN_S = 240;
/** High for longer than an effect is awaited at first; in the second half it helps soon. */
const loadAt = (second: number): number => (second % 80 >= 40 ? 2 : second < 120 || second % 80 < 6 ? 8 : 4.5);

describeWith('influx', 'the dashboards', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startInflux();
  });
  afterAll(() => server.stop());

  test('every panel, mark and choice has rows after a run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'homeostat-grafana-'));
    const clock = new SystemClock();
    const history = await openInflux(
      { url: `http://127.0.0.1:${server.port}`, database: 'homeostat', age: '20ms' },
      { clock, random: () => 0.5, log: pino({ level: 'silent' }), folder, directory: folder, environment: {} },
    );
    const from = clock.now() - RUN_S * 1_000 - 60_000;
    let commands = 0;
    let follower: HistoryFollower | undefined;
    const rig = new Rig({
      given: GIVEN,
      startAt: from,
      onStep: (result, events) => follower?.onStep(result, events),
      execute: async ({ command }) => {
        if (++commands % 4 === 0) return { status: 'failed', detail: 'no machine left' };
        const { to } = command.params;
        const observations =
          to === undefined ? [] : [{ element: 'shop', property: 'servers', value: to, time: rig.clock.now(), source: 'actuator' }];
        return { status: 'succeeded', detail: '', observations };
      },
    });
    try {
      follower = new HistoryFollower({
        clock: rig.clock,
        writer: history,
        layout: history.layout,
        manager: 'shop',
        partition: 0,
        state: () => rig.manager.state,
        derived: () => rig.manager.derived,
        health: () => rig.manager.health,
        figures: () => ({
          lag: 0,
          waitingSignals: rig.bus.waiting.signals,
          waitingTelemetry: rig.bus.waiting.telemetry,
          symptoms: rig.manager.derived.raised.size,
          commandsInFlight: rig.manager.state.commands.size,
          commandsRunning: rig.executor.counts().running,
          elements: rig.manager.state.elements.size,
        }),
      });
      for (let second = 0; second < RUN_S; second++) {
        rig.put(rig.seen('shop', 'load', loadAt(second)));
        await rig.run(1_000);
      }
      follower.close();
      const entries = rig.store.journal(0, 100_000);
      await history.entries(entries.map((entry) => ({ ...entry, journal: 'shop', ...(entry.element === 'shop' ? { type: 'farm' } : {}) })));
      while (history.waiting.points > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      const kinds = [...new Set(entries.map(({ kind }) => kind))];
      expect(kinds).toEqual(expect.arrayContaining(['symptom', 'held', 'lost', 'command', 'outcome', 'effect']));

      const span = { from, to: clock.now(), interval: '10s', variables: { element: 'shop' } };
      expect(await withoutRows((query) => history.query(query), span)).toEqual([]);
    } finally {
      follower?.close();
      await rig.kill();
      await history.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
