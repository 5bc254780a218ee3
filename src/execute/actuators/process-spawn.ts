/** Starts a process that outlives the manager: a session of its own, and files for its output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { messageOf } from '../../errors.ts';
import { identityOf, type ProcessIdentity } from './process-table.ts';
import { notRun } from './results.ts';

export interface Launch {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly output: FileHandle | undefined;
}

export interface Launched extends ProcessIdentity {
  /** Resolves when it has ended, with how: `status 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
}

/** A log file to append to. Where it cannot be opened the process goes without: healing must not wait for a full disk. */
export async function openOutput(file: string, log: Logger): Promise<FileHandle | undefined> {
  try {
    await mkdir(dirname(file), { recursive: true });
    return await open(file, 'a');
  } catch (error) {
    log.warn({ file, error: messageOf(error) }, 'the output of a process cannot be kept');
    return undefined;
  }
}

/** The end of a log file, for the detail of a failure; empty if there is none. */
export async function tailOf(file: string, bytes: number): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, Math.max(0, size - bytes));
      return buffer.subarray(0, bytesRead).toString('utf8').trim();
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (status, signal) => resolve(signal ?? `status ${status}`));
  });
}

/**
 * Starts the program. When it returns the program runs, with its environment: Node waits for its exec.
 * @throws FinalFailure if the program cannot be run, HomeostatError H402 if there is no room for it now.
 */
export async function launch({ argv, cwd, env, output }: Launch): Promise<Launched> {
  const [program, ...args] = argv;
  const stdio = output?.fd ?? 'ignore';
  const child = spawn(program!, args, { cwd, env, detached: true, stdio: ['ignore', stdio, stdio] });
  const { pid } = child;
  if (pid === undefined) {
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => child.once('error', resolve));
    throw notRun(program!, cwd, error);
  }
  child.on('error', () => {});
  const ended = endOf(child);
  child.unref();
  // Until the event loop turns nobody has waited for the child, so its pid is its own, even if it has ended already.
  return { pid, startTicks: identityOf(pid)?.startTicks ?? 0, ended };
}
