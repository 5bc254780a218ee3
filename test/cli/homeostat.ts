/** The command line as its users have it: the compiled program, in a process and a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. It is killed when the test is over. */
export interface Program {
  readonly child: ChildProcess;
  /** Resolves when the text has been written to stdout or stderr; rejects when the program ends without it. */
  said(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

const folders: string[] = [];
const programs: Program[] = [];

/** A fresh folder with these files; documents are written as JSON. */
export function folderWith(files: Readonly<Record<string, unknown>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-cli-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) put(folder, name, content);
  return folder;
}

export function put(folder: string, name: string, content: unknown): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
}

/** Ends what a test has left running, and takes its folders away. */
export async function tidyUp(): Promise<void> {
  for (const { child } of programs) child.kill('SIGKILL');
  await Promise.all(programs.map((program) => program.ended));
  programs.length = 0;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function start(args: readonly string[], cwd: string, input = ''): Program {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: npm run build`);
  // As a person's shell would start it, not as npx does.
  const { npm_command: _npx, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: 'pipe' });
  child.stdin.end(input);
  let [stdout, stderr] = ['', ''];
  const listeners = new Set<() => void>();
  const heard = () => {
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', (data) => {
    stdout += data;
    heard();
  });
  child.stderr.on('data', (data) => {
    stderr += data;
    heard();
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
  const program: Program = {
    child,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const listener = () => {
          if (!stdout.includes(text) && !stderr.includes(text)) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
        listener();
        void ended.then(() => reject(new Error(`it ended without saying ${text}:\n${stdout}\n${stderr}`)));
      }),
  };
  programs.push(program);
  return program;
}

/** Runs a command to its end. */
export const homeostat = (args: readonly string[], cwd: string, input?: string): Promise<Ended> => start(args, cwd, input).ended;

/** Starts a manager and waits until it has made its first step. */
export async function startManager(cwd: string, ...args: string[]): Promise<Program> {
  const program = start(['run', ...args], cwd);
  await program.said('Homeostat runs');
  const journal = start(['journal', '--follow', '--json', '--after', '0'], cwd);
  await journal.said('"kind":"configured"');
  journal.child.kill();
  return program;
}

export const MANAGER = {
  domain: 'shop',
  types: {
    farm: {
      properties: { responseTime: { unit: 'ms', gauge: { kind: 'mean', window: '10s' } }, servers: { initial: 1 }, maxServers: {} },
      commands: { scale: { actuator: 'set', operation: 'set', resource: 'servers', property: 'servers', max: { fact: 'maxServers' } } },
    },
  },
  elements: { shop: { type: 'farm', properties: { maxServers: 3 } } },
  policies: ['rules/shop.json'],
};

export const RULES = {
  policies: [
    {
      name: 'add-server-when-slow',
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

export const shop = (manager: object = {}): string =>
  folderWith({ 'homeostat.json': { mode: 'act', ...MANAGER, ...manager }, 'rules/shop.json': RULES });
