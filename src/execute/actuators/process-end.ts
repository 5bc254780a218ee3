/** Ending the processes of one element, helpers included. */
import { type Clock, sleep } from '../../clock.ts';
import { isAlive, type OwnedProcess, ownedProcesses, signalProcess } from './process-table.ts';

export interface Ending {
  readonly owner: string;
  readonly element: string;
  readonly graceMs: number;
  readonly clock: Clock;
}

const LOOK_EVERY_MS = 20;

async function processesOf({ owner, element }: Ending): Promise<readonly OwnedProcess[]> {
  return (await ownedProcesses(owner)).filter((process) => process.element === element);
}

/**
 * TERM to all of them, KILL after the grace time to those that are left; KILL at once if the process is frozen, since it would not even learn
 * of a TERM. Resolves when none lives, with how many there were.
 * @throws the signal's reason when it is aborted; what was sent until then stays sent.
 */
export async function endProcesses(ending: Ending, signal: AbortSignal): Promise<number> {
  const { owner, clock, graceMs } = ending;
  const first = await processesOf(ending);
  signal.throwIfAborted();
  const frozen = first.some((process) => process.leader && process.frozen);
  if (!frozen) {
    const leaders = new Set(first.filter((process) => process.leader).map((process) => process.pid));
    // The leader's group has its helpers in it; without a leader each is told by itself.
    for (const process of first) if (process.leader || leaders.size === 0) signalProcess(process, owner, 'SIGTERM');
    const latest = clock.now() + graceMs;
    while (first.some(isAlive) && clock.now() < latest) await sleep(clock, LOOK_EVERY_MS, signal);
  }
  // Read again each time: a process may start another one while it is being ended.
  for (let rest = frozen ? first : await processesOf(ending); rest.length > 0; rest = await processesOf(ending)) {
    signal.throwIfAborted();
    for (const process of rest) signalProcess(process, owner, 'SIGKILL');
    await sleep(clock, LOOK_EVERY_MS, signal);
  }
  return first.length;
}
