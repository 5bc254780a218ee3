/** A server as a child process of a test: it can be frozen, killed and started again, and it ends when the test does, however that ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface Server {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly pid: number;
  /** Its data, configuration and `log`; gone after `stop`. */
  readonly folder: string;
  /** SIGSTOP: it holds its connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. Stops it first, as its own shutdown does, if it runs. */
  restart(): Promise<void>;
  /** Ends it for good and removes its folder. Calling it again does nothing. */
  stop(): Promise<void>;
}

export interface Program {
  readonly name: string;
  readonly port: number;
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Whether it can be used, asked again and again. */
  ready(log: string): Promise<boolean> | boolean;
}

const START_MS = 60_000;
const STOP_MS = 20_000;

export const newFolder = (name: string): string => mkdtempSync(join(tmpdir(), `homeostat-${name}-`));

/** Ports that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Whether something listens there. */
export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', answer(true)).once('error', answer(false));
  });

/**
 * Ends a child, and removes its folder, if this process ends without a word, kill -9 included: its end of the pipe closes then.
 * A word means that the server has ended already.
 */
export function watchdog(pid: number, folder = ''): ChildProcess {
  const script = 'read word; [ "$word" = done ] && exit; kill -KILL "$0"; sleep 1; rm -rf "$1"';
  const child = spawn('/bin/sh', ['-c', script, String(pid), folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  child.stdin!.on('error', () => undefined);
  return child;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  readonly logFile: string;
}

async function launch(program: Program, life: number): Promise<Running> {
  const logFile = join(program.folder, life === 1 ? 'log' : `log-${life}`);
  const log = createWriteStream(logFile);
  await once(log, 'open');
  // A group of its own: Ctrl-C at the terminal is for the test, which then stops it in order.
  const child = spawn(program.command, program.args, { stdio: ['ignore', log, log], detached: true, cwd: program.folder });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  log.close();
  let over = false;
  void ended.then(() => {
    over = true;
  });
  if (child.pid !== undefined) {
    const guard = watchdog(child.pid, program.folder);
    void ended.then(() => guard.stdin!.end('done\n'));
    child.unref();
  }
  const end = Date.now() + START_MS;
  while (!over && Date.now() < end) {
    if (await program.ready(readFileSync(logFile, 'utf8'))) return { child, ended, logFile };
    await wait(50);
  }
  child.kill('SIGKILL');
  await ended;
  throw new Error(`${program.name} did not start:\n${readFileSync(logFile, 'utf8').slice(-4_000)}`);
}

/** Starts a program; rejects with the end of its log if it does not come up. */
export async function startProgram(program: Program): Promise<Server> {
  let life = 1;
  let running: Running;
  try {
    running = await launch(program, life);
  } catch (thrown) {
    rmSync(program.folder, { recursive: true, force: true });
    throw thrown;
  }
  const signal = (name: NodeJS.Signals) => {
    if (running.child.exitCode === null && running.child.signalCode === null) running.child.kill(name);
  };
  const end = async () => {
    signal('SIGCONT');
    signal('SIGTERM');
    const late = setTimeout(() => signal('SIGKILL'), STOP_MS);
    await running.ended;
    clearTimeout(late);
  };
  let stopped: Promise<void> | undefined;
  return {
    port: program.port,
    folder: program.folder,
    get pid() {
      return running.child.pid!;
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async kill() {
      signal('SIGKILL');
      await running.ended;
    },
    async restart() {
      await end();
      life += 1;
      running = await launch(program, life);
    },
    stop() {
      stopped ??= end().then(() => rmSync(program.folder, { recursive: true, force: true, maxRetries: 5 }));
      return stopped;
    },
  };
}
