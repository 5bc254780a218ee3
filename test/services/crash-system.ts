/**
 * The scripted system that a manager keeps in the crash tests: a pool of small processes whose wanted size changes, a beat that asks for effects
 * of each kind of actuator, and a log of every effect, kept by those who have it: the processes, the scripts and the server themselves.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Cooldowns in ms by policy, for the test's own check. */
export const COOLDOWNS: Readonly<Record<string, number>> = { grow: 150, shrink: 150, heal: 300, record: 120, ring: 250, call: 1_200 };
export const RINGS = { commands: 4, perMs: 3_000 };

/** Each effect writes the id of its command; under a lock, so that whoever asks waits for one that is under way. */
const RECORD = `#!/bin/sh
exec flock effects.lock sh -c 'echo "$HOMEOSTAT_COMMAND" >> effects-record'
`;
const RECORDED = `#!/bin/sh
exec flock effects.lock sh -c 'touch effects-record; grep -qx -e "$0" effects-record || exit 3' "$1"
`;
const RING = `#!/bin/sh
echo "$HOMEOSTAT_COMMAND" >> effects-ring
`;
/** Each start of a process is written down by the process itself. */
const SERVER = `#!/bin/sh
echo "$HOMEOSTAT_ELEMENT $HOMEOSTAT_COMMAND" >> effects-start
exec sleep 600
`;

const manager = (port: number) => ({
  mode: 'act',
  pace: '5ms',
  types: {
    farm: {
      properties: {
        wanted: { stale: '60s' },
        beat: { stale: '60s' },
        servers: { initial: 0, stale: 'never' },
        level: { initial: 0, stale: 'never' },
      },
      commands: {
        scale: {
          actuator: 'servers',
          resource: 'servers',
          property: 'servers',
          deadline: '10s',
          idempotent: true,
          retries: 2,
          backoff: '50ms',
        },
        record: { actuator: 'record', deadline: '5s' },
        ring: { actuator: 'ring', deadline: '5s' },
        call: { actuator: 'call', deadline: '5s' },
        tell: { actuator: 'tell', deadline: '5s' },
        mark: { actuator: 'set', resource: 'level' },
      },
    },
    server: {
      properties: { state: { stale: '10s' }, pid: { stale: 'never' }, cpu: {}, memoryBytes: {}, threads: {} },
      commands: { restart: { actuator: 'servers', resource: 'process', deadline: '10s', idempotent: true, retries: 2, backoff: '50ms' } },
    },
  },
  elements: { farm: { type: 'farm' } },
  probes: [
    {
      name: 'script',
      kind: 'file',
      element: 'farm',
      every: '50ms',
      path: 'telemetry.jsonl',
      read: { wanted: '/wanted', beat: '/beat' },
      timeFrom: '/time',
    },
    { name: 'processes', kind: 'process', element: 'farm', every: '100ms', actuator: 'servers' },
  ],
  actuators: {
    servers: {
      kind: 'process',
      run: ['./server.sh'],
      grace: '1s',
      publishes: ['state', 'pid'],
      pool: { type: 'server', name: 'server-{n}', most: 6 },
    },
    record: { kind: 'exec', run: ['./record.sh'], inquire: { run: ['./recorded.sh', '{command}'] } },
    ring: { kind: 'exec', run: ['./ring.sh'] },
    call: { kind: 'http', url: `http://127.0.0.1:${port}/call`, inquire: { url: `http://127.0.0.1:${port}/commands/{command}` } },
    tell: { kind: 'http', url: `http://127.0.0.1:${port}/tell` },
  },
  policies: ['rules.json'],
  budgets: [{ name: 'rings', scope: { command: 'ring' }, commands: RINGS.commands, per: `${RINGS.perMs}ms` }],
});

const when = (fact: string, operator: string, value: unknown) => ({ all: [{ fact, operator, value }] });
const cooldown = (policy: string) => `${COOLDOWNS[policy]}ms`;
const act = (command: string, params?: object) => [{ command, ...(params && { params }) }];

const rules = {
  defaults: { scope: { type: 'farm' } },
  policies: [
    {
      name: 'grow',
      conditions: when('wanted', 'greaterThan', { fact: 'servers' }),
      for: '100ms',
      cooldown: cooldown('grow'),
      actions: act('scale', { to: { fact: 'wanted' } }),
    },
    {
      name: 'shrink',
      conditions: when('wanted', 'lessThan', { fact: 'servers' }),
      for: '150ms',
      cooldown: cooldown('shrink'),
      actions: act('scale', { to: { fact: 'wanted' } }),
    },
    {
      name: 'heal',
      scope: { type: 'server' },
      conditions: when('state', 'equal', 'exited'),
      cooldown: cooldown('heal'),
      actions: act('restart'),
    },
    { name: 'record', conditions: when('beat', 'equal', 1), cooldown: cooldown('record'), actions: act('record') },
    { name: 'ring', conditions: when('beat', 'equal', 2), cooldown: cooldown('ring'), actions: act('ring') },
    {
      name: 'call',
      conditions: when('beat', 'equal', 1),
      cooldown: cooldown('call'),
      actions: act('call'),
      expect: { within: '150ms', conditions: when('beat', 'equal', 3), otherwise: act('tell') },
    },
    { name: 'mark', conditions: when('beat', 'equal', 2), actions: act('mark', { to: { fact: 'wanted' } }) },
  ],
};

/** What was done, as those say who did it: an id for each time. */
export interface Effects {
  readonly started: readonly string[];
  readonly recorded: readonly string[];
  readonly rung: readonly string[];
  readonly called: readonly string[];
  readonly told: readonly string[];
}

export class System {
  readonly folder: string;
  readonly file: string;
  readonly #server: Server;
  readonly #requests: { readonly path: string; readonly command: string }[] = [];

  private constructor(folder: string, server: Server) {
    this.folder = folder;
    this.file = join(folder, 'homeostat.json');
    this.#server = server;
    server.on('request', (request, response) => {
      const path = request.url ?? '';
      const asked = path.startsWith('/commands/') ? decodeURIComponent(path.slice('/commands/'.length)) : undefined;
      if (asked === undefined) this.#requests.push({ path, command: String(request.headers['homeostat-command']) });
      response.statusCode = asked === undefined || this.#requests.some(({ command }) => command === asked) ? 200 : 404;
      response.end();
    });
  }

  static async make(folder: string): Promise<System> {
    mkdirSync(folder, { recursive: true });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const system = new System(folder, server);
    const scripts = { 'record.sh': RECORD, 'recorded.sh': RECORDED, 'ring.sh': RING, 'server.sh': SERVER };
    for (const [name, text] of Object.entries(scripts)) writeFileSync(join(folder, name), text, { mode: 0o755 });
    writeFileSync(system.file, JSON.stringify(manager((server.address() as AddressInfo).port), null, 2));
    writeFileSync(join(folder, 'rules.json'), JSON.stringify(rules, null, 2));
    return system;
  }

  /** The next line of the script. */
  say(wanted: number, beat: number): void {
    appendFileSync(join(this.folder, 'telemetry.jsonl'), `${JSON.stringify({ time: Date.now(), wanted, beat })}\n`);
  }

  effects(): Effects {
    const lines = (name: string) => {
      const file = join(this.folder, name);
      return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
    };
    const requests = (path: string) => this.#requests.filter((r) => r.path === path).map((r) => r.command);
    return {
      started: lines('effects-start'),
      recorded: lines('effects-record'),
      rung: lines('effects-ring'),
      called: requests('/call'),
      told: requests('/tell'),
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
