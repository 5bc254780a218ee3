/**
 * The docker actuator on a real engine: HOMEOSTAT_TEST_DOCKER names its socket (unix:///…), and the image homeostat/busybox:test is there
 * (a busybox with sh, sleep and true). Skipped where it is not set: recorded answers stand in for it then, in docker.test.ts.
 */
import { dockerKind } from '../../../src/execute/actuators/docker.ts';
import type { DockerOptions } from '../../../src/execute/actuators/docker-options.ts';
import { makeRig, never, order, type Rig } from './rig.ts';

const host = process.env.HOMEOSTAT_TEST_DOCKER;
const onReal = host === undefined ? test.skip : test;

let rig: Rig;
beforeEach(() => {
  rig = makeRig();
  rig.put('real/web', 'farm');
});
afterEach(async () => {
  if (host !== undefined) await make({ ...POOL, grace: '1s' }).execute(order('scale', 'real/web', { to: 0 }), never);
  await rig.end();
});

const POOL: DockerOptions = {
  image: 'homeostat/busybox:test',
  pool: { type: 'server', name: 'server-{n}', most: 5 },
  config: { Cmd: ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 0.1; done'], HostConfig: { NetworkMode: 'none' } },
  publishes: ['state', 'cpus', 'memory'],
  grace: '1s',
};
const make = (options: DockerOptions = POOL) => dockerKind.create({ ...(host && { host }), ...options }, rig.context);

onReal('a pool grows, its members are limited, paused, restarted and killed, and it shrinks again', async () => {
  const actuator = make();
  const grown = await actuator.execute(order('scale', 'real/web', { to: 2 }), never);
  expect(grown).toMatchObject({
    status: 'succeeded',
    observations: [{ property: 'servers', value: 2 }, { value: 'running' }, {}, {}, { value: 'running' }, {}, {}],
  });
  for (const { element, document } of grown.appeared!) rig.put(element, document.type);
  const give = (operation: string, params = {}) => make().execute(order(operation, 'real/web/server-1', params), never);
  expect(await give('update', { cpus: 0.5, memory: '64m' })).toMatchObject({
    status: 'succeeded',
    observations: [{}, { value: 0.5 }, { value: 67_108_864 }],
  });
  expect(await give('update', { memory: '256m' })).toMatchObject({ status: 'succeeded', observations: [{}, {}, { value: 268_435_456 }] });
  expect(await give('pause')).toMatchObject({ status: 'succeeded', observations: [{ value: 'paused' }, {}, {}] });
  expect(await give('unpause')).toMatchObject({ status: 'succeeded', observations: [{ value: 'running' }, {}, {}] });
  const restart = order('restart', 'real/web/server-1');
  expect(await make().inquire?.(restart, never)).toBeUndefined();
  expect(await make().execute(restart, never)).toMatchObject({ detail: expect.stringContaining('restart done') });
  expect(await make().execute(restart, never)).toMatchObject({ detail: expect.stringContaining('nothing to do') });
  expect(await make().inquire?.(restart, never)).toMatchObject({ status: 'succeeded' });
  expect(await give('kill')).toMatchObject({ status: 'succeeded', observations: [{ value: 'exited' }, {}, {}] });
  expect(await make().execute(order('scale', 'real/web', { to: 1 }), never)).toMatchObject({
    status: 'succeeded',
    detail: '1 of 1: real/web/server-1 started, real/web/server-2 removed',
    vanished: ['real/web/server-2'],
  });
});

onReal('a swarm service is scaled, where the engine is a manager of one named homeostat-test', async () => {
  const result = await make({ service: 'homeostat-test' }).execute(order('scale', 'real/web', { to: 2 }), never);
  if (/not a swarm manager|there is no service/.test(result.detail)) return;
  expect(result).toMatchObject({ status: 'succeeded', observations: [{ property: 'servers', value: 2 }] });
  const again = order('scale', 'real/web', { to: 1 });
  expect(await make({ service: 'homeostat-test' }).execute(again, never)).toMatchObject({ detail: 'homeostat-test: 2 to 1 replicas' });
  expect(await make({ service: 'homeostat-test' }).inquire?.(again, never)).toMatchObject({ status: 'succeeded' });
});
