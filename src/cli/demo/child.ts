/** A process that the demo starts itself, in a group of its own so that a ctrl-C at the terminal reaches the demo alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Clock } from '../../clock.ts';
import { HomeostatError } from '../../errors.ts';

export interface Child {
  readonly pid: number;
  readonly running: () => boolean;
  /** Resolves when it has ended, with how: `status 0`, `SIGKILL`. */
  readonly ended: Promise<string>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** TERM, and KILL if it has not ended by then. Resolves when it has. */
  readonly stop: (graceMs: number) => Promise<string>;
}

export interface ChildOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The file that takes what it writes. */
  readonly output: string;
  readonly clock: Clock;
}

/** Starts `node` with these arguments. Its standard input ends when the demo does, however that comes about. */
export function startNode(args: readonly string[], { cwd, environment, output, clock }: ChildOptions): Child {
  const sink = openSync(output, 'a');
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, args, { cwd, env: environment, detached: true, stdio: ['pipe', sink, sink] });
  } finally {
    closeSync(sink);
  }
  const { pid } = child;
  if (pid === undefined) throw new HomeostatError('H402', `${args[0]} cannot be started`);
  let over = false;
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (status, signal) => {
      over = true;
      resolve(signal ?? `status ${status}`);
    });
  });
  // A pipe to a process that has ended is no news: `ended` tells it.
  child.stdin?.on('error', () => {});
  child.on('error', () => {});
  const kill = (signal: NodeJS.Signals) => {
    if (!over) child.kill(signal);
  };
  return {
    pid,
    running: () => !over,
    ended,
    kill,
    stop: async (graceMs) => {
      kill('SIGTERM');
      const cancel = clock.after(graceMs, () => kill('SIGKILL'));
      return ended.finally(cancel);
    },
  };
}

/**
 * Sees to it that a process which does not watch its standard input ends when the demo does, even by KILL: a shell waits for the end of a pipe
 * that the demo holds open. It is ended itself when the process has.
 */
export function endWithUs(child: Child): void {
  const guard = spawn('/bin/sh', ['-c', 'cat > /dev/null; kill -KILL "$0"', String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  const { pid } = guard;
  guard.unref();
  child.ended.then(() => {
    try {
      if (pid !== undefined && guard.exitCode === null) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  });
}
