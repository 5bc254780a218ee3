/** No command is lost: an agent comes to the end of every order, and tells its outcome once. */
import { stepOf } from '../../checkers/stream.ts';
import type { ServicesChecker } from '../trace.ts';

/** An order that is older than this at the end of a run has ended, ms: longer than any deadline, and what an agent adds to it. */
const LONGEST_MS = 25_000;

export const carried: ServicesChecker = {
  name: 'carried',
  check: ({ entries, partitions }) => {
    const end = entries.at(-1)?.at ?? 0;
    for (const { orders, attempts, signals } of partitions) {
      const done = new Set(attempts.flatMap(({ record, value }) => (value?.state === 'done' ? [record.key?.split('\t')[1]] : [])));
      const told = new Map<string, number>();
      for (const { value } of signals)
        if (value?.kind === 'outcome' || value?.kind === 'withheld') told.set(value.command, (told.get(value.command) ?? 0) + 1);
      for (const { record, value } of orders) {
        if (value.kind !== 'command' || end - record.seenAt < LONGEST_MS) continue;
        const { id } = value.wire.command;
        if (!done.has(id)) return { step: stepOf(id), message: `${id} was sent, and no agent came to its end` };
        const times = told.get(id) ?? 0;
        if (times !== 1) return { step: stepOf(id), message: `the outcome of ${id} was told ${times} times` };
      }
    }
    return undefined;
  },
};
