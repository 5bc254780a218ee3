/** The docker actuator on a served API whose answers are those recorded of a real engine; docker-real.test.ts runs it on a real one. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { dockerKind } from '../../../src/execute/actuators/docker.ts';
import { commonVersion } from '../../../src/execute/actuators/docker-engine.ts';
import { checkDocker, type DockerOptions } from '../../../src/execute/actuators/docker-options.ts';
import { type FakeEngine, fakeEngine } from './docker-fake.ts';
import { makeRig, never, order, type Rig } from './rig.ts';

let rig: Rig;
let engine: FakeEngine;
beforeEach(async () => {
  rig = makeRig();
  rig.put('shop/web', 'farm', { base: 9000 });
  rig.put('shop/db', 'database');
  engine = await fakeEngine(rig.folder);
});
afterEach(async () => {
  await engine.end();
  await rig.end();
});

const IMAGE = 'homeostat/busybox:test';
const POOL: DockerOptions = {
  image: IMAGE,
  pool: { type: 'server', name: 'server-{n}', properties: { port: { base: 'base' } }, most: 5 },
  config: { Cmd: ['serve', '{port}'], Env: ['NAME={name}'], HostConfig: { NetworkMode: 'none' } },
  publishes: ['state'],
};
const make = (options: DockerOptions = POOL) => dockerKind.create({ host: engine.host, ...options }, rig.context);
const names = () => [...engine.containers.values()].map((one) => `${one.Name} ${one.State.Status}`).sort();
const one = (name: string) => [...engine.containers.values()].find((container) => container.Name === `/${name}`)!;

/** One request as it is, to the served engine. */
function ask(method: string, path: string, body?: unknown): Promise<{ status: number; answer: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: engine.host.slice(7), method, path, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, answer: /^[{[]/.test(text) ? JSON.parse(text) : { text } }));
    });
    asked.once('error', reject);
    asked.end(body && JSON.stringify(body));
  });
}

test('the served engine answers what a real one was recorded to answer', async () => {
  const { exchanges } = JSON.parse(readFileSync(new URL('recorded/docker-20.10.json', import.meta.url), 'utf8')) as {
    exchanges: { method: string; path: string; body?: unknown; status: number; answer: Record<string, unknown> }[];
  };
  expect(exchanges.length).toBeGreaterThan(35);
  /** What is compared: words without ids, and the fields that the actuator reads, without instants. */
  const gist = (answer: unknown): unknown => {
    if (Array.isArray(answer)) return answer.map(({ Names, State, Labels }) => ({ Names, State, Labels }));
    const { message, State, HostConfig, Name } = answer as Record<string, Record<string, unknown>>;
    if (message !== undefined) return String(message).replace(/[0-9a-f]{64}/g, 'ID');
    if (State === undefined) return undefined;
    const { Status, Running, Paused, StartedAt, FinishedAt } = State;
    const { NanoCpus, Memory, MemorySwap } = HostConfig!;
    return {
      Name,
      Status,
      Running,
      Paused,
      started: StartedAt !== '0001-01-01T00:00:00Z',
      ended: FinishedAt !== '0001-01-01T00:00:00Z',
      NanoCpus,
      Memory,
      MemorySwap,
    };
  };
  for (const { method, path, body, status, answer } of exchanges) {
    const served = await ask(method, path, body);
    expect([method, path, served.status, gist(served.answer)]).toEqual([method, path, status, gist(answer)]);
  }
});

test('scale makes, starts and labels what is missing, and tells of it; then it removes the highest', async () => {
  const actuator = make();
  const grown = order('scale', 'shop/web', { to: 2 });
  const result = await actuator.execute(grown, never);
  expect(result).toMatchObject({ status: 'succeeded', detail: '2 of 2: shop/web/server-1 started, shop/web/server-2 started' });
  expect(names()).toEqual(['/shop-web-server-1 running', '/shop-web-server-2 running']);
  expect(one('shop-web-server-2').Config).toMatchObject({
    Image: IMAGE,
    Cmd: ['serve', '9002'],
    Env: ['NAME=server-2'],
    Labels: {
      'homeostat.owner': rig.owner,
      'homeostat.element': 'shop/web/server-2',
      'homeostat.pool': 'shop/web',
      'homeostat.command': grown.command.id,
    },
  });
  expect(result.observations).toMatchObject([
    { element: 'shop/web', property: 'servers', value: 2 },
    { element: 'shop/web/server-1', property: 'state', value: 'running' },
    { element: 'shop/web/server-2', property: 'state', value: 'running' },
  ]);
  expect(result.appeared).toMatchObject([
    { element: 'shop/web/server-1', document: { type: 'server', properties: { port: 9001 } } },
    { element: 'shop/web/server-2' },
  ]);
  for (const { element, document } of result.appeared!) rig.put(element, document.type, document.properties);
  const shrunk = await actuator.execute(order('scale', 'shop/web', { to: 1 }), never);
  expect(shrunk).toMatchObject({ status: 'succeeded', vanished: ['shop/web/server-2'], observations: [{ value: 1 }, {}] });
  expect(names()).toEqual(['/shop-web-server-1 running']);
});

test('a container that has stopped is started again, but not by the command that had started it', async () => {
  const first = order('scale', 'shop/web', { to: 1 });
  await make().execute(first, never);
  await ask('POST', '/v1.41/containers/shop-web-server-1/stop');
  expect(await make().execute(first, never)).toMatchObject({
    detail: '1 of 1: shop/web/server-1 has ended since it was started',
    observations: [{ value: 0 }, {}],
  });
  expect(await make().execute(order('scale', 'shop/web', { to: 1 }), never)).toMatchObject({
    observations: [{ value: 1 }, { value: 'running' }],
  });
});

test('containers of another owner, or of nobody, are never touched', async () => {
  await ask('POST', '/v1.41/containers/create?name=other', {
    Image: IMAGE,
    Labels: { 'homeostat.owner': 'x', 'homeostat.pool': 'shop/web', 'homeostat.element': 'shop/web/server-3' },
  });
  await ask('POST', '/v1.41/containers/create?name=shop-web-server-1', { Image: IMAGE });
  expect(await make().execute(order('scale', 'shop/web', { to: 0 }), never)).toMatchObject({ status: 'succeeded' });
  const result = await make().execute(order('scale', 'shop/web', { to: 1 }), never);
  expect(result).toMatchObject({ status: 'failed', retryable: false });
  expect(result.detail).toContain('is already in use');
  expect(names()).toEqual(['/other created', '/shop-web-server-1 created']);
});

test('members of a template get its configuration, with what differs', async () => {
  await ask('POST', '/v1.41/containers/create?name=pattern', {
    Image: IMAGE,
    Env: ['A=1'],
    Labels: { app: 'web' },
    HostConfig: { Memory: 64_000_000, NetworkMode: 'none' },
  });
  const { image: _, ...rest } = POOL;
  await make({ ...rest, template: 'pattern', config: { Cmd: ['x'], HostConfig: { NanoCpus: 5e8 } } }).execute(
    order('scale', 'shop/web', { to: 1 }),
    never,
  );
  const member = one('shop-web-server-1');
  expect(member.Config).toMatchObject({ Image: IMAGE, Env: ['A=1'], Cmd: ['x'], Labels: { app: 'web', 'homeostat.pool': 'shop/web' } });
  expect(member.HostConfig).toMatchObject({ Memory: 64_000_000, NanoCpus: 5e8, NetworkMode: 'none' });
  expect(member.Config.Hostname).toBe(member.Id.slice(0, 12));
});

test('an image that is not there, a size that is none and one over the limit fail for good', async () => {
  expect(await make({ ...POOL, image: 'nothere:{port}' }).execute(order('scale', 'shop/web', { to: 1 }), never)).toMatchObject({
    status: 'failed',
    retryable: false,
    detail: 'POST /containers/create: status 404: No such image: nothere:9001',
  });
  for (const to of [-1, 1.5, 6])
    expect(await make().execute(order('scale', 'shop/web', { to }), never)).toMatchObject({ status: 'failed' });
  expect(engine.effects).toEqual([]);
});

test('an engine that died between making and starting leaves a container that the next attempt starts', async () => {
  const given = order('scale', 'shop/web', { to: 1 });
  engine.intercept = (_, path, after) => after && path.startsWith('/containers/create');
  expect(await make().execute(given, never)).toMatchObject({ status: 'failed', retryable: true });
  engine.intercept = undefined;
  expect(names()).toEqual(['/shop-web-server-1 created']);
  expect(await make().inquire?.(given, never)).toBeUndefined();
  expect(await make().execute(given, never)).toMatchObject({ status: 'succeeded' });
  expect(engine.effects.filter((effect) => effect.includes('create'))).toHaveLength(1);
  expect(await make().inquire?.(given, never)).toMatchObject({ status: 'succeeded', detail: '1 of 1 found running' });
});

test('past its deadline a scale that broke off is told with what is there', async () => {
  await make().execute(order('scale', 'shop/web', { to: 1 }), never);
  const late = order('scale', 'shop/web', { to: 3 }, { deadlineAt: rig.context.clock.now() - 1 });
  expect(await make().inquire?.(late, never)).toMatchObject({
    status: 'timedOut',
    detail: '1 of 3 found running, past the deadline',
    observations: [{ value: 1 }, {}],
  });
});

describe('one container', () => {
  const DB: DockerOptions = { container: '{name}', publishes: ['state', 'cpus', 'memory'] };
  const give = (operation: string, params = {}, more = {}) => make(DB).execute(order(operation, 'shop/db', params, more), never);
  beforeEach(async () => {
    await ask('POST', '/v1.41/containers/create?name=db', { Image: IMAGE, HostConfig: { Memory: 64_000_000 } });
  });

  test('each operation names a state to be in: what is there already is not done again', async () => {
    for (const [operation, state] of [
      ['start', 'running'],
      ['pause', 'paused'],
      ['unpause', 'running'],
      ['kill', 'exited'],
      ['start', 'running'],
      ['stop', 'exited'],
    ] as const) {
      const before = engine.effects.length;
      expect(await give(operation)).toMatchObject({
        status: 'succeeded',
        detail: `db: ${operation} done, it is ${state}`,
        observations: [{ property: 'state', value: state }, {}, {}],
      });
      expect(await give(operation)).toMatchObject({ status: 'succeeded', detail: `db: nothing to do, it is ${state}` });
      expect(engine.effects.length).toBe(before + 1);
    }
  });

  test('a restart is done if the container was started since the command was given', async () => {
    await give('start');
    const early = order('restart', 'shop/db', {}, { issuedAt: rig.context.clock.now() - 60_000 });
    expect(await make(DB).inquire?.(early, never)).toMatchObject({ status: 'succeeded' });
    const later = order('restart', 'shop/db', {}, { issuedAt: rig.context.clock.now() + 10 });
    expect(await make(DB).inquire?.(later, never)).toBeUndefined();
    await make(DB).execute(later, never);
    expect(engine.effects.at(-1)).toMatch(/restart\?t=10$/);
  });

  test('an update sets limits, keeps what may be swapped, and reads them back', async () => {
    expect(await give('update', { cpus: 0.5, memory: '512m' })).toMatchObject({
      status: 'succeeded',
      observations: [{ value: 'created' }, { property: 'cpus', value: 0.5 }, { property: 'memory', value: 536_870_912 }],
    });
    expect(one('db').HostConfig).toMatchObject({ NanoCpus: 5e8, Memory: 536_870_912, MemorySwap: 600_870_912 });
    expect(await give('update', { to: 2 }, { resource: 'cpus' })).toMatchObject({ observations: [{}, { value: 2 }, {}] });
    expect(await give('update', { memory: 1 })).toMatchObject({ status: 'failed', retryable: false });
    for (const [params, detail] of [
      [{}, 'update needs a limit: cpus, cpuShares, memory, memorySwap, pidsLimit'],
      [{ disk: 1 }, 'update knows no limit "disk"; known: cpus, cpuShares, memory, memorySwap, pidsLimit'],
      [{ memory: 'much' }, 'memory cannot be "much"'],
      [{ cpus: -1 }, 'cpus cannot be -1'],
    ] as const)
      expect(await give('update', params)).toEqual({ status: 'failed', detail });
  });

  test('whether a signal that ends nothing was sent cannot be seen, and is not claimed', async () => {
    await give('start');
    const issued = { issuedAt: rig.context.clock.now() + 5 };
    await expect(make(DB).inquire?.(order('kill', 'shop/db', { signal: 'HUP' }, issued), never)).rejects.toThrow('cannot be seen');
    expect(await make(DB).inquire?.(order('kill', 'shop/db', {}, issued), never)).toBeUndefined();
    await give('stop');
    expect(await give('kill', { signal: 'SIGHUP' })).toMatchObject({
      status: 'failed',
      detail: '/db does not run, and cannot take the signal HUP',
    });
  });

  test('a start waits for health if that is wanted, and fails if it does not come', async () => {
    await ask('POST', '/v1.41/containers/create?name=checked', { Image: IMAGE, Healthcheck: { Test: ['CMD', 'true'] } });
    const checked: DockerOptions = { container: 'checked', healthy: '1h', publishes: ['health'] };
    const begun = make(checked).execute(order('start', 'shop/db'), never);
    engine.intercept = (method, path, after) => {
      if (after && method === 'GET' && path.includes('json') && one('checked').State.Health)
        one('checked').State.Health = { Status: 'healthy' };
      return false;
    };
    expect(await begun).toMatchObject({ status: 'succeeded', observations: [{ property: 'health', value: 'healthy' }] });
    engine.intercept = undefined;
    await ask('POST', '/v1.41/containers/checked/stop');
    expect(await make({ ...checked, healthy: '1ms' }).execute(order('start', 'shop/db'), never)).toMatchObject({
      status: 'failed',
      detail: 'it is starting after 1ms',
    });
  });

  test('a lost answer is looked after by the next attempt, and has one effect', async () => {
    const given = order('start', 'shop/db');
    engine.intercept = (method, _, after) => after && method === 'POST';
    expect(await make(DB).execute(given, never)).toMatchObject({ status: 'unknown', retryable: true });
    engine.intercept = undefined;
    expect(await make(DB).inquire?.(given, never)).toMatchObject({ status: 'succeeded', detail: 'db: found running' });
    expect(engine.effects).toEqual([`POST /containers/create?name=db`, `POST /containers/${one('db').Id}/start`]);
  });

  test('what the engine answers says whether another attempt helps', async () => {
    engine.failing = [500, 'driver failed'];
    expect(await give('start')).toMatchObject({
      status: 'failed',
      retryable: true,
      detail: expect.stringContaining('status 500: driver failed'),
    });
    engine.failing = undefined;
    expect(await make({ container: 'none' }).execute(order('start', 'shop/db'), never)).toEqual({
      status: 'failed',
      detail: 'there is no container none',
    });
    await engine.end();
    expect(await give('start')).toMatchObject({
      status: 'failed',
      retryable: true,
      detail: expect.stringContaining('the engine is not there'),
    });
  });
});

describe('a swarm service', () => {
  beforeEach(() => {
    engine.services.set('a', {
      ID: 'a',
      Version: { Index: 11 },
      Spec: { Name: 'web', Labels: { mine: 'x' }, Mode: { Replicated: { Replicas: 1 } } },
    });
  });

  test('scale sets its replicas once by the id of the command, and keeps the rest', async () => {
    const actuator = make({ service: '{name}' });
    const given = order('scale', 'shop/web', { to: 3 });
    expect(await actuator.inquire?.(given, never)).toBeUndefined();
    expect(await actuator.execute(given, never)).toMatchObject({
      status: 'succeeded',
      detail: 'web: 1 to 3 replicas',
      observations: [{ property: 'servers', value: 3 }],
    });
    expect(engine.services.get('a')!.Spec).toEqual({
      Name: 'web',
      Labels: { mine: 'x', 'homeostat.command': given.command.id },
      Mode: { Replicated: { Replicas: 3 } },
    });
    expect(await actuator.inquire?.(given, never)).toMatchObject({ status: 'succeeded', observations: [{ value: 3 }] });
    expect(await actuator.execute(given, never)).toMatchObject({ status: 'succeeded' });
    expect(engine.effects).toEqual(['POST /services/a/update?version=11']);
  });

  test('a change of somebody else in between is not overwritten', async () => {
    engine.intercept = (method, _, after) => {
      if (!after && method === 'POST') engine.services.get('a')!.Version.Index++;
      return false;
    };
    const result = await make({ service: 'web' }).execute(order('scale', 'shop/web', { to: 3 }), never);
    expect(result).toMatchObject({ status: 'failed', retryable: true, detail: expect.stringContaining('update out of sequence') });
    expect(engine.effects).toEqual([]);
  });
});

test('the version that both sides speak', () => {
  expect([commonVersion('1.41'), commonVersion('1.25'), commonVersion('1.52')]).toEqual(['1.41', '1.25', '1.47']);
  expect(() => commonVersion('1.24')).toThrow('update it');
  expect(() => commonVersion('undefined')).toThrow('no Docker engine');
});

test('options that do not belong together are named with a remedy', () => {
  const said = (options: DockerOptions, ...operations: string[]) =>
    checkDocker(options, operations).map(({ at, message }) => `/${at.join('/')} ${message}`);
  const pool = { type: 'server', name: 'server-{n}' };
  expect(said({}, 'scale')).toEqual(['/ the operation scale needs the option "pool" or "service"']);
  expect(said({ pool }, 'scale')).toEqual(['/pool members need an "image" or a "template"']);
  expect(said({ pool, image: 'a', template: 'b' })).toEqual(['/pool "image" and "template" exclude each other']);
  expect(said({ pool, image: 'a', service: 's' })).toEqual(['/service it stands beside "pool"']);
  expect(said({ config: {} })).toEqual(['/config "config" is only for the members of a "pool"']);
  expect(said({ tls: {} })).toEqual(['/tls a Unix socket has no TLS']);
  expect(said(POOL, 'scale', 'start')).toEqual([]);
});
