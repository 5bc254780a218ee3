/** Wrong options of actuators are told at load, each with its place and what to do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfiguration } from '../../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'homeostat-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is found in a manager file with this actuator, to which one command of each operation is bound. */
function found(actuator: object, ...operations: string[]) {
  const file = join(folder, 'homeostat.json');
  const commands = Object.fromEntries(operations.map((operation) => [operation, { actuator: 'hand' }]));
  const manager = { domain: 'shop', types: { farm: { commands } }, elements: { shop: { type: 'farm' } }, actuators: { hand: actuator } };
  writeFileSync(file, JSON.stringify(manager));
  return loadConfiguration(file).findings.map(({ code, pointer, message, remedy }) => ({
    code,
    pointer,
    message,
    ...(remedy && { remedy }),
  }));
}

test('what is right is not complained of', () => {
  const pool = { type: 'server', name: 'server-{n}' };
  expect(found({ kind: 'docker', image: 'a', pool }, 'scale', 'restart')).toEqual([]);
  expect(found({ kind: 'kubernetes' }, 'scale', 'restart')).toEqual([]);
  expect(found({ kind: 'systemd', set: { CPUQuota: '{to}%' } }, 'start', 'setProperty')).toEqual([]);
  expect(found({ kind: 'webhook', url: 'https://x/', keys: [{ env: 'K' }] }, 'page')).toEqual([]);
  expect(found({ kind: 'kafka', brokers: ['a:1'], topic: 't' }, 'dim')).toEqual([]);
});

test('an operation that needs an option is named with it', () => {
  expect(found({ kind: 'process', run: ['x'] }, 'scale')).toMatchObject([
    {
      code: 'H007',
      pointer: '/actuators/hand',
      message: 'the operation scale needs the option "pool"',
      remedy: expect.stringContaining('pool'),
    },
  ]);
  expect(found({ kind: 'docker' }, 'scale')).toMatchObject([{ code: 'H007', pointer: '/actuators/hand', remedy: expect.any(String) }]);
  expect(found({ kind: 'kubernetes' }, 'patch')).toMatchObject([{ code: 'H007', pointer: '/actuators/hand', remedy: expect.any(String) }]);
  expect(found({ kind: 'systemd' }, 'setProperty')).toMatchObject([
    { code: 'H007', pointer: '/actuators/hand', remedy: expect.any(String) },
  ]);
});

test('options that do not fit each other are named at their place', () => {
  expect(found({ kind: 'kubernetes' }, 'cordon')).toMatchObject([
    { code: 'H007', pointer: '/actuators/hand/kind', remedy: expect.any(String) },
  ]);
  expect(found({ kind: 'kubernetes', patch: { type: 'json', body: {} } }, 'patch')).toMatchObject([
    { pointer: '/actuators/hand/patch/body' },
  ]);
  expect(found({ kind: 'docker', tls: {} })).toMatchObject([{ pointer: '/actuators/hand/tls', remedy: expect.stringContaining('tcp://') }]);
  expect(found({ kind: 'mqtt', topic: 't', ack: 'state' })).toMatchObject([{ code: 'H007', message: expect.stringContaining('"state"') }]);
});

test('a misspelt key, a secret that stands there in plain, a wrong form and an operation that is none are told with what was meant', () => {
  expect(found({ kind: 'docker', contaner: 'x' })).toMatchObject([
    { code: 'H004', pointer: '/actuators/hand/contaner', message: expect.stringContaining('container') },
  ]);
  const plain = found({ kind: 'webhook', url: 'https://x/', keys: ['hush-hush'] });
  expect(plain).toMatchObject([{ code: 'H003', pointer: '/actuators/hand/keys/0' }]);
  expect(found({ kind: 'docker', host: 'localhost' })).toMatchObject([
    { pointer: '/actuators/hand/host', message: expect.stringContaining('unix:///') },
  ]);
  expect(found({ kind: 'docker' }, 'pase')).toMatchObject([
    { code: 'H005', pointer: '/types/farm/commands/pase/operation', message: expect.stringContaining('pause') },
  ]);
  expect(found({ kind: 'kuberntes' })).toMatchObject([
    { code: 'H005', pointer: '/actuators/hand/kind', message: expect.stringContaining('kubernetes') },
  ]);
});
