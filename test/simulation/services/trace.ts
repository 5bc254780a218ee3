/** What happened in a run of the services, as seen from outside: what was asked of ports, and what the log kept. Checkers read this and nothing else. */
import type { Event, JournalEntry, ObservationEvent, Signal } from '../../../src/messages.ts';
import { decodeBatch } from '../../../src/services/batch-format.ts';
import { SETTLED } from '../../../src/services/log-store.ts';
import { Joiner } from '../../../src/services/pieces.ts';
import { partitionOf, type TopicNames } from '../../../src/services/topics.ts';
import {
  type Attempt,
  decodeAttempt,
  decodeEntry,
  decodeOrder,
  decodeSignal,
  decodeStep,
  type Order,
  type StepEntry,
} from '../../../src/services/wire.ts';
import type { MemoryBroker, Witnessed } from '../../log/memory.ts';
import type { Recorder, StoredStep, Timed, Trace, Violation } from '../trace.ts';
import { DOMAINS } from './plants.ts';
import type { Rest } from './rest.ts';

/** A record with what it holds. */
export interface Kept<T> {
  readonly record: Witnessed;
  readonly value: T;
}

/** All that the log ever held of one partition, in the order of its offsets. */
export interface PartitionTrace {
  readonly partition: number;
  readonly domains: readonly string[];
  readonly entries: readonly Kept<StepEntry>[];
  /** The same as the embedded system's, for checkers that look at both. */
  readonly steps: readonly StoredStep[];
  /** Undefined: it cannot be read. */
  readonly signals: readonly Kept<Signal | undefined>[];
  readonly observations: readonly Kept<readonly ObservationEvent[] | undefined>[];
  readonly orders: readonly Kept<Order>[];
  readonly journal: readonly Kept<JournalEntry & { readonly index: number }>[];
  readonly attempts: readonly Kept<Attempt | null>[];
  /** What was said of the last step whenever rows were put in their places. */
  readonly settled: readonly Kept<{ readonly last: Pick<StepEntry, 'step' | 'hash'> }>[];
  /** What outsiders wrote to this partition of the intake, as text. */
  readonly intake: readonly Kept<string>[];
}

export interface ServicesTrace {
  readonly seed: number;
  readonly entries: readonly Timed[];
  readonly partitions: readonly PartitionTrace[];
  readonly deadLetters: readonly Witnessed[];
  readonly names: TopicNames;
  readonly rest: Rest;
  /** Differs if anything at all went otherwise. */
  readonly hash: string;
}

export interface ServicesChecker {
  readonly name: string;
  readonly check: (trace: ServicesTrace) => Omit<Violation, 'checker'> | undefined;
}

interface Sources {
  readonly seed: number;
  readonly recorder: Recorder;
  readonly broker: MemoryBroker;
  readonly names: TopicNames;
  readonly partitions: number;
  readonly rest: Rest;
}

export function traceOf({ seed, recorder, broker, names, partitions, rest }: Sources): ServicesTrace {
  const all = Array.from({ length: partitions }, (_, partition) => partitionTrace(broker, names, partition, partitions));
  const last = all.map(({ entries }) => entries.at(-1)?.value.hash);
  const deadLetters = [...broker.partition(names.deadLetters, 0).history()];
  return { seed, entries: recorder.entries, partitions: all, deadLetters, names, rest, hash: recorder.digest([rest, last]) };
}

function partitionTrace(broker: MemoryBroker, names: TopicNames, partition: number, of: number): PartitionTrace {
  const kept = <T>(topic: string, read: (text: string) => T): Kept<T>[] =>
    [...broker.partition(topic, partition).history()].map((record) => ({ record, value: read(record.value ?? '') }));
  const joiner = new Joiner();
  const entries = [...broker.partition(names.steps, partition).history()].flatMap((record) => {
    const whole = joiner.take(record);
    return whole === undefined ? [] : [{ record, value: decodeStep(whole.text) }];
  });
  const observations = kept(names.observations, (text) => orUndefined(() => decodeBatch(text)));
  const journal = kept(names.journal, decodeEntry);
  const byStep = new Map<number, JournalEntry[]>();
  for (const { value } of journal) {
    const { v: _, index: _index, type: _type, ...entry } = value as typeof value & { v: number; type?: string };
    byStep.set(entry.step, [...(byStep.get(entry.step) ?? []), entry]);
  }
  return {
    partition,
    domains: DOMAINS.filter((domain) => partitionOf(domain, of) === partition),
    entries,
    steps: entries.map(({ value }) => ({
      record: { step: value.step, now: value.now, hash: value.hash, withheld: value.withheld, events: eventsOf(value, observations) },
      changes: value.changes,
      journal: byStep.get(value.step) ?? [],
    })),
    signals: kept(names.signals, (text) => orUndefined(() => decodeSignal(text))),
    observations,
    orders: kept(names.commands, decodeOrder),
    journal,
    settled: [...broker.partition(names.state, partition).history()]
      .filter(({ key }) => key === SETTLED)
      .map((record) => ({ record, value: JSON.parse(record.value!) })),
    attempts: kept(names.attempts, (text) => orUndefined(() => decodeAttempt(text)) ?? null),
    intake: kept(names.intake, (text) => text),
  };
}

/** The batch of a step, told again from the log. */
function eventsOf({ signals, telemetry }: StepEntry, observations: readonly Kept<readonly ObservationEvent[] | undefined>[]): Event[] {
  const [from, to] = telemetry;
  if (typeof from !== 'number' || typeof to !== 'number') return [...signals, ...(telemetry as readonly ObservationEvent[])];
  const within = observations.filter(({ record }) => record.offset >= from && record.offset < to);
  return [...signals, ...within.flatMap(({ value }) => value ?? [])];
}

/** One partition as a run of the embedded system. */
export const asEmbedded = ({ seed, entries, hash }: ServicesTrace, { steps }: PartitionTrace): Trace => ({
  seed,
  entries,
  steps,
  rest: { now: 0, lastStepAt: 0, storeFailure: null, overdue: [], stillRunning: 0, unwell: [], unhandled: [] },
  hash,
});

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
