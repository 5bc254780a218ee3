/** Runs a program as a process group of its own, so that whatever it starts can be ended with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { HomeostatError } from '../../errors.ts';

/** How much of the end of stderr is kept for the message of a failure, bytes. */
const STDERR_TAIL_BYTES = 500;

export interface GroupOptions {
  readonly directory: string;
  /** Longest output that is taken, bytes. */
  readonly maxBytes: number;
}

/**
 * The standard output of a program that ended well. Its process group is gone when this settles, but for processes that left the group.
 * @throws HomeostatError H401 if it cannot be started, ends badly or writes too much; the signal's reason if that is aborted first.
 */
export function runGroup(command: readonly string[], options: GroupOptions, signal: AbortSignal): Promise<string> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const child = spawn(program!, args, { cwd: options.directory, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const failure = (text: string, cause?: unknown) => new HomeostatError('H401', `${program} ${text}`, { cause });
    child.once('error', (error) => reject(failure(`cannot be started: ${error.message}`, error)));
    if (child.pid === undefined) return;
    const out: Buffer[] = [];
    let outBytes = 0;
    let tail = Buffer.alloc(0);
    let ended: { readonly why: unknown } | undefined;

    const end = (why: unknown) => {
      ended ??= { why };
      kill(child);
      // Whoever has left the group may hold the other end for ever; nobody reads it any more.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const abort = () => end(signal.reason);
    signal.addEventListener('abort', abort, { once: true });

    child.stdout.on('data', (chunk: Buffer) => {
      outBytes += chunk.length;
      if (outBytes > options.maxBytes) end(failure(`wrote more than ${options.maxBytes} bytes`));
      else out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-STDERR_TAIL_BYTES);
    });
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', abort);
      kill(child);
      if (ended) return reject(ended.why);
      if (code === 0) return resolve(Buffer.concat(out).toString('utf8'));
      const said = tail.toString('utf8').trim();
      reject(failure(`${killedBy ? `was ended by ${killedBy}` : `ended with status ${code}`}${said === '' ? '' : `: ${said}`}`));
    });
  });
}

/** Ends the whole group. Its number cannot belong to another one as long as a member lives, and it is asked for at once when none does. */
function kill(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // None is left, or it runs as another user and is beyond our reach: then the schedule reports it as hanging.
  }
}
