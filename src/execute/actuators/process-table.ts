/**
 * The processes of this manager in /proc (Linux, see proc(5)). A pid alone names nobody: it is used again. Pid and start time together name
 * one process of one boot, and its environment says whose it is; both are looked at again just before each signal.
 */
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
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
  /** It is a part of the kernel, which has no environment. */
  readonly kernel: boolean;
}

/** A live process that carries the owner's mark. */
export interface OwnedProcess extends Omit<ProcessStat, 'kernel'> {
  readonly element: string;
  /** The id of the command that started it. */
  readonly command: string;
}

/** How many environments are read at once. */
const READ_AT_ONCE = 32;
/** PF_KTHREAD of the kernel's sched.h. */
const KERNEL_THREAD = 0x0020_0000;
/** A program that is just being replaced by another (execve) shows an empty environment: how often, and how long after, it is looked at again. */
const LOOKS = 200;
const LOOK_EVERY_MS = 5;

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
    kernel: (Number(field(9)) & KERNEL_THREAD) !== 0,
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

/** A text of /proc/PID; undefined: it is gone, or may not be looked into. */
const read = (pid: number, name: string): Promise<string | undefined> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => undefined);

/**
 * The environment of a process, empty if it has none or it cannot be read. A process that is just becoming another program shows none, and
 * no arguments either: it is looked at again. One that shows arguments between two empty environments, twice, was given none.
 */
async function environmentOf(pid: number): Promise<string> {
  let without = 0;
  for (let look = 1; look <= LOOKS && without < 2; look++) {
    const environment = await read(pid, 'environ');
    if (environment === undefined || environment !== '') return environment ?? '';
    const given = await read(pid, 'cmdline');
    const again = await read(pid, 'environ');
    if (again === undefined || again !== '' || readStat(pid)?.kernel !== false) return again ?? '';
    if (given !== '') without++;
    await wait(LOOK_EVERY_MS);
  }
  return '';
}

/** The process with this pid, if this is its environment and it is the owner's. */
function ownedProcess(stat: ProcessStat | undefined, environment: string, owner: string): OwnedProcess | undefined {
  const given = variables(environment);
  const element = given.get(ELEMENT);
  if (!stat || given.get(OWNER) !== owner || element === undefined) return undefined;
  const { pid, startTicks, frozen, leader } = stat;
  return { pid, startTicks, frozen, leader, element, command: given.get(COMMAND) ?? '' };
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
    const marked = await Promise.all(some.map(async (pid) => (await environmentOf(pid)).includes(mark)));
    for (const [index, pid] of some.entries()) {
      if (!marked[index]) continue;
      // The start time is read on both sides of the environment, so that both are of one process.
      const stat = readStat(pid);
      const process = ownedProcess(stat, await environmentOf(pid), owner);
      if (process && isAlive(process)) owned.push(process);
    }
  }
  return owned.sort((a, b) => Number(b.leader) - Number(a.leader) || a.startTicks - b.startTicks || a.pid - b.pid);
}

/**
 * Sends a signal to a process, and if it leads a session to its whole group, unless it is gone: a process that has taken over its pid
 * is left alone. Returns whether it was sent.
 */
export function signalProcess(target: OwnedProcess, owner: string, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  const stat = readStat(target.pid);
  if (stat?.startTicks !== target.startTicks) return false;
  let environment: string;
  try {
    environment = readFileSync(`/proc/${target.pid}/environ`, 'utf8');
  } catch {
    return false;
  }
  // None: it is the same process, and just becomes another program.
  if (environment !== '' && ownedProcess(stat, environment, owner)?.element !== target.element) return false;
  try {
    return process.kill(stat.leader ? -stat.pid : stat.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
