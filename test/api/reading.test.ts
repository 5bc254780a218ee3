import { setTimeout } from 'node:timers/promises';
import { MANAGER, type Running, start } from './manager.ts';

let running: Running;
beforeEach(async () => {
  running = await start();
});
afterEach(() => running.stop());

const observe = async (property: string, value: number) => {
  expect(await running.ask('POST', '/observations', { element: 'shop', property, value })).toMatchObject({
    status: 202,
    body: { accepted: 1 },
  });
  await running.until(() => running.assembly.manager.state.readings.get(`shop\t${property}`)?.value === value);
};

test('status tells readings, symptoms and what holds them back, and the inputs that have had no value since the start', async () => {
  await observe('responseTime', 212);
  const { status, body } = await running.ask('GET', '/status');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    domain: 'shop',
    mode: 'act',
    policies: 1,
    pid: process.pid,
    elementsLeftOut: 0,
    elements: [
      {
        id: 'shop',
        type: 'farm',
        readings: {
          maxServers: { value: 3, ageMs: null },
          responseTime: { value: 212, unit: 'ms', ageMs: expect.any(Number) },
          sales: { value: null, why: expect.any(String) },
        },
      },
    ],
    symptoms: [
      {
        policy: 'add-server-when-slow',
        element: 'shop',
        since: expect.any(Number),
        heldBy: 'dead-zone',
        reason: 'responseTime 212 ms is within 150…250 ms (38 ms short)',
      },
    ],
    commands: [],
    neverSeen: ['shop.sales'],
    probes: [],
    pauses: [],
    health: { storeFailure: null, stepping: true, waiting: { signals: 0, telemetry: 0 } },
  });
  expect((await running.ask('GET', '/status?element=shop/x')).body.elements).toEqual([]);
  expect((await running.ask('GET', '/status?limit=0')).body).toMatchObject({ elements: [], elementsLeftOut: 1 });
});

test('the journal is given by number, and who has read all may wait for the next', async () => {
  const first = (await running.ask('GET', '/journal?after=0')).body.entries;
  expect(first[0]).toMatchObject({ seq: 1, kind: 'started' });
  expect((await running.ask('GET', '/journal?after=0&limit=1')).body.entries).toEqual([first[0]]);
  expect((await running.ask('GET', '/journal?limit=1')).body.entries).toEqual([first.at(-1)]);
  const last = first.at(-1).seq;
  expect((await running.ask('GET', `/journal?after=${last}`)).body.entries).toEqual([]);
  const waiting = running.ask('GET', `/journal?after=${last}&waitMs=20000`);
  await running.ask('POST', '/pause', { scope: { policy: 'add-server-when-slow' }, reason: 'a test', author: 'me' });
  expect((await waiting).body.entries).toMatchObject([
    { seq: last + 1, kind: 'pause' },
    { seq: last + 2, kind: 'audit' },
  ]);
});

test('the history gives the changes of a reading, whatever the end of the span', async () => {
  await observe('responseTime', 100);
  await observe('responseTime', 120);
  const history = async () => (await running.ask('GET', '/history?element=shop&property=responseTime&to=8000000000000000')).body;
  const values = async () => (await history()).points.map(([, value]: [number, unknown]) => value);
  // A reading is in the model before its step is committed.
  while ((await values()).at(-1) !== 120) await setTimeout(5);
  expect([null, 100, 120].slice(-(await values()).length)).toEqual(await values());
  expect((await history()).more).toBe(false);
});

test('explain tells why, and what was done last', async () => {
  await observe('responseTime', 300);
  await running.until(
    () => running.assembly.manager.state.commands.size === 0 && running.assembly.manager.state.readings.get('shop\tservers')?.value === 2,
  );
  const { body } = await running.ask('GET', '/explain?element=shop&policy=add-server-when-slow');
  expect(body.explanations).toMatchObject([
    {
      policy: 'add-server-when-slow',
      symptom: 'raised',
      summary: expect.stringMatching(/^held back now by cooldown: .* of 1 h left$|^held back now by cooldown: .* of 60 min left$/),
      lastActed: { text: 'scale to 2 on shop', outcome: 'succeeded' },
    },
  ]);
  expect(await running.ask('GET', '/explain?element=shop&policy=add-server-when-slwo')).toMatchObject({
    status: 404,
    body: { code: 'H005', message: expect.stringContaining('did you mean "add-server-when-slow"?') },
  });
  expect(await running.ask('GET', '/explain?element=shp')).toMatchObject({ status: 404 });
});

test('metrics are in the format of Prometheus', async () => {
  await observe('responseTime', 212);
  const { status, text } = await running.ask('GET', '/metrics');
  expect(status).toBe(200);
  const lines = text.trim().split('\n');
  for (const line of lines) expect(line).toMatch(/^# (HELP|TYPE) [a-z_]+ .+$|^[a-z_]+(\{[a-z_]+="[^"]*"\})? -?[0-9.e+-]+$/);
  expect(lines).toContain('homeostat_symptoms 1');
  expect(lines).toContain('homeostat_symptoms_held{gate="dead-zone"} 1');
  expect(lines).toContain('homeostat_elements 1');
  const names = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
  expect(new Set(names).size).toBe(names.length);
});

test('a manager that observes says what it would do', async () => {
  const observer = await start({ ...MANAGER, mode: 'observe' });
  await observer.ask('POST', '/observations', { element: 'shop', property: 'responseTime', value: 300 });
  await observer.until(() => observer.assembly.store.journal(0, -1)[0]?.kind === 'would');
  expect((await observer.ask('GET', '/explain?element=shop')).body.explanations[0].lastActed).toMatchObject({
    text: 'would scale to 2 on shop',
    command: null,
    outcome: null,
  });
  await observer.stop();
});
