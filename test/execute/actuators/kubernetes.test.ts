import type { Order } from '../../../src/execute/actuators/actuator.ts';
import { kubernetesKind } from '../../../src/execute/actuators/kubernetes.ts';
import { checkKubernetes, type KubernetesOptions } from '../../../src/execute/actuators/kubernetes-options.ts';
import { isReady, progressOf } from '../../../src/execute/actuators/kubernetes-status.ts';
import { type FakeCluster, fakeCluster, NODE, WEB } from './kubernetes-fake.ts';
import { makeRig, never, order, type Rig } from './rig.ts';

let rig: Rig;
let cluster: FakeCluster;
beforeEach(async () => {
  rig = makeRig();
  rig.put('shop/web', 'farm', { image: 'web:7' });
  rig.put('shop/node-1', 'node');
  cluster = await fakeCluster(rig.folder);
});
afterEach(async () => {
  await cluster.end();
  await rig.end();
});

const make = (options: KubernetesOptions = {}) => kubernetesKind.create({ kubeconfig: 'kubeconfig.json', ...options }, rig.context);
const web = () => cluster.objects.get(WEB)!;
const scaling = (to: number): Order => order('scale', 'shop/web', { to });
const MERGE = 'application/merge-patch+json';

test('scale sets the replicas by the subresource, of the version that was read, and reads them back', async () => {
  const given = scaling(5);
  expect(await make({ publishes: ['replicas', 'readyReplicas'] }).execute(given, never)).toMatchObject({
    status: 'succeeded',
    detail: '2 to 5 replicas',
    observations: [
      { element: 'shop/web', property: 'servers', value: 5, source: 'hand' },
      { property: 'replicas', value: 5 },
      { property: 'readyReplicas', value: 2 },
    ],
  });
  expect(web()).toMatchObject({ spec: { replicas: 5 }, metadata: { annotations: { 'homeostat/scale': given.command.id } } });
  expect(cluster.patches).toEqual([`${WEB} ${MERGE}`, `${WEB}/scale ${MERGE}`]);
  expect(await make().execute(given, never)).toMatchObject({ status: 'succeeded', detail: '5 replicas, nothing to do' });
  expect(cluster.patches).toHaveLength(2);
});

test('a controller that writes at the same time delays a change, and does not stop it', async () => {
  let times = 0;
  cluster.intercept = (method, path, after) => {
    if (method === 'PATCH' && !after && times++ < 3) cluster.touch(path.replace('/scale', ''));
    return false;
  };
  expect(await make().execute(scaling(5), never)).toMatchObject({ status: 'succeeded', detail: '2 to 5 replicas' });
  expect(web().spec.replicas).toBe(5);
});

test('a change that never gets through is a conflict that may pass', async () => {
  cluster.intercept = (method, path, after) => {
    if (method === 'PATCH' && !after) cluster.touch(path.replace('/scale', ''));
    return false;
  };
  const result = await make().execute(scaling(5), never);
  expect(result).toMatchObject({ status: 'failed', retryable: true, detail: expect.stringContaining('the object has been modified') });
  expect(cluster.patches).toEqual([]);
});

test('replicas that somebody else has changed meanwhile are left', async () => {
  cluster.intercept = (method, path, after) => {
    if (method === 'PATCH' && !after && path.endsWith('/scale') && web().spec.replicas === 2) cluster.touch(WEB, { replicas: 4 });
    return false;
  };
  expect(await make().execute(scaling(5), never)).toMatchObject({
    status: 'failed',
    retryable: true,
    detail: 'somebody else has changed the replicas from 2 to 4 meanwhile',
  });
  expect(web().spec.replicas).toBe(4);
});

test('asked after a crash in the middle of a scale it does not claim what it cannot know', async () => {
  const given = scaling(5);
  expect(await make().inquire?.(given, never)).toBeUndefined();
  cluster.intercept = (_, path, after) => !after && path.endsWith('/scale') && cluster.patches.length === 1;
  const abort = new AbortController();
  const broken = make().execute(given, abort.signal);
  while (cluster.patches.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  abort.abort(new Error('the end'));
  expect(await broken).toMatchObject({ status: 'timedOut' });
  cluster.intercept = undefined;
  await expect(make().inquire?.(given, never)).rejects.toThrow('it was begun, and there are 2 replicas');
  expect(await make().execute(given, never)).toMatchObject({ status: 'succeeded' });
  expect(await make().inquire?.(given, never)).toMatchObject({ status: 'succeeded', observations: [{ value: 5 }] });
});

test('restart notes the instant at which it was asked for, so that the same command makes one roll-out', async () => {
  const given = order('restart', 'shop/web', {}, { issuedAt: Date.parse('2026-11-21T17:00:00Z') });
  expect(await make().inquire?.(given, never)).toBeUndefined();
  expect(await make().execute(given, never)).toMatchObject({ status: 'succeeded', detail: 'Deployment web: restart done' });
  expect(web().spec.template).toEqual({ metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-21T17:00:00.000Z' } } });
  expect(await make().execute(given, never)).toMatchObject({ detail: 'Deployment web: restart was done before' });
  expect(await make().inquire?.(given, never)).toMatchObject({ status: 'succeeded' });
  expect([cluster.patches.length, web().metadata.generation]).toEqual([1, 2]);
});

test.each([
  ['strategic', { spec: { image: '{image}', size: '{to}' } }, 'application/strategic-merge-patch+json'],
  ['merge', { spec: { image: '{image}', size: '{to}' } }, MERGE],
  [
    'json',
    [
      { op: 'add', path: '/spec/image', value: '{image}' },
      { op: 'add', path: '/spec/size', value: '{to}' },
    ],
    'application/json-patch+json',
  ],
] as const)('a patch of type %s is applied once, with its placeholders replaced', async (type, body, contentType) => {
  const actuator = make({ patch: { type, body } });
  const given = order('patch', 'shop/web', { to: 3 });
  expect(await actuator.execute(given, never)).toMatchObject({ status: 'succeeded' });
  expect(await actuator.execute(given, never)).toMatchObject({ detail: 'Deployment web: patch was done before' });
  expect(web()).toMatchObject({
    spec: { image: 'web:7', size: 3, replicas: 2 },
    metadata: { annotations: { 'homeostat/patch': given.command.id } },
  });
  expect(cluster.patches).toEqual([`${WEB} ${contentType}`]);
  const another = order('patch', 'shop/web', { to: 4 });
  expect(await actuator.execute(another, never)).toMatchObject({ status: 'succeeded' });
  expect(web().spec.size).toBe(4);
});

test('nodes are cordoned and uncordoned', async () => {
  const actuator = make({ kind: 'Node', publishes: ['unschedulable'] });
  expect(await actuator.execute(order('cordon', 'shop/node-1'), never)).toMatchObject({
    status: 'succeeded',
    observations: [{ value: true }],
  });
  expect(cluster.objects.get(NODE)!.spec).toEqual({ unschedulable: true });
  expect(await actuator.execute(order('uncordon', 'shop/node-1'), never)).toMatchObject({
    status: 'succeeded',
    observations: [{ value: false }],
  });
  expect(cluster.objects.get(NODE)!.spec).toEqual({});
});

test('a lost answer leaves the note, which the next life finds', async () => {
  const given = order('restart', 'shop/web');
  cluster.intercept = (method, _, after) => after && method === 'PATCH';
  expect(await make().execute(given, never)).toMatchObject({ status: 'unknown', retryable: true });
  cluster.intercept = undefined;
  expect(await make().inquire?.(given, never)).toMatchObject({ status: 'succeeded' });
});

test('a roll-out is waited for if that is wanted', async () => {
  const waiting = make({ ready: '1h' }).execute(scaling(3), never);
  cluster.intercept = (method, path, after) => {
    if (method === 'GET' && path === WEB && !after && web().spec.replicas === 3)
      cluster.objects.set(WEB, { ...web(), status: { observedGeneration: 2, replicas: 3, readyReplicas: 3, updatedReplicas: 3 } });
    return false;
  };
  expect(await waiting).toMatchObject({ status: 'succeeded' });
  cluster.intercept = undefined;
  expect(await make({ ready: '1ms' }).execute(scaling(4), never)).toMatchObject({
    status: 'failed',
    retryable: true,
    detail: 'after 1ms 3 of 4 replicas are ready and 3 updated',
  });
});

test('progress is read from deployments, stateful sets, replica sets and daemon sets', () => {
  const metadata = { name: 'x', resourceVersion: '1', generation: 2 };
  const done = { observedGeneration: 2, replicas: 3, readyReplicas: 3 };
  expect(isReady({ metadata, spec: { replicas: 3, strategy: {} }, status: { ...done, updatedReplicas: 3 } })).toBe(true);
  expect(isReady({ metadata, spec: { replicas: 3, strategy: {} }, status: done })).toBe(false);
  expect(isReady({ metadata, spec: { replicas: 3 }, status: done })).toBe(true);
  expect(isReady({ metadata, spec: { replicas: 3 }, status: { ...done, observedGeneration: 1 } })).toBe(false);
  expect(isReady({ metadata, spec: { replicas: 0 }, status: { observedGeneration: 2 } })).toBe(true);
  const daemons = {
    observedGeneration: 2,
    desiredNumberScheduled: 4,
    currentNumberScheduled: 4,
    numberReady: 3,
    updatedNumberScheduled: 4,
  };
  expect(progressOf({ metadata, status: daemons })).toEqual({ wanted: 4, there: 4, ready: 3, updated: 4 });
});

test('what the cluster refuses says whether another attempt helps', async () => {
  for (const [status, retryable, pause] of [
    [403, false, undefined],
    [422, false, undefined],
    [429, true, 2_000],
    [503, true, 2_000],
  ] as const) {
    cluster.refusing = { status, message: 'because', headers: { 'retry-after': '2' } };
    const result = await make().execute(scaling(3), never);
    expect([result.status, result.retryable, result.retryAfterMs]).toEqual(['failed', retryable, pause]);
    expect(result.detail).toContain(`status ${status}: because`);
  }
  cluster.refusing = undefined;
  expect(await make({ name: 'none' }).execute(scaling(3), never)).toMatchObject({
    detail: expect.stringContaining('deployments.apps "none" not found'),
  });
  expect(await make({ kind: 'Rollout' }).execute(scaling(3), never)).toMatchObject({
    detail: 'the cluster has no kind Rollout in apps/v1',
    retryable: false,
  });
  expect(await make().execute(scaling(-1), never)).toMatchObject({ status: 'failed' });
});

test('a kubeconfig that is not there, and a context that it does not have, are named', async () => {
  const results = [make({ kubeconfig: 'nowhere.yaml' }), make({ context: 'other' })].map((actuator) => actuator.execute(scaling(3), never));
  expect((await results[0]!).detail).toContain('the kubeconfig nowhere.yaml cannot be read');
  expect((await results[1]!).detail).toBe('the kubeconfig has no context "other" with a cluster; known: test');
});

test('options that do not belong together are named with a remedy', () => {
  const said = (options: KubernetesOptions, ...operations: string[]) =>
    checkKubernetes(options, operations).map(({ at, message, remedy }) => [`/${at.join('/')}`, message, typeof remedy]);
  expect(said({}, 'patch')).toEqual([['/', 'the operation patch needs the option "patch"', 'string']]);
  expect(said({ patch: { type: 'json', body: {} } })).toEqual([['/patch/body', 'a patch of type json is a list of operations', 'string']]);
  expect(said({ patch: { body: [] } })).toEqual([['/patch/body', 'a patch of type strategic is an object', 'string']]);
  expect(said({}, 'cordon')).toEqual([['/kind', 'cordon is for nodes, and this is a Deployment', 'string']]);
  expect(said({ kind: 'Node' }, 'scale')).toEqual([['/kind', 'a Node knows no scale', 'string']]);
  expect(said({}, 'scale', 'restart')).toEqual([]);
});
