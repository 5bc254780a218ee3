/** When the faults have ended, every partition has one owner who steps, and the managed systems come to rest where policies want them, or a policy says by which gate it is held. */
import type { ServicesChecker, ServicesTrace } from '../trace.ts';

/** A manager that has not stepped for so long stands still: its gauges alone want steps more often, ms. */
const STANDSTILL_MS = 10_000;

export const rested: ServicesChecker = {
  name: 'rested',
  check: (trace) => {
    const message = firstWrong(trace);
    return message === undefined ? undefined : { step: trace.partitions[0]?.entries.at(-1)?.value.step ?? 0, message };
  },
};

function firstWrong({ rest, partitions }: ServicesTrace): string | undefined {
  if (rest.unhandled.length > 0) return `a promise was rejected and nobody looked: ${rest.unhandled[0]}`;
  for (const { partition, owners, failure, now, lastStepAt, overdue, lag } of rest.partitions) {
    const where = `partition ${partition}`;
    if (owners.length !== 1)
      return `${where} is stepped by ${owners.length === 0 ? 'nobody' : owners.join(' and ')}; ${failure ?? 'nobody says why'}`;
    if (partitions[partition]!.domains.length === 0) continue;
    if (failure !== null) return `${where} cannot step: ${failure}`;
    if (now - lastStepAt > STANDSTILL_MS) return `${where}: the last step was ${now - lastStepAt} ms ago`;
    if (overdue.length > 0) return `${where}: without outcome after its deadline: ${overdue.join(', ')}`;
    if (lag > 50) return `${where}: ${lag} signals wait`;
  }
  const unwell = rest.unwell.find(({ heldBy }) => heldBy === null || heldBy.endsWith(': null'));
  return unwell === undefined ? undefined : `${unwell.what}, and nothing holds a policy back`;
}
