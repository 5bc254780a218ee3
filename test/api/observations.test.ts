import { MANAGER, type Running, start } from './manager.ts';

let running: Running;
beforeEach(async () => {
  running = await start();
});
afterEach(() => running.stop());

const seriesOf = (key: string) => running.assembly.manager.state.series.get(key);

test('one observation, or many, without time and source', async () => {
  expect(await running.ask('POST', '/observations', { element: 'shop', property: 'responseTime', value: 100 })).toMatchObject({
    status: 202,
    body: { accepted: 1, refused: 0, findings: [] },
  });
  expect(await running.ask('POST', '/observations', [])).toMatchObject({ status: 202, body: { accepted: 0 } });
  await running.until(() => seriesOf('shop\tresponseTime')?.sources.includes('api') === true);
});

test('wrong ones are told by their place with what is allowed, and are dead letters; the others go on', async () => {
  const { status, body } = await running.ask('POST', '/observations', [
    { element: 'shop', property: 'responseTime', value: 120 },
    { element: 'shp', property: 'responseTime', value: 120 },
    { element: 'shop', property: 'responsTime', value: 120 },
    { element: 'shop', property: 'responseTime', value: null },
    { element: 'shop', property: 'responseTime', valeu: 1 },
    { element: 'shop', property: 'responseTime', value: 1, time: running.assembly.clock.now() + 3_600_000 },
    17,
    { property: 'responseTime', value: 1 },
  ]);
  expect(status).toBe(202);
  expect(body).toMatchObject({ accepted: 1, refused: 7 });
  const places = body.findings.map((finding: { pointer: string }) => finding.pointer);
  expect(places).toEqual(expect.arrayContaining(['/1/element', '/2/property', '/3/value', '/4/valeu', '/4', '/5/time', '/6', '/7']));
  const message = (pointer: string) => body.findings.find((finding: { pointer: string }) => finding.pointer === pointer).message;
  expect(message('/1/element')).toBe('no element is named "shp"; did you mean "shop"?');
  expect(message('/2/property')).toBe('type "farm" observes no property "responsTime"; did you mean "responseTime"?');
  expect(message('/4/valeu')).toContain('did you mean "value"?');
  await running.until(() => running.assembly.manager.state.counters.get('deadLetters')?.count === 7);
  await running.until(() => running.assembly.manager.state.readings.get('shop\tresponseTime')?.value === 120);
});

test('when all are wrong the answer is no', async () => {
  expect(await running.ask('POST', '/observations', { element: 'shop', property: 'nothing', value: 1 })).toMatchObject({
    status: 400,
    body: { code: 'H201', accepted: 0, refused: 1, findings: [{ pointer: '/property' }] },
  });
});

test('what is pushed in the name of a probe has its element, its interval and its source', async () => {
  expect(await running.ask('POST', '/push/till', [{ property: 'sales', value: 12 }])).toMatchObject({ status: 202, body: { accepted: 1 } });
  await running.until(() => seriesOf('shop\tsales') !== undefined);
  expect(seriesOf('shop\tsales')).toMatchObject({ everyMs: 10_000, sources: ['push:till'] });
  await running.ask('POST', '/observations', { element: 'shop', property: 'responseTime', value: 3, source: 'push:till' });
  await running.until(() => seriesOf('shop\tresponseTime') !== undefined);
  expect(seriesOf('shop\tresponseTime')).toMatchObject({ everyMs: 10_000, sources: ['push:till'] });
});

test('a probe is pushed to only for elements that it measures', async () => {
  await running.ask('POST', '/elements', { id: 'd1', type: 'device' });
  expect(await running.ask('POST', '/push/devices', { element: 'd1', property: 'load', value: 1 })).toMatchObject({ status: 202 });
  expect(await running.ask('POST', '/push/devices', { property: 'load', value: 1 })).toMatchObject({
    status: 400,
    body: { findings: [{ code: 'H003' }] },
  });
  expect(await running.ask('POST', '/push/devices', { element: 'shop', property: 'sales', value: 1 })).toMatchObject({
    status: 400,
    body: { findings: [{ message: 'probe "devices" does not measure "shop"' }] },
  });
  expect(await running.ask('POST', '/push/till', { element: 'd1', property: 'load', value: 1 })).toMatchObject({
    status: 400,
    body: { findings: [{ remedy: 'leave the element out, or send "shop"' }] },
  });
  expect(await running.ask('POST', '/push/tll', { property: 'load', value: 1 })).toMatchObject({
    status: 404,
    body: { message: 'no push probe is named "tll"; did you mean "till"?' },
  });
});

test('over the limit of a queue nothing is taken', async () => {
  const small = await start({ ...MANAGER, limits: { queue: 3, signals: 3 }, pace: '1h' });
  const one = { element: 'shop', property: 'sales', value: 1 };
  expect(await small.ask('POST', '/observations', [one, one, one, one])).toMatchObject({ status: 413, body: { code: 'H202' } });
  // Telemetry waits for the pace, which is an hour here.
  expect(await small.ask('POST', '/observations', [one, one])).toMatchObject({ status: 202 });
  expect(await small.ask('POST', '/observations', [one, one])).toMatchObject({
    status: 429,
    body: { code: 'H202', message: expect.stringContaining('limits.queue') },
  });
  const wrong = { ...one, property: 'no' };
  expect(await small.ask('POST', '/elements', [wrong, wrong, wrong, wrong])).toMatchObject({ status: 413 });
  await small.stop();
});
