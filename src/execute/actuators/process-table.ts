/**
 * The processes of this manager in /proc (Linux, see proc(5)). A pid alone names nobody: it is used again. Pid and start time together name
 * one process of one boot, and its environment says whose it is; both are looked at again just before each signal.
 */
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { COMMAND, ELEMENT, OWNER } from './environment.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in clock ticks since boot. */
  readonly startTicks: number;
}

interface ProcessStat extends ProcessIdentity {
  readonly frozen: boolean;
  /** It leads a session of its own, as each process does that we start; its helpers do not. */
  readonly leader: boolean;
}

/** A live process that carries the owner's mark. */
export interface OwnedProcess extends ProcessStat {
  readonly element: string;
  /** The id of the command that started it. */
  readonly command: string;
}

/** How many environments are read at once. */
const READ_AT_ONCE = 32;

/** Fields of /proc/PID/stat, numbered as in proc(5); the second, the name, is in brackets and may hold anything. Undefined: gone. */
function readStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => fields[number - 3] ?? '';
  const state = field(3);
  // A zombie has ended, whether or not its parent has noticed; unless it is but the first thread of several that has.
  const zombie = state === 'Z' && Number(field(20)) <= 1;
  if (zombie || state === 'X' || state === 'x') return undefined;
  return {
    pid,
    startTicks: Number(field(22)),
    frozen: state === 'T' || state === 't',
    leader: Number(field(6)) === pid,
  };
}

/** The identity of a live process; undefined: there is none with this pid. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && { pid, startTicks: stat.startTicks };
}

/** Whether this very process still lives; a zombie does not. */
export const isAlive = (process: ProcessIdentity): boolean => readStat(process.pid)?.startTicks === process.startTicks;

function variables(environment: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of environment.split('\0')) {
    const at = entry.indexOf('=');
    if (at > 0) found.set(entry.slice(0, at), entry.slice(at + 1));
  }
  return found;
}

/** The process with this pid, if it is the owner's. The start time is read on both sides of the environment, so that both are of one process. */
function ownedProcess(pid: number, owner: string): OwnedProcess | undefined {
  const stat = readStat(pid);
  if (!stat) return undefined;
  let environment: Map<string, string>;
  try {
    environment = variables(readFileSync(`/proc/${pid}/environ`, 'utf8'));
  } catch {
    return undefined;
  }
  const element = environment.get(ELEMENT);
  if (environment.get(OWNER) !== owner || element === undefined || !isAlive(stat)) return undefined;
  return { ...stat, element, command: environment.get(COMMAND) ?? '' };
}

/**
 * All live processes of the owner, those that lead a session first, the oldest first. Processes that may not be looked into
 * (another user's) are not seen.
 */
export async function ownedProcesses(owner: string): Promise<readonly OwnedProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name)).map(Number);
  const mark = `${OWNER}=${owner}\0`;
  const owned: OwnedProcess[] = [];
  for (let at = 0; at < pids.length; at += READ_AT_ONCE) {
    const some = pids.slice(at, at + READ_AT_ONCE);
    const marked = await Promise.all(
      some.map(async (pid) => (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).includes(mark)),
    );
    for (const [index, pid] of some.entries()) {
      const process = marked[index] ? ownedProcess(pid, owner) : undefined;
      if (process) owned.push(process);
    }
  }
  return owned.sort((a, b) => Number(b.leader) - Number(a.leader) || a.startTicks - b.startTicks || a.pid - b.pid);
}

/**
 * Sends a signal to a process, and if it leads a session to its whole group, unless it is gone: a process that has taken over its pid
 * is left alone. Returns whether it was sent.
 */
export function signalProcess(target: OwnedProcess, owner: string, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  const now = ownedProcess(target.pid, owner);
  if (now?.startTicks !== target.startTicks || now.element !== target.element) return false;
  try {
    return process.kill(now.leader ? -now.pid : now.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
