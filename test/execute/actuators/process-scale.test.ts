import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACTUATOR_KINDS } from '../../../src/execute/actuators/index.ts';
import { processKind } from '../../../src/execute/actuators/process.ts';
import type { ProcessOptions } from '../../../src/execute/actuators/process-options.ts';
import { memberNumber } from '../../../src/execute/actuators/process-pool.ts';
import { makeRig, never, order, type Rig, until } from './rig.ts';

let rig: Rig;
beforeEach(() => {
  rig = makeRig();
  rig.put('web', 'farm', { basePort: 9_000 });
});
afterEach(() => rig.end());

const POOL: ProcessOptions = {
  run: ['sh', '-c', 'exec sleep 60 # {port} {url}'],
  publishes: ['state'],
  pool: {
    type: 'server',
    name: 'server-{n}',
    properties: { port: { base: 'basePort' }, weight: { base: 0, step: 10 }, url: 'http://127.0.0.1:{port}/{name}', spare: false },
    labels: { tier: 'front' },
    most: 5,
  },
};

const make = (options = POOL) => processKind.create(options, rig.context);
const members = async () => (await rig.processes()).map((each) => each.element).sort();

/** What the step would do with an outcome. */
function apply(result: {
  appeared?: readonly { element: string; document: { type: string; properties?: object } }[];
  vanished?: readonly string[];
}) {
  for (const { element, document } of result.appeared ?? []) rig.put(element, document.type, { ...document.properties });
  for (const element of result.vanished ?? []) rig.drop(element);
}

test('scale starts members up to the size and tells of them, then stops the highest and tells of that', async () => {
  const actuator = make();
  const up = await actuator.execute(order('scale', 'web', { to: 3 }), never);
  expect(up.status).toBe('succeeded');
  expect(up.observations).toMatchObject([
    { element: 'web', property: 'servers', value: 3, source: 'hand' },
    { element: 'web/server-1', property: 'state', value: 'running' },
    { element: 'web/server-2', property: 'state', value: 'running' },
    { element: 'web/server-3', property: 'state', value: 'running' },
  ]);
  expect(up.vanished).toEqual([]);
  expect(up.appeared?.map((each) => each.element)).toEqual(['web/server-1', 'web/server-2', 'web/server-3']);
  expect(up.appeared?.[1]?.document).toEqual({
    type: 'server',
    properties: { port: 9_002, weight: 20, url: 'http://127.0.0.1:9002/server-2', spare: false },
    labels: { tier: 'front' },
  });
  apply(up);
  const down = await actuator.execute(order('scale', 'web', { to: 1 }), never);
  expect(down).toMatchObject({ status: 'succeeded', appeared: [], vanished: ['web/server-2', 'web/server-3'] });
  expect(down.observations?.[0]).toMatchObject({ property: 'servers', value: 1 });
  expect(await members()).toEqual(['web/server-1']);
  expect(actuator.processes?.().map((each) => each.element)).toEqual(['web/server-1']);
});

test('scale to the size that is there does nothing, and one to none leaves none', async () => {
  const actuator = make();
  apply(await actuator.execute(order('scale', 'web', { to: 2 }), never));
  const before = await rig.processes();
  const same = await actuator.execute(order('scale', 'web', { to: 2 }), never);
  expect(same).toMatchObject({ status: 'succeeded', detail: '2 of 2: nothing to do', appeared: [], vanished: [] });
  expect(await rig.processes()).toEqual(before);
  expect((await actuator.execute(order('scale', 'web', { to: 0 }), never)).vanished).toEqual(['web/server-1', 'web/server-2']);
  expect(await members()).toEqual([]);
});

test('a member that has died below the size is started again', async () => {
  const actuator = make();
  apply(await actuator.execute(order('scale', 'web', { to: 2 }), never));
  const first = (await rig.processes()).find((each) => each.element === 'web/server-1')!;
  process.kill(first.pid, 'SIGKILL');
  await until(async () => (await members()).length === 1);
  const result = await actuator.execute(order('scale', 'web', { to: 2 }), never);
  expect(result).toMatchObject({ status: 'succeeded', appeared: [], vanished: [] });
  expect(await members()).toEqual(['web/server-1', 'web/server-2']);
});

test('a start that fails in the middle is told with what is there, and the next attempt tells of all that the model does not hold', async () => {
  // The second member needs a property that is not there yet.
  const run = ['sh', '-c', 'exec sleep {nap}'];
  const actuator = make({ ...POOL, run, pool: { type: 'server', name: 'server-{n}' } });
  rig.put('web/server-1', 'server', { nap: 60 });
  const scale = order('scale', 'web', { to: 2 });
  const failed = await actuator.execute(scale, never);
  expect(failed).toMatchObject({ status: 'failed', retryable: false, appeared: [], vanished: [] });
  expect(failed.observations?.[0]).toMatchObject({ property: 'servers', value: 1 });
  rig.put('web/server-2', 'server', { nap: 60 });
  rig.drop('web/server-1');
  const retried = await actuator.execute(scale, never);
  expect(retried).toMatchObject({ status: 'succeeded', appeared: [{ element: 'web/server-1' }] });
});

test('a process that the model does not know is counted, or stopped, by the next scale', async () => {
  await make().execute(order('scale', 'web', { to: 3 }), never);
  const result = await make().execute(order('scale', 'web', { to: 2 }), never);
  expect(result).toMatchObject({ status: 'succeeded', appeared: [{ element: 'web/server-1' }, { element: 'web/server-2' }], vanished: [] });
  expect(await members()).toEqual(['web/server-1', 'web/server-2']);
});

test('pools of one actuator are apart', async () => {
  rig.put('api', 'farm', { basePort: 7_000 });
  const actuator = make();
  await actuator.execute(order('scale', 'web', { to: 1 }), never);
  const api = await actuator.execute(order('scale', 'api', { to: 2 }), never);
  expect(api.appeared?.[0]?.document.properties).toMatchObject({ port: 7_001 });
  await actuator.execute(order('scale', 'api', { to: 0 }), never);
  expect(await members()).toEqual(['web/server-1']);
});

test('a restart that waited while its member was scaled away does not bring it back', async () => {
  const script = 'trap "echo asked to end" TERM; echo heeds; for i in 1 2 3; do sleep 20; done';
  const actuator = make({ ...POOL, run: ['sh', '-c', script], grace: '200ms' });
  apply(await actuator.execute(order('scale', 'web', { to: 2 }), never));
  const log = () => readFileSync(join(rig.context.folder, 'logs/web/server-2.log'), 'utf8');
  await until(() => log().includes('heeds'));
  const shrinking = actuator.execute(order('scale', 'web', { to: 1 }), never);
  await until(() => log().includes('asked to end'));
  const restarted = actuator.execute(order('restart', 'web/server-2'), never);
  expect((await shrinking).status).toBe('succeeded');
  expect(await restarted).toEqual({ status: 'failed', detail: 'web/server-2 is no longer a member of its pool', retryable: false });
  expect(new Set(await members())).toEqual(new Set(['web/server-1']));
  expect((await actuator.execute(order('scale', 'web', { to: 2 }), never)).appeared).toEqual([]);
});

test('a size that is none, a size over the limit and an element without pool are refused for good', async () => {
  const actuator = make();
  for (const [params, detail] of [
    [{}, 'scale needs a whole number "to", not undefined'],
    [{ to: 1.5 }, 'scale needs a whole number "to", not 1.5'],
    [{ to: -1 }, 'scale needs a whole number "to", not -1'],
    [{ to: 6 }, 'scale to 6: this pool has at most 5 members (its option most)'],
  ] as const) {
    expect(await actuator.execute(order('scale', 'web', params), never)).toEqual({ status: 'failed', detail });
  }
  expect(await actuator.execute(order('scale', 'nowhere', { to: 1 }), never)).toEqual({
    status: 'failed',
    detail: 'there is no element nowhere',
  });
  const single = processKind.create({ run: ['sleep', '60'] }, rig.context);
  expect(await single.execute(order('scale', 'web', { to: 1 }), never)).toEqual({
    status: 'failed',
    detail: 'scale needs the option pool',
  });
  expect(await members()).toEqual([]);
});

test('an abort in the middle tells what is there', async () => {
  const actuator = make({ ...POOL, ready: { tcp: '127.0.0.1:1', within: '1h' } });
  const abort = new AbortController();
  const scaling = actuator.execute(order('scale', 'web', { to: 2 }), abort.signal);
  await until(async () => (await members()).length === 1);
  abort.abort(new Error('the deadline has passed'));
  expect(await scaling).toMatchObject({ status: 'timedOut', detail: 'the deadline has passed', appeared: [{ element: 'web/server-1' }] });
});

test('members are known by their names, and by nothing that only looks like one', () => {
  const pool = POOL.pool!;
  expect(
    ['web/server-1', 'web/server-20', 'web/server-0', 'web/server-01', 'web/server-', 'server-1', 'web/xserver-1'].map((id) =>
      memberNumber(pool, id),
    ),
  ).toEqual([1, 20, undefined, undefined, undefined, undefined, undefined]);
});

test('the kinds are listed sorted, each with its options described', () => {
  const names = ACTUATOR_KINDS.map((kind) => kind.kind);
  expect(names).toEqual([...names].sort());
  for (const kind of ACTUATOR_KINDS) {
    const { properties } = kind.options as unknown as { properties: Record<string, { description?: string }> };
    for (const [name, schema] of Object.entries(properties)) expect(`${name}: ${typeof schema.description}`).toBe(`${name}: string`);
  }
});
