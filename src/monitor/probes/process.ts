/** The process probe: what Linux says of a process in /proc. */
import { readFile } from 'node:fs/promises';
import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError } from '../../errors.ts';
import type { ManagedProcess, ProbeKind, Sample } from './probe.ts';
import { sampler } from './sampler.ts';

const Options = Type.Object(
  {
    pid: Type.Optional(Type.Integer({ minimum: 1, description: 'the id of the process' })),
    actuator: Type.Optional(
      Type.String({ minLength: 1, description: 'the name of an actuator: all processes it keeps are measured, each for its own element' }),
    ),
  },
  { additionalProperties: false },
);
type Options = Static<typeof Options>;

/** The clock ticks of a second in which /proc counts CPU time: 100 on every architecture (USER_HZ, see proc(5) and time(7)). */
const TICKS_PER_SECOND = 100;

interface Reading {
  readonly state: 'running' | 'waiting' | 'stopped';
  /** When it was started, ticks since boot: tells two processes with the same id apart. */
  readonly startedAt: string;
  readonly cpuTicks: number;
  readonly threads: number;
  readonly memoryBytes: number;
}

/** The reading before, to count CPU time from. */
interface Mark {
  readonly pid: number;
  readonly startedAt: string;
  readonly cpuTicks: number;
  readonly at: number;
}

export const processKind: ProbeKind<Options> = {
  kind: 'process',
  description: 'CPU, memory, id, state and threads of a process, or of all processes that an actuator keeps (Linux)',
  options: Options,
  create(options, context) {
    const { pid, actuator } = options;
    if ((pid === undefined) === (actuator === undefined)) {
      throw new HomeostatError('H007', `probe ${context.name}: give either "pid" or "actuator"`);
    }
    const listed = (): readonly ManagedProcess[] =>
      actuator === undefined ? [{ element: context.element, pid: pid ?? null }] : context.processesOf(actuator);
    let marks = new Map<string, Mark>();
    /** A configured id means the process that first had it. */
    let first: string | undefined;

    return sampler(async () => {
      const samples: Sample[] = [];
      const next = new Map<string, Mark>();
      const readings = await Promise.all(listed().map(async (p) => ({ ...p, reading: p.pid === null ? null : await readProcess(p.pid) })));
      const at = context.clock.now();
      for (const { element, pid: id, reading } of readings) {
        if (pid !== undefined && reading) first ??= reading.startedAt;
        if (id === null || !reading || (pid !== undefined && reading.startedAt !== first)) {
          samples.push({ element, property: 'state', value: 'exited' });
          continue;
        }
        const mark = { pid: id, startedAt: reading.startedAt, cpuTicks: reading.cpuTicks, at };
        const cpu = shareOfCore(marks.get(element), mark);
        if (cpu !== undefined) samples.push({ element, property: 'cpu', value: cpu });
        samples.push({ element, property: 'memoryBytes', value: reading.memoryBytes });
        // Beside the state: that of a new process must never be seen with the id of the one before.
        samples.push({ element, property: 'pid', value: id });
        samples.push({ element, property: 'state', value: reading.state });
        samples.push({ element, property: 'threads', value: reading.threads });
        next.set(element, mark);
      }
      marks = next;
      return { samples };
    });
  },
};

/** CPU time over time passed, 1 being one core; undefined where there is no earlier mark of the same process. */
function shareOfCore(before: Mark | undefined, now: Mark): number | undefined {
  if (!before || before.pid !== now.pid || before.startedAt !== now.startedAt || now.at <= before.at) return undefined;
  return ((now.cpuTicks - before.cpuTicks) / TICKS_PER_SECOND / (now.at - before.at)) * 1_000;
}

/** What /proc says now; null: the process has ended. @throws HomeostatError H401 if it cannot be read. */
async function readProcess(pid: number): Promise<Reading | null> {
  try {
    const [stat, status] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(`/proc/${pid}/status`, 'utf8')]);
    return parse(stat, status);
  } catch (error) {
    if (!['ENOENT', 'ESRCH'].includes(codeOf(error) ?? '')) throw error;
    // Where /proc hides the processes of others (hidepid), or is not there at all, a live one is missing too.
    if (!lives(pid)) return null;
    throw new HomeostatError('H401', `process ${pid} cannot be seen in /proc`, { cause: error });
  }
}

/** Fields of /proc/PID/stat, numbered as in proc(5). The second, the name, is in brackets and may hold anything. */
function parse(stat: string, status: string): Reading | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => fields[number - 3] ?? '';
  const threads = Number(field(20));
  const state = stateOf(field(3), threads);
  if (state === null) return null;
  const memoryKb = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
  return {
    state,
    startedAt: field(22),
    cpuTicks: Number(field(14)) + Number(field(15)),
    threads,
    // A thread of the kernel has no memory of its own, and no such line.
    memoryBytes: Number(memoryKb ?? 0) * 1_024,
  };
}

/**
 * The state as a policy needs it, null having ended. Running and sleeping are one: which of the two a sample meets is chance, and `cpu` says how
 * busy it is. A zombie has ended, whether or not its parent has noticed; unless it is but the first thread of several that has.
 */
function stateOf(letter: string, threads: number): Reading['state'] | null {
  if (letter === 'T' || letter === 't') return 'stopped';
  if (letter === 'D') return 'waiting';
  if (letter === 'Z' && threads > 1) return 'running';
  return letter === 'Z' || letter === 'X' || letter === 'x' ? null : 'running';
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
