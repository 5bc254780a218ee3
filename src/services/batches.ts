/** Observations as records of their topic: each to the partition of its domain, many in one message. */
import type { LogRecord } from '../log/log.ts';
import type { ObservationEvent } from '../messages.ts';
import { encodeBatch } from './batch-format.ts';
import { domainOf, partitionOf } from './topics.ts';

/** Observations of one message. */
const BATCH = 1_000;

export function batchRecords(observations: readonly ObservationEvent[], topic: string, partitions: number): LogRecord[] {
  const sorted = new Map<number, ObservationEvent[]>();
  for (const observation of observations) {
    const to = partitionOf(domainOf(observation.element), partitions);
    const list = sorted.get(to);
    if (list === undefined) sorted.set(to, [observation]);
    else list.push(observation);
  }
  const records: LogRecord[] = [];
  for (const [partition, list] of sorted)
    for (let at = 0; at < list.length; at += BATCH)
      records.push({ topic, partition, key: null, value: encodeBatch(list.slice(at, at + BATCH)) });
  return records;
}
