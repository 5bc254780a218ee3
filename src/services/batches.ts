/** Observations and signals as records of their topics: each to the partition of its domain, observations many in one message. */
import type { LogRecord } from '../log/log.ts';
import type { ObservationEvent, Signal } from '../messages.ts';
import { encodeBatch } from './batch-format.ts';
import { domainOf, partitionOf, type TopicNames } from './topics.ts';
import { encodeSignal } from './wire.ts';

/** Observations of one message. */
const BATCH = 1_000;
/** Bytes of one message at most: a broker takes a million by default. */
const MESSAGE_BYTES = 900_000;
/** What an observation takes beside its value: an id, two names and numbers, each as long as it may be. */
const AROUND_BYTES = 600;
/** What a character takes at most: as JSON writes those that cannot be shown, \u0000. */
const CHAR_BYTES = 6;
/** Characters of a value at most. */
export const LONGEST_TEXT = 100_000;
const EXCERPT = 200;

/** One whose value is longer than a message may be is told to its partition as refused, and stops no other. */
export function batchRecords(
  observations: readonly ObservationEvent[],
  names: Pick<TopicNames, 'observations' | 'signals'>,
  partitions: number,
): LogRecord[] {
  const sorted = new Map<number, ObservationEvent[]>();
  const records: LogRecord[] = [];
  for (const observation of observations) {
    const partition = partitionOf(domainOf(observation.element), partitions);
    if (lengthOf(observation) > LONGEST_TEXT) {
      records.push(signalRecord(refusal(observation), names, partition));
      continue;
    }
    const list = sorted.get(partition);
    if (list === undefined) sorted.set(partition, [observation]);
    else list.push(observation);
  }
  for (const [partition, list] of sorted)
    for (let [at, end] = [0, 0]; at < list.length; at = end) {
      end = endOfMessage(list, at);
      records.push({ topic: names.observations, partition, key: null, value: encodeBatch(list.slice(at, end)) });
    }
  return records;
}

const lengthOf = ({ value }: ObservationEvent): number => (typeof value === 'string' ? value.length : 0);

function endOfMessage(list: readonly ObservationEvent[], from: number): number {
  let bytes = 0;
  for (let at = from; at < list.length; at++) {
    bytes += AROUND_BYTES + CHAR_BYTES * lengthOf(list[at]!);
    if (at === from + BATCH || (bytes > MESSAGE_BYTES && at > from)) return at;
  }
  return list.length;
}

function refusal({ element, property, value, source }: ObservationEvent): Signal {
  const text = String(value);
  const reason = `a value of ${text.length} characters is too long; ${LONGEST_TEXT} fit`;
  return { kind: 'rejected', source, reason, excerpt: `${element} ${property}: ${text.slice(0, EXCERPT)}` };
}

/** A signal that is longer than a message may be is told as refused. */
export function signalRecord(signal: Signal, { signals: topic }: Pick<TopicNames, 'signals'>, partition: number): LogRecord {
  const value = encodeSignal(signal);
  const bytes = Buffer.byteLength(value);
  if (bytes <= MESSAGE_BYTES) return { topic, partition, key: null, value };
  const reason = `a signal (${signal.kind}) of ${bytes} bytes is too long; ${MESSAGE_BYTES} fit`;
  return {
    topic,
    partition,
    key: null,
    value: encodeSignal({ kind: 'rejected', source: 'log', reason, excerpt: value.slice(0, EXCERPT) }),
  };
}
