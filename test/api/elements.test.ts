import { MANAGER, type Running, start } from './manager.ts';

let running: Running;
beforeEach(async () => {
  running = await start();
});
afterEach(() => running.stop());

test('an element that is added is there when the answer comes, and can be measured at once', async () => {
  expect(await running.ask('POST', '/elements', { id: 'shop/scanner', type: 'device', properties: { limit: 5 } })).toMatchObject({
    status: 201,
    body: { accepted: 1, refused: 0 },
  });
  expect(running.assembly.manager.state.elements.get('shop/scanner')).toMatchObject({
    source: 'api',
    document: { type: 'device', properties: { limit: 5 } },
  });
  expect(await running.ask('POST', '/observations', { element: 'shop/scanner', property: 'load', value: 1 })).toMatchObject({
    status: 202,
  });
  expect(await running.ask('DELETE', '/elements/shop/scanner')).toMatchObject({ status: 200 });
  expect(running.assembly.manager.state.elements.get('shop/scanner')).toBeUndefined();
});

test('ten thousand at once', async () => {
  const many = Array.from({ length: 10_000 }, (_, i) => ({ id: `d${i}`, type: 'device', properties: { limit: i } }));
  expect(await running.ask('POST', '/elements', many)).toMatchObject({ status: 201, body: { accepted: 10_000, refused: 0 } });
  expect(running.assembly.manager.state.elements.size).toBe(10_001);
  const { body } = await running.ask('GET', '/status');
  expect(body.elements).toHaveLength(10_000);
  expect(body.elementsLeftOut).toBe(1);
});

test('wrong ones are told by their place, and the others go on', async () => {
  const { status, body } = await running.ask('POST', '/elements', [
    { id: 'a', type: 'device' },
    { id: 'b', type: 'devise' },
    { id: 'c', type: 'device', properties: { limits: 1 } },
    { id: 'd d', type: 'device' },
    { id: 'shop', type: 'device' },
  ]);
  expect({ status, body }).toMatchObject({ status: 201, body: { accepted: 1, refused: 4 } });
  expect(body.findings.map((f: { pointer: string; message: string }) => [f.pointer, f.message])).toEqual([
    ['/1/type', 'no type is named "devise"; did you mean "device"?'],
    ['/2/properties/limits', 'type "device" has no property "limits"; did you mean "limit"?'],
    ['/3/id', expect.stringContaining('a path of names')],
    ['/4/type', '"shop" is a farm, and cannot become a device; delete it first'],
  ]);
  await running.until(() => running.assembly.manager.state.counters.get('deadLetters')?.count === 4);
});

test('what the manager file declares is taken out there, and what is not there cannot go', async () => {
  expect(await running.ask('DELETE', '/elements/shop')).toMatchObject({
    status: 409,
    body: { message: '"shop" is in the manager file; take it out there, and reload' },
  });
  expect(await running.ask('DELETE', '/elements/shup')).toMatchObject({
    status: 404,
    body: { message: 'no element is named "shup"; did you mean "shop"?' },
  });
});

test('the limit of elements holds, and says its name', async () => {
  const small = await start({ ...MANAGER, limits: { elements: 2 } });
  expect(
    await small.ask('POST', '/elements', [
      { id: 'a', type: 'device' },
      { id: 'b', type: 'device' },
    ]),
  ).toMatchObject({ status: 409, body: { code: 'H202', message: expect.stringContaining('limits.elements') } });
  expect(await small.ask('POST', '/elements', { id: 'a', type: 'device' })).toMatchObject({ status: 201 });
  await small.stop();
});
