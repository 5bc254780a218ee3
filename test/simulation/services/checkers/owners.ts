/** A partition has one owner at a time: its steps follow each other without gap or fork, and no two processes write under one epoch, nor does an older one after a newer. */
import type { Witnessed } from '../../../log/memory.ts';
import type { PartitionTrace, ServicesChecker } from '../trace.ts';

export const owners: ServicesChecker = {
  name: 'owners',
  check: ({ partitions }) => {
    for (const partition of partitions) {
      const found = inSequence(partition) ?? inEpochs(partition);
      if (found !== undefined) return { ...found, message: `partition ${partition.partition}: ${found.message}` };
    }
    return undefined;
  },
};

function inSequence({ entries }: PartitionTrace) {
  let before = 0;
  for (const { value, record } of entries) {
    if (value.step !== before + 1)
      return { step: value.step, message: `step ${value.step} of ${record.origin.client} follows step ${before}` };
    before = value.step;
  }
  return undefined;
}

function inEpochs({ entries }: PartitionTrace) {
  const clients = new Map<string, string>();
  let newest = 0;
  for (const { value, record } of entries) {
    const { client, transaction } = record.origin;
    if (transaction === undefined) return { step: value.step, message: `${client} wrote step ${value.step} outside of a transaction` };
    const { id, epoch } = transaction;
    const term = `${id} ${epoch}`;
    const other = clients.get(term) ?? client;
    if (other !== client) return { step: value.step, message: `${client} and ${other} both wrote under epoch ${epoch} of ${id}` };
    if (epoch < newest) return { step: value.step, message: `${client} wrote under epoch ${epoch} after epoch ${newest} had begun` };
    clients.set(term, client);
    newest = epoch;
  }
  return undefined;
}

/** Two records of one transaction have the same name. */
export const transactionOf = ({ origin: { client, transaction } }: Witnessed): string =>
  `${client} ${transaction?.id} ${transaction?.epoch} ${transaction?.number}`;
