import { jest } from '@jest/globals';
import { MANAGER, makeFolder, RULES, type Running, start } from './manager.ts';

let running: Running;
const advising = { policies: [{ ...RULES.policies[0], mode: 'advise', advise: { within: '1h' } }] };
beforeEach(async () => {
  running = await start(MANAGER, makeFolder(MANAGER, advising));
});
afterEach(() => running.stop());

const slow = (value: number) => ({ element: 'shop', property: 'responseTime', value });
const servers = () => running.assembly.manager.state.readings.get('shop\tservers')?.value;

/** Makes the shop slow, and waits until somebody is asked. */
async function asked(): Promise<string> {
  await running.ask('POST', '/observations', slow(300));
  await running.until(() => running.assembly.manager.state.advice.size === 1);
  return (await running.ask('GET', '/advice')).body.advice[0].id;
}

test('what is asked is listed with its evidence, first in the status, in explain and in the metrics', async () => {
  const id = await asked();
  expect(id).toMatch(/^shop\.[0-9]+\.a$/);
  const one = {
    id,
    state: 'open',
    policy: 'add-server-when-slow',
    element: 'shop',
    target: 'shop',
    command: 'scale',
    params: { to: 2 },
    why: 'people leave above 250 ms',
    facts: { responseTime: 300, servers: 1, maxServers: 3 },
    conditions: ['responseTime 300 > 200', 'servers 1 < maxServers 3'],
    follows: [],
    otherwise: 'drop',
    author: null,
    reason: null,
  };
  const { body } = await running.ask('GET', '/advice');
  expect(body.advice).toEqual([{ ...one, askedAt: expect.any(Number), until: body.advice[0].askedAt + 3_600_000 }]);
  expect((await running.ask('GET', '/status')).body.advice).toEqual(body.advice);
  expect((await running.ask('GET', '/explain?element=shop')).body.explanations[0].summary).toMatch(
    new RegExp(`^held back now by mode: advise: asked .* of 60 min left; approve with: homeostat approve ${id.replaceAll('.', '\\.')}$`),
  );
  const { text } = await running.ask('GET', '/metrics');
  expect(text).toContain('homeostat_advice{phase="open"} 1');
  expect(text).toContain('homeostat_advice_total{kind="asked"} 1');
});

test('an approval is answered with the command that it became', async () => {
  const id = await asked();
  const { status, body } = await running.ask('POST', `/advice/${id}/approve`, { author: 'ann', reason: 'the sale' });
  expect({ status, body }).toMatchObject({
    status: 200,
    body: { id, is: 'committed', command: expect.stringMatching(/^shop\.[0-9]+\.0$/) },
  });
  await running.until(() => servers() === 2);
  expect((await running.ask('GET', '/journal?limit=1000')).body.entries).toContainEqual(
    expect.objectContaining({ kind: 'command', data: expect.objectContaining({ advice: id, approvedBy: 'ann', approvedFor: 'the sale' }) }),
  );
  expect((await running.ask('GET', '/advice')).body.advice).toEqual([]);
  expect(await running.ask('POST', `/advice/${id}/approve`, { author: 'ann' })).toMatchObject({
    status: 404,
    body: { code: 'H005', message: expect.stringContaining('nothing is asked now') },
  });
});

test('an approval that a gate holds back is answered with the gate, and is done when the gate lets it', async () => {
  const id = await asked();
  await running.ask('POST', '/pause', { scope: { policy: 'add-server-when-slow' }, reason: 'wait', author: 'bob' });
  expect(await running.ask('POST', `/advice/${id.replace('shop.', '')}/approve`, { author: 'ann' })).toMatchObject({
    status: 200,
    body: { id, is: 'held', gate: 'paused', reason: expect.stringContaining('by bob'), until: expect.any(Number) },
  });
  expect((await running.ask('GET', '/advice')).body.advice).toMatchObject([{ id, state: 'approved', author: 'ann' }]);
  await running.ask('POST', '/resume', { scope: { policy: 'add-server-when-slow' }, reason: 'go', author: 'bob' });
  await running.until(() => servers() === 2);
});

test('an approval of something that has changed by now does nothing and says what is asked instead', async () => {
  const id = await asked();
  const { bus, clock, manager } = running.assembly;
  const signal = bus.signal.bind(bus);
  jest.spyOn(bus, 'signal').mockImplementation((event) => {
    if (event.kind === 'answered')
      bus.observe({ kind: 'observation', element: 'shop', property: 'servers', value: 2, time: clock.now(), source: 'test' });
    return signal(event);
  });
  const { status, body } = await running.ask('POST', `/advice/${id}/approve`, { author: 'ann' });
  expect({ status, body }).toMatchObject({
    status: 200,
    body: { id, is: 'superseded', reason: expect.stringContaining('scale to 3 on shop') },
  });
  expect([...manager.state.advice.rows()]).toMatchObject([{ id: body.by, params: { to: 3 }, phase: 'open' }]);
  expect(servers()).toBe(2);
});

test('a rejection needs a reason, and is not asked again', async () => {
  const id = await asked();
  expect(await running.ask('POST', `/advice/${id}/reject`, { author: 'ann' })).toMatchObject({ status: 400, body: { code: 'H003' } });
  expect(await running.ask('POST', `/advice/${id}/reject`, { author: 'ann', reason: 'not now' })).toMatchObject({
    status: 200,
    body: { id, is: 'rejected' },
  });
  await running.ask('POST', '/observations', slow(301));
  await running.until(() => running.assembly.manager.state.readings.get('shop\tresponseTime')?.value === 301);
  expect((await running.ask('GET', '/advice')).body.advice).toEqual([]);
  expect((await running.ask('GET', '/status')).body.symptoms).toMatchObject([
    { heldBy: 'mode', reason: expect.stringContaining('rejected by ann') },
  ]);
});

test('answers are behind the token', async () => {
  const id = await asked();
  for (const what of ['approve', 'reject'])
    expect(await running.ask('POST', `/advice/${id}/${what}`, { author: 'me', reason: 'x' }, { authorization: 'Bearer no' })).toMatchObject(
      {
        status: 401,
      },
    );
  expect(running.assembly.manager.state.advice.size).toBe(1);
});
