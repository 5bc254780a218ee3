/** Runs a program to its end, in a process group of its own, keeping the end of what it writes. */
import { spawn } from 'node:child_process';
import { type Clock, sleep } from '../../clock.ts';
import { notRun } from './results.ts';

export interface Run {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told its process as soon as it runs. */
  readonly began?: (pid: number) => void;
}

export interface Ended {
  /** null: it was ended by a signal. */
  readonly status: number | null;
  readonly killedBy: string | null;
  /** The ends of what it wrote, trimmed, at most TAIL_BYTES each. */
  readonly stdout: string;
  readonly stderr: string;
}

const TAIL_BYTES = 2_048;
/** How long its output is waited for when it has ended: a helper that it left behind may hold it open for ever. */
const DRAIN_MS = 100;

class Tail {
  #kept = Buffer.alloc(0);

  add(chunk: Buffer): void {
    this.#kept = Buffer.concat([this.#kept, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
  }

  get text(): string {
    return this.#kept.toString('utf8').trim();
  }
}

/**
 * @throws FinalFailure if the program cannot be run; the signal's reason if that is aborted, after the whole group got KILL.
 */
export async function runProgram({ argv, cwd, env, clock, signal, began }: Run): Promise<Ended> {
  signal.throwIfAborted();
  const [program, ...args] = argv;
  const child = spawn(program!, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined) began?.(child.pid);
  const [stdout, stderr] = [new Tail(), new Tail()];
  child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // Nobody has waited for the child until `exit` is told, so until then its number is its own.
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    const [status, killedBy] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(notRun(program!, cwd, error)));
      child.once('exit', (...how) => resolve(how));
    });
    signal.throwIfAborted();
    await Promise.race([closed, sleep(clock, DRAIN_MS)]);
    return { status, killedBy, stdout: stdout.text, stderr: stderr.text };
  } finally {
    signal.removeEventListener('abort', kill);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}
