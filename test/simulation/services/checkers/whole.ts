/** A step is one transaction: its record, its journal and its commands were written together, all of them, once. */
import { moments } from '../../checkers/stream.ts';
import type { PartitionTrace, ServicesChecker } from '../trace.ts';
import { transactionOf } from './owners.ts';

export const whole: ServicesChecker = {
  name: 'whole',
  check: ({ partitions }) => {
    for (const partition of partitions) {
      const found = ofPartition(partition);
      if (found !== undefined) return { ...found, message: `partition ${partition.partition}: ${found.message}` };
    }
    return undefined;
  },
};

function ofPartition({ entries, journal, orders, steps }: PartitionTrace) {
  const transactions = new Map(entries.map(({ record, value }) => [transactionOf(record), value.step]));
  const stepIn = new Map<number, number>();
  for (const { record, value } of journal) {
    const step = transactions.get(transactionOf(record));
    if (step !== value.step) return { step: value.step, message: `${JSON.stringify(value).slice(0, 80)} was written with step ${step}` };
    const index = stepIn.get(step) ?? 0;
    if (value.index !== index) return { step, message: `entry ${value.index} of its journal follows entry ${index - 1}` };
    stepIn.set(step, index + 1);
  }
  const sent = new Map<string, number | undefined>();
  for (const { record, value } of orders) {
    if (value.kind !== 'command') continue;
    const { id } = value.wire.command;
    const step = transactions.get(transactionOf(record));
    if (sent.has(id)) return { step: step ?? 0, message: `${id} was sent twice` };
    sent.set(id, step);
  }
  const withheld = new Set(steps.flatMap(({ record }) => record.withheld.map(({ command }) => command)));
  for (const { step, issued } of moments(steps)) {
    for (const { key } of issued) {
      if (withheld.has(key) === sent.has(key))
        return { step, message: `${key} was ${sent.has(key) ? 'sent though withheld' : 'never sent'}` };
      if (sent.has(key) && sent.get(key) !== step) return { step, message: `${key} was sent with step ${sent.get(key)}` };
    }
  }
  return undefined;
}
