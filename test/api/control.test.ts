import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { MANAGER, RULES, type Running, start } from './manager.ts';

let running: Running;
beforeEach(async () => {
  running = await start();
});
afterEach(() => running.stop());

const said = { reason: 'a test', author: 'me' };
const slow = { element: 'shop', property: 'responseTime', value: 300 };

test('a pause is in force when the answer comes, holds what it covers, and is ended by its scope', async () => {
  const scope = { policy: 'add-server-when-slow' };
  expect(await running.ask('POST', '/pause', { scope, ...said, for: '1h' })).toMatchObject({
    status: 200,
    body: { scope, until: expect.any(Number) },
  });
  await running.ask('POST', '/observations', slow);
  await running.until(() => running.assembly.manager.derived.raised.size === 1);
  const { body } = await running.ask('GET', '/status');
  expect(body).toMatchObject({ pauses: [{ scope, ...said }], symptoms: [{ heldBy: 'paused' }], commands: [] });
  expect(await running.ask('POST', '/resume', { scope: { type: 'farm' }, ...said })).toMatchObject({ status: 200, body: { pauses: [] } });
  expect((await running.ask('POST', '/resume', { scope, ...said })).body.pauses).toHaveLength(1);
  await running.until(() => running.assembly.manager.state.readings.get('shop\tservers')?.value === 2);
});

test('a pause by direction holds what fits, and says what it held back when it ends', async () => {
  const scope = { direction: 'up', type: 'farm' };
  expect(await running.ask('POST', '/pause', { scope, ...said })).toMatchObject({ status: 200, body: { scope } });
  await running.ask('POST', '/observations', slow);
  await running.until(() => running.assembly.manager.derived.raised.size === 1);
  const { body } = await running.ask('GET', '/status');
  expect(body).toMatchObject({ pauses: [{ scope, held: 1 }], symptoms: [{ heldBy: 'paused' }], commands: [] });
  const again = { type: 'farm', direction: 'up' };
  expect(await running.ask('POST', '/resume', { scope: again, ...said })).toMatchObject({
    body: { pauses: [expect.any(String)], held: 1 },
  });
  await running.until(() => running.assembly.manager.state.readings.get('shop\tservers')?.value === 2);
  expect(await running.ask('POST', '/pause', { scope: { concern: 'performanse' }, ...said })).toMatchObject({
    status: 400,
    body: { findings: [{ pointer: '/scope/concern', message: expect.stringContaining('no concern is named "performanse"') }] },
  });
  expect(await running.ask('POST', '/pause', { scope: { labels: { site: 'north' } }, ...said })).toMatchObject({
    status: 400,
    body: { findings: [{ pointer: '/scope/labels/site', message: 'no element has the label site=north' }] },
  });
  for (const wrong of [{ labels: {} }, { labels: { site: 1 } }, { direction: 'sideways' }])
    expect(await running.ask('POST', '/pause', { scope: wrong, ...said })).toMatchObject({ status: 400, body: { code: 'H003' } });
});

test('the emergency stop is in force before any step has seen it', async () => {
  const order: string[] = [];
  const { executor, bus } = running.assembly;
  const [withhold, signal] = [executor.withhold.bind(executor), bus.signal.bind(bus)];
  jest.spyOn(executor, 'withhold').mockImplementation((detail) => {
    order.push('withhold');
    withhold(detail);
  });
  jest.spyOn(bus, 'signal').mockImplementation((event) => {
    order.push(event.kind);
    return signal(event);
  });
  expect(await running.ask('POST', '/pause', { scope: {}, ...said })).toMatchObject({ status: 200, body: { scope: {}, until: null } });
  expect(order.slice(0, 2)).toEqual(['withhold', 'pause']);
});

test('a misspelt scope would pause nothing: it is refused', async () => {
  expect(await running.ask('POST', '/pause', { scope: { element: 'shpo', policy: 'add-server' }, ...said })).toMatchObject({
    status: 400,
    body: {
      code: 'H005',
      findings: [{ pointer: '/scope/element', message: 'no element is named "shpo"; did you mean "shop"?' }, { pointer: '/scope/policy' }],
    },
  });
  expect(await running.ask('POST', '/pause', { ...said })).toMatchObject({ status: 400, body: { code: 'H003' } });
  expect(await running.ask('POST', '/pause', { scope: { elment: 'shop' }, ...said })).toMatchObject({
    status: 400,
    body: { findings: [{ pointer: '/scope/elment', message: expect.stringContaining('did you mean "element"?') }] },
  });
  expect(await running.ask('POST', '/pause', { scope: {}, ...said, for: 'ever' })).toMatchObject({
    status: 400,
    body: { findings: [{ pointer: '/for' }] },
  });
  expect(running.assembly.manager.state.pauses.size).toBe(0);
});

test('a reload with a mistake keeps the whole old set, and answers with all findings', async () => {
  const before = running.assembly.manager.derived.blueprint;
  const [rule] = RULES.policies;
  const wrong = { ...rule, conditions: { all: [{ fact: 'responsTime', operator: 'greaterThen', value: 1 }] } };
  writeFileSync(
    join(running.folder, 'rules.json'),
    JSON.stringify({
      policies: [
        { ...rule, priority: 7 },
        { ...wrong, name: 'wrong' },
        { ...rule, name: 'lost', scope: { type: 'frm' } },
      ],
    }),
  );
  const { status, body } = await running.ask('POST', '/reload');
  expect(status).toBe(422);
  expect(body.findings.map((f: { code: string }) => f.code)).toEqual(expect.arrayContaining(['H104', 'H005']));
  expect(running.assembly.manager.derived.blueprint).toBe(before);
});

test('a reload brings policies into force, and says what waits for a restart', async () => {
  writeFileSync(
    join(running.folder, 'rules.json'),
    JSON.stringify({ policies: [...RULES.policies, { ...RULES.policies[0], name: 'another', priority: 2 }] }),
  );
  expect(await running.ask('POST', '/reload')).toMatchObject({ status: 200, body: { changed: true, policies: 2, needsRestart: [] } });
  expect([...running.assembly.manager.derived.blueprint.policies.keys()]).toEqual(['add-server-when-slow', 'another']);
  writeFileSync(running.file, JSON.stringify({ ...MANAGER, probes: [], actuators: { word: { kind: 'log' } } }));
  expect(await running.ask('POST', '/reload')).toMatchObject({
    status: 200,
    body: { changed: true, needsRestart: ['probes', 'actuators'] },
  });
});
