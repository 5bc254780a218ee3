/**
 * An engine for tests: enough of the Engine API for what the docker actuator calls, with the statuses and words of a real one
 * (recorded/docker-20.10.json; docker.test.ts holds the two together).
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';

interface Fake {
  readonly Id: string;
  readonly Name: string;
  RestartCount: number;
  State: {
    Status: string;
    Running: boolean;
    Paused: boolean;
    ExitCode: number;
    StartedAt: string;
    FinishedAt: string;
    Health?: { Status: string };
  };
  readonly Config: Record<string, unknown> & { Image: string; Labels?: Record<string, string> };
  readonly HostConfig: Record<string, number | string>;
  readonly NetworkSettings: { Networks: Record<string, unknown> };
}

export interface FakeEngine {
  readonly host: string;
  readonly containers: Map<string, Fake>;
  readonly services: Map<string, { ID: string; Version: { Index: number }; Spec: Record<string, unknown> }>;
  /** What changed anything, as "POST /containers/x/start". */
  readonly effects: string[];
  /** Stands before each answer; returning true leaves the request without one. `after`: its effect has happened. */
  intercept: ((method: string, path: string, after: boolean) => boolean) | undefined;
  /** Status and message with which every change is answered. */
  failing: readonly [number, string] | undefined;
  apiVersion: string;
  readonly end: () => Promise<void>;
}

const NEVER = '0001-01-01T00:00:00Z';
const IMAGES = ['homeostat/busybox:test'];
const SIGNALS = ['KILL', 'TERM', 'HUP'];

export async function fakeEngine(folder: string): Promise<FakeEngine> {
  const containers: FakeEngine['containers'] = new Map();
  const services: FakeEngine['services'] = new Map();
  let made = 0;
  const find = (name: string) => [...containers.values()].find((one) => one.Id === name || one.Name === `/${name}`);
  const instant = () => new Date().toISOString();
  const run = (one: Fake) => {
    one.State = {
      Status: 'running',
      Running: true,
      Paused: false,
      ExitCode: 0,
      StartedAt: instant(),
      FinishedAt: one.State.FinishedAt,
      ...(one.Config.Healthcheck ? { Health: { Status: 'starting' } } : {}),
    };
  };
  const halt = (one: Fake, code: number) => {
    one.State = { ...one.State, Status: 'exited', Running: false, Paused: false, ExitCode: code, FinishedAt: instant() };
  };
  type Answer = readonly [status: number, body?: unknown];
  const no = (status: number, message: string): Answer => [status, { message }];

  function create(name: string, body: Record<string, unknown>): Answer {
    const {
      HostConfig,
      NetworkingConfig: _,
      ...Config
    } = body as { HostConfig?: Record<string, number>; NetworkingConfig?: unknown } & Fake['Config'];
    if (!IMAGES.includes(Config.Image)) return no(404, `No such image: ${Config.Image}`);
    const other = find(name);
    if (other)
      return no(
        409,
        `Conflict. The container name "/${name}" is already in use by container "${other.Id}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
    const Id = (++made).toString(16).padStart(64, '0');
    const limits = { NanoCpus: 0, Memory: 0, MemorySwap: 0, ...HostConfig };
    if (limits.Memory > 0 && limits.MemorySwap === 0) limits.MemorySwap = limits.Memory * 2;
    const State = { Status: 'created', Running: false, Paused: false, ExitCode: 0, StartedAt: NEVER, FinishedAt: NEVER };
    containers.set(Id, {
      Id,
      Name: `/${name}`,
      RestartCount: 0,
      State,
      Config: { Hostname: Id.slice(0, 12), ...Config },
      HostConfig: limits,
      NetworkSettings: { Networks: { none: {} } },
    });
    return [201, { Id, Warnings: [] }];
  }

  function change(one: Fake, what: string, query: URLSearchParams, body: Record<string, number>): Answer {
    const name = one.Name.slice(1);
    const { Running, Paused } = one.State;
    switch (what) {
      case 'start':
        if (Running) return [304];
        run(one);
        return [204];
      case 'stop':
        if (!Running) return [304];
        halt(one, 0);
        return [204];
      case 'restart':
        if (Running) halt(one, 0);
        run(one);
        return [204];
      case 'kill': {
        const signal = query.get('signal') ?? 'KILL';
        if (!SIGNALS.includes(signal)) return no(400, `Invalid signal: ${signal}`);
        if (!Running) return no(409, `Cannot kill container: ${name}: Container ${one.Id} is not running`);
        if (signal === 'KILL') halt(one, 137);
        return [204];
      }
      case 'pause':
        if (!Running) return no(409, `Container ${one.Id} is not running`);
        if (Paused) return no(409, `Container ${one.Id} is already paused`);
        one.State = { ...one.State, Paused: true, Status: 'paused' };
        return [204];
      case 'unpause':
        if (!Paused) return no(500, `Container ${one.Id} is not paused`);
        one.State = { ...one.State, Paused: false, Status: 'running' };
        return [204];
      default: {
        if (body.Memory !== undefined && body.Memory < 6_291_456) return no(400, 'Minimum memory limit allowed is 6MB');
        if ((body.Memory ?? 0) > Number(one.HostConfig.MemorySwap) && body.MemorySwap === undefined)
          return no(
            409,
            `Cannot update container ${one.Id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
          );
        Object.assign(one.HostConfig, body);
        return [200, { Warnings: null }];
      }
    }
  }

  function list(filters: string | null): Answer {
    const { label = [] } = JSON.parse(filters ?? '{}') as { label?: string[] };
    const has = (one: Fake) =>
      label.every((wanted) => one.Config.Labels?.[wanted.slice(0, wanted.indexOf('='))] === wanted.slice(wanted.indexOf('=') + 1));
    const shown = [...containers.values()]
      .filter(has)
      .map(({ Id, Name, State, Config }) => ({ Id, Names: [Name], Image: Config.Image, State: State.Status, Labels: Config.Labels }));
    return [200, shown];
  }

  function answer(method: string, url: URL, body: Record<string, unknown>): Answer {
    const [, version, kind, named = '', what = ''] = url.pathname.split('/');
    const name = decodeURIComponent(named);
    if (version === 'v1.60') return no(400, `client version 1.60 is too new. Maximum supported API version is ${engine.apiVersion}`);
    if (engine.failing && method !== 'GET') return no(...engine.failing);
    if (kind === 'info') return [200, { SystemTime: instant(), ServerVersion: 'fake' }];
    if (kind === 'services') {
      if (services.size === 0)
        return no(
          503,
          'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
        );
      const service = [...services.values()].find((one) => one.ID === name || one.Spec.Name === name);
      if (!service) return no(404, `service ${name} not found`);
      if (method === 'GET') return [200, service];
      if (Number(url.searchParams.get('version')) !== service.Version.Index)
        return no(500, 'rpc error: code = Unknown desc = update out of sequence');
      service.Version.Index++;
      service.Spec = body;
      return [200, { Warnings: null }];
    }
    if (name === 'json') return list(url.searchParams.get('filters'));
    if (name === 'create') return create(url.searchParams.get('name') ?? '', body);
    const one = find(name);
    if (!one) return no(404, `No such container: ${name}`);
    if (method === 'DELETE') {
      containers.delete(one.Id);
      return [204];
    }
    return method === 'GET' ? [200, one] : change(one, what, url.searchParams, body as Record<string, number>);
  }

  const server: Server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { method = '', url = '' } = request;
    if (url === '/_ping') return response.setHeader('api-version', engine.apiVersion).end('OK');
    const path = url.replace(/^\/v[0-9.]+/, '');
    if (engine.intercept?.(method, path, false)) return;
    const [status, body] = answer(method, new URL(url, 'http://docker'), text === '' ? {} : JSON.parse(text));
    if (method !== 'GET' && status < 300) engine.effects.push(`${method} ${path}`);
    if (engine.intercept?.(method, path, true)) return response.destroy();
    response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body));
  });
  const socket = join(folder, 'docker.sock');
  server.listen(socket);
  await once(server, 'listening');
  const engine: FakeEngine = {
    host: `unix://${socket}`,
    containers,
    services,
    effects: [],
    intercept: undefined,
    failing: undefined,
    apiVersion: '1.41',
    end: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return engine;
}
