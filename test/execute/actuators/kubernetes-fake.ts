/**
 * An API server for tests: discovery, resources with versions, patches of the three types with their preconditions, and the subresource `scale`,
 * in the shapes of the official client's own types. Refusals are worded as a real server's were recorded in public bug reports.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { V1Deployment, V1Node, V1Scale, V1Status } from '@kubernetes/client-node';

/** Metadata and spec that the test reads back; the rest of the client's types is optional. */
type Json = Record<string, unknown>;
export type Stored = Json & {
  metadata: Json & { name: string; resourceVersion: string; generation: number; annotations?: Record<string, string> };
  spec: Json;
  status: Json;
};

export interface FakeCluster {
  readonly kubeconfig: string;
  readonly objects: Map<string, Stored>;
  /** Each patch that was applied: path, content type, field manager. */
  readonly patches: string[];
  /** Stands before each request; returning true leaves it without an answer. `after`: it was carried out. */
  intercept: ((method: string, path: string, after: boolean) => boolean) | undefined;
  /** What every request is refused with. */
  refusing: { readonly status: number; readonly message: string; readonly headers?: Record<string, string> } | undefined;
  readonly touch: (path: string, spec?: Json) => void;
  readonly end: () => Promise<void>;
}

const TOKEN = 'a-token-of-the-cluster';
export const WEB = '/apis/apps/v1/namespaces/shop/deployments/web';
export const NODE = '/api/v1/nodes/node-1';

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
function mergePatch(base: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Json = isObject(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** The operations of RFC 6902 that the tests send, on objects only. Undefined: a test does not hold. */
function jsonPatch(base: Json, operations: readonly { op: string; path: string; value?: unknown }[]): Json | undefined {
  const copy = structuredClone(base);
  for (const { op, path, value } of operations) {
    const keys = path
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop()!;
    const parent = keys.reduce<unknown>((here, key) => (here as Json | undefined)?.[key], copy) as Json | undefined;
    if (!parent) return undefined;
    if (op === 'test') {
      if (JSON.stringify(parent[last]) !== JSON.stringify(value)) return undefined;
    } else if (op === 'remove') delete parent[last];
    else parent[last] = value;
  }
  return copy;
}

const status = (code: number, reason: string, message: string): readonly [number, V1Status] => [
  code,
  { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code },
];

export async function fakeCluster(folder: string): Promise<FakeCluster> {
  const objects: FakeCluster['objects'] = new Map();
  const deployment: V1Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    spec: { replicas: 2, selector: {}, template: {}, strategy: {} },
  };
  const node: V1Node = { apiVersion: 'v1', kind: 'Node', spec: {} };
  const ready = { observedGeneration: 1, replicas: 2, readyReplicas: 2, updatedReplicas: 2 };
  objects.set(WEB, {
    ...deployment,
    metadata: { name: 'web', resourceVersion: '100', generation: 1 },
    spec: { ...deployment.spec },
    status: ready,
  });
  objects.set(NODE, { ...node, metadata: { name: 'node-1', resourceVersion: '200', generation: 0 }, spec: {}, status: {} });
  let version = 1_000;

  const touch = (path: string, spec: Json = {}) => {
    const object = objects.get(path)!;
    objects.set(path, {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(++version) },
      spec: { ...object.spec, ...spec },
    });
  };
  const scaleOf = ({ metadata, spec, status: now }: Stored): V1Scale => ({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name: metadata.name, resourceVersion: metadata.resourceVersion },
    spec: { replicas: Number(spec.replicas) },
    status: { replicas: Number(now.replicas ?? 0) },
  });
  const conflict = (name: string) =>
    status(
      409,
      'Conflict',
      `Operation cannot be fulfilled on deployments.apps "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    );

  function patch(path: string, part: string, type: string, body: unknown): readonly [number, unknown] {
    const object = objects.get(path)!;
    const { name, resourceVersion } = object.metadata;
    let next: Stored | undefined;
    if (type === 'application/json-patch+json') {
      next = jsonPatch(object, body as []) as Stored | undefined;
      if (!next) return status(422, 'Invalid', 'the server rejected our request due to an error in our request');
    } else {
      const given = (body as Partial<Stored>).metadata?.resourceVersion;
      if (given !== undefined && given !== resourceVersion) return conflict(name);
      next = mergePatch(object, part === '/scale' ? { spec: (body as Stored).spec } : body) as Stored;
    }
    const changed = JSON.stringify(next.spec) !== JSON.stringify(object.spec);
    next = {
      ...next,
      metadata: { ...next.metadata, resourceVersion: String(++version), generation: object.metadata.generation + (changed ? 1 : 0) },
    };
    objects.set(path, next);
    cluster.patches.push(`${path}${part} ${type}`);
    return [200, part === '/scale' ? scaleOf(next) : next];
  }

  function answer(method: string, path: string, type: string, body: unknown): readonly [number, unknown] {
    if (cluster.refusing) return status(cluster.refusing.status, 'Refused', cluster.refusing.message);
    const resources = [
      { name: 'deployments', kind: 'Deployment', namespaced: true },
      { name: 'deployments/scale', kind: 'Scale', namespaced: true },
    ];
    if (path === '/apis/apps/v1') return [200, { kind: 'APIResourceList', groupVersion: 'apps/v1', resources }];
    if (path === '/api/v1')
      return [200, { kind: 'APIResourceList', groupVersion: 'v1', resources: [{ name: 'nodes', kind: 'Node', namespaced: false }] }];
    const part = path.endsWith('/scale') ? '/scale' : '';
    const object = objects.get(path.slice(0, path.length - part.length));
    if (!object)
      return status(
        404,
        'NotFound',
        `deployments.apps "${path
          .replace(/\/scale$/, '')
          .split('/')
          .at(-1)}" not found`,
      );
    if (method === 'PATCH') return patch(path.slice(0, path.length - part.length), part, type, body);
    return [200, part ? scaleOf(object) : object];
  }

  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const url = new URL(request.url!, 'http://cluster');
    const method = request.method!;
    response.setHeader('content-type', 'application/json');
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      return response.writeHead(401).end(JSON.stringify(status(401, 'Unauthorized', 'Unauthorized')[1]));
    if (cluster.intercept?.(method, url.pathname, false)) return;
    const [code, body] = answer(method, url.pathname, String(request.headers['content-type']), text === '' ? undefined : JSON.parse(text));
    if (method === 'PATCH' && url.searchParams.get('fieldManager') !== 'homeostat') throw new Error('a patch without its field manager');
    if (cluster.intercept?.(method, url.pathname, true)) return response.destroy();
    response.writeHead(code, cluster.refusing?.headers).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const kubeconfig = join(folder, 'kubeconfig.json');
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [
        {
          name: 'test',
          cluster: { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'insecure-skip-tls-verify': true },
        },
      ],
      users: [{ name: 'test', user: { token: TOKEN } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'shop' } }],
    }),
  );
  const cluster: FakeCluster = {
    kubeconfig,
    objects,
    patches: [],
    intercept: undefined,
    refusing: undefined,
    touch,
    end: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return cluster;
}
