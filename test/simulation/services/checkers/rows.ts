/** Rows are put in their places by whoever wrote the last step: with them stands that step, so that nobody puts older rows over those of its successor. */
import type { Witnessed } from '../../../log/memory.ts';
import type { PartitionTrace, ServicesChecker } from '../trace.ts';

export const rows: ServicesChecker = {
  name: 'rows',
  check: ({ partitions }) => {
    for (const partition of partitions) {
      const found = ofPartition(partition);
      if (found !== undefined) return { ...found, message: `partition ${partition.partition}: ${found.message}` };
    }
    return undefined;
  },
};

/** All transactions of a partition are under one id: by epoch and number they are in order, whichever topic they wrote to. */
function ofPartition({ entries, settled }: PartitionTrace) {
  let at = 0;
  for (const { record, value } of settled) {
    while (at < entries.length && !isAfter(entries[at]!.record, record)) at++;
    const { step, hash } = entries[at - 1]?.value ?? { step: 0, hash: '' };
    if (value.last.step !== step || value.last.hash !== hash)
      return {
        step,
        message: `${record.origin.client} put rows of step ${value.last.step} in their places when the last step was ${step}`,
      };
  }
  return undefined;
}

function isAfter(record: Witnessed, other: Witnessed): boolean {
  const [a, b] = [record.origin.transaction, other.origin.transaction];
  if (a === undefined || b === undefined) return record.decidedAt > other.decidedAt;
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.number > b.number);
}
