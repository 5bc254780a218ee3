/** Reads a partition to its end, as a new owner does with the state. */
import { HomeostatError, messageOf } from '../../errors.ts';
import type { ReadRecord } from '../log.ts';
import { decodeBatches, Unreadable } from './batches.ts';
import type { Connection, Patience } from './connection.ts';
import { CODES, isPassing, Refused } from './failures.ts';
import type { Lines } from './outage.ts';
import { placeOf } from './produce.ts';
import { type FetchedPart, type FetchLimits, fetchRequest, listOffsetsRequest } from './requests.ts';

const LIMITS: FetchLimits = { maxWaitMs: 20, maxBytes: 4 << 20, maxPartitionBytes: 4 << 20, timeoutMs: 10_000 };
const PATIENCE: Patience = { totalMs: 30_000, firstMs: 20, mostMs: 500 };

/**
 * The end is what was written when we were called, transactions included that are not decided: one that was committed is not shown before all its
 * markers are written, and is part of it. So reading waits for them, which takes milliseconds, or as long as a writer who died left one open.
 */
export async function readToEnd(
  connection: Connection,
  lines: Lines,
  topic: string,
  partition: number,
  from: number,
  take: (records: readonly ReadRecord[]) => void,
): Promise<number> {
  const part = { topic, partition };
  const ask = async <T>(asked: () => Promise<T>): Promise<T> => {
    try {
      return await connection.persist(PATIENCE, asked, isPassing);
    } catch (thrown) {
      if (thrown instanceof HomeostatError) throw thrown;
      throw new HomeostatError('H310', `${placeOf(part)} cannot be read: ${messageOf(thrown)}`, { cause: thrown });
    }
  };
  const leader = async () => [...(await connection.leaders([part])).keys()][0]!;
  const list = (which: 'oldest' | 'end') =>
    ask(async () => {
      const [listed] = await connection.send(await leader(), listOffsetsRequest([part], which));
      if (listed === undefined || listed.errorCode !== 0) throw new Refused(listed?.errorCode ?? 7, placeOf(part));
      return listed.offset;
    });
  const end = await list('end');
  let next = Math.max(from, 0);
  while (next < end) {
    const fetched: FetchedPart | undefined = await ask(async () => {
      const [one] = await connection.send(await leader(), fetchRequest([{ ...part, offset: next }], LIMITS));
      if (one !== undefined && one.errorCode !== 0 && CODES[one.errorCode] !== 'OFFSET_OUT_OF_RANGE')
        throw new Refused(one.errorCode, placeOf(part));
      return one;
    });
    if (fetched === undefined) continue;
    if (fetched.errorCode !== 0) {
      const oldest = await list('oldest');
      // Beyond the end there is nothing; below the oldest, it is gone.
      if (oldest <= next) return next;
      next = oldest;
      continue;
    }
    if (fetched.bytes.length === 0) {
      // A broker that has records shows some. If all are decided and it shows none, those up to here were compacted away.
      if (fetched.lastStable >= end) return Math.max(next, end);
      continue;
    }
    try {
      const decoded = decodeBatches(fetched.bytes, next, fetched.aborted);
      // What came after the call is left to whoever follows.
      const later = decoded.next > end ? decoded.records.findIndex(({ offset }) => offset >= end) : -1;
      const records = later < 0 ? decoded.records : decoded.records.slice(0, later);
      next = later < 0 ? decoded.next : decoded.records[later]!.offset;
      if (records.length > 0) take(records);
    } catch (thrown) {
      if (!(thrown instanceof Unreadable)) throw thrown;
      lines.error({ topic, partition }, `records are skipped that cannot be read: ${thrown.message}`);
      next = thrown.next;
    }
  }
  return next;
}
