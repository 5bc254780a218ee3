/** A real manager with its API on a free port, in a folder of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { readAddress } from '../../src/api/address.ts';
import { embeddedFigures } from '../../src/api/figures.ts';
import { type Api, serve } from '../../src/api/server.ts';
import { Steps } from '../../src/api/steps.ts';
import { type Assembly, assemble } from '../../src/assemble.ts';
import { embedded } from '../../src/cli/assembled.ts';
import { Reloading } from '../../src/cli/reloading.ts';
import { loadConfiguration } from '../../src/config.ts';

export const MANAGER = {
  domain: 'shop',
  mode: 'act',
  types: {
    farm: {
      properties: {
        responseTime: { unit: 'ms', deadZone: { low: 150, high: 250 } },
        sales: {},
        servers: { initial: 1 },
        maxServers: {},
      },
      commands: {
        scale: {
          actuator: 'set',
          operation: 'set',
          resource: 'servers',
          property: 'servers',
          max: { fact: 'maxServers' },
          effects: { responseTime: 'falls' },
        },
      },
    },
    device: { properties: { limit: {}, load: {} } },
  },
  elements: { shop: { type: 'farm', properties: { maxServers: 3 } } },
  probes: [
    { name: 'till', kind: 'push', element: 'shop', every: '10s' },
    { name: 'devices', kind: 'push', scope: { type: 'device' }, every: '5s' },
  ],
  policies: ['rules.json'],
};

export const RULES = {
  policies: [
    {
      name: 'add-server-when-slow',
      why: 'people leave above 250 ms',
      scope: { type: 'farm' },
      conditions: {
        all: [
          { fact: 'responseTime', operator: 'greaterThan', value: 200 },
          { fact: 'servers', operator: 'lessThan', value: { fact: 'maxServers' } },
        ],
      },
      cooldown: '1h',
      actions: [{ command: 'scale', params: { by: 1 } }],
    },
  ],
};

// biome-ignore lint/suspicious/noExplicitAny: tests look at answers as they come
export type Body = any;

export interface Running {
  readonly folder: string;
  readonly file: string;
  readonly state: string;
  readonly assembly: Assembly;
  readonly api: Api;
  readonly steps: Steps;
  /** Asks with the token. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ readonly status: number; readonly body: Body; readonly text: string }>;
  /** Resolves when a step has made it so. */
  until(isSo: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

export function makeFolder(manager: object = MANAGER, rules: object = RULES): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-api-'));
  writeFileSync(join(folder, 'rules.json'), JSON.stringify(rules));
  writeFileSync(join(folder, 'homeostat.json'), JSON.stringify(manager));
  return { folder, file: join(folder, 'homeostat.json') };
}

/** Starts a manager; `there`: in a folder that is there already. */
export async function start(manager: object = MANAGER, there?: { folder: string; file: string }): Promise<Running> {
  const { folder, file } = there ?? makeFolder(manager);
  const { configuration, findings } = loadConfiguration(file);
  if (configuration === undefined) throw new Error(JSON.stringify(findings));
  const log = pino({ level: 'silent' });
  const steps = new Steps();
  const assembly = await assemble(configuration, { log, random: () => 0.5, environment: {}, onStep: steps.tell });
  const reloading = new Reloading({ file, lenient: false, configuration, running: embedded(assembly, configuration, steps), steps, log });
  let api: Api;
  try {
    api = await serve({
      assembly,
      started: configuration,
      reload: () => reloading.reload(),
      steps,
      log,
      startedAt: assembly.clock.now(),
      figures: embeddedFigures(assembly, steps),
    });
  } catch (thrown) {
    await assembly.stop(0);
    throw thrown;
  }
  await assembly.start();
  const running: Running = {
    folder,
    file,
    state: configuration.folder,
    assembly,
    api,
    steps,
    ask: async (method, path, body, headers = {}) => {
      const { url, token } = readAddress(configuration.folder)!;
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
    },
    until: async (isSo) => {
      if (!(await steps.until(assembly.clock, 10_000, isSo))) throw new Error(`it never came to be that ${isSo}`);
    },
    stop: async () => {
      await api.close();
      await assembly.stop(0);
      if (there === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
  await running.until(() => assembly.manager.state.elements.size > 0);
  return running;
}
