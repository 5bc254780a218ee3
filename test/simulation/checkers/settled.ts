/** When the faults have ended, the system comes to rest where its policies want it, or a policy says by which gate it is held. */
import type { Checker, Trace } from '../trace.ts';
import { moments } from './stream.ts';

/** A manager that has not stepped for so long stands still: its gauges alone want steps more often, ms. */
const STANDSTILL_MS = 10_000;

export const settled: Checker = {
  name: 'settled',
  check: (trace) => {
    const step = trace.steps.at(-1)?.record.step ?? 0;
    const wrong = firstWrong(trace) ?? untold(trace);
    return wrong === undefined ? undefined : { step, message: wrong };
  },
};

function firstWrong({ rest }: Trace): string | undefined {
  if (rest.unhandled.length > 0) return `a promise was rejected and nobody looked: ${rest.unhandled[0]}`;
  if (rest.storeFailure !== null) return `the manager does not step: ${rest.storeFailure}`;
  if (rest.now - rest.lastStepAt > STANDSTILL_MS) return `the last step was ${rest.now - rest.lastStepAt} ms ago`;
  if (rest.overdue.length > 0) return `without outcome after its deadline: ${rest.overdue.join(', ')}`;
  const unwell = rest.unwell.find(({ heldBy }) => heldBy === null || heldBy.endsWith(': null'));
  return unwell === undefined ? undefined : `${unwell.what}, and nothing holds a policy back`;
}

/** Each command that was issued ends: by an outcome, by its deadline, or withheld. */
function untold({ steps, rest }: Trace): string | undefined {
  const open = new Map<string, number>();
  for (const { issued, journal } of moments(steps)) {
    for (const row of issued) open.set(row.key, row.deadlineAt);
    for (const entry of journal)
      if ((entry.kind === 'outcome' || entry.kind === 'withheld') && entry.command !== undefined) open.delete(entry.command);
  }
  const [id] = [...open].find(([, deadlineAt]) => deadlineAt < rest.now) ?? [];
  return id === undefined ? undefined : `${id} never ended`;
}
