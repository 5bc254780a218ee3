/** Starts the programs of examples/web-farm as what they are, processes, and ends them after each test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const FARM = new URL('../../examples/web-farm/', import.meta.url).pathname;

export type Line = Record<string, unknown> & { event: string; time: number };

export interface Program {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly lines: (event?: string) => Line[];
  /** Resolves to the exit status, or the name of the signal. */
  readonly ended: Promise<number | string>;
}

let folder: string;
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farm-'));
});

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Polls until the given function gives something true; fails after ten seconds. */
export async function until<T>(what: string, look: () => T | false | undefined | Promise<T | false | undefined>): Promise<T> {
  for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 10))) {
    const seen = await look();
    if (seen) return seen;
  }
  throw new Error(`not within 10 s: ${what}`);
}

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a program with a free port and a log of its own, and waits until it listens. */
export async function start(name: 'server' | 'balancer' | 'load', more: Record<string, string | number> = {}): Promise<Program> {
  const port = await freePort();
  const log = join(folder, `${name}-${port}.jsonl`);
  const flags = Object.entries({ port, log, 'lifetime-ms': 60_000, ...more }).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const child = spawn(process.execPath, [join(FARM, `${name}.js`), ...flags], { stdio: ['pipe', 'ignore', 'inherit'] });
  started.push(child);
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const lines = (event?: string) => (existsSync(log) ? readLines(log) : []).filter((line) => event === undefined || line.event === event);
  const program = { child, pid: child.pid!, port, url: `http://127.0.0.1:${port}`, lines, ended };
  await until(`${name} listens`, () => lines('start').length > 0);
  return program;
}

/** The whole lines of a log. */
export const readLines = (file: string): Line[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

export async function call(method: string, url: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
