/** The topics of a cluster of managers. All but the intake, the dead letters and the layout are co-partitioned: partition n of each belongs together. */
import type { TopicSpec } from '../log/log.ts';

export interface TopicNames {
  /** Observations from outsiders, whatever their client's hash; carried on to `observations` by domain. */
  readonly intake: string;
  readonly observations: string;
  /** What is few and never dropped: outcomes, appearances, pauses, answers. */
  readonly signals: string;
  readonly commands: string;
  /** One record a step: its inputs, its changes, its hash. */
  readonly steps: string;
  /** One record a journal entry, for people and for the history. */
  readonly journal: string;
  /** The state, by row; compacted. */
  readonly state: string;
  /** The elements and what agents must know of them, as soon as it changes; compacted. */
  readonly model: string;
  /** What agents have begun and done, by command; compacted. */
  readonly attempts: string;
  readonly deadLetters: string;
  /** How many partitions the others have, written once; compacted. */
  readonly layout: string;
}

export function topicNames(prefix: string): TopicNames {
  const name = (last: string) => `${prefix}.${last}`;
  return {
    intake: name('intake'),
    observations: name('observations'),
    signals: name('signals'),
    commands: name('commands'),
    steps: name('steps'),
    journal: name('journal'),
    state: name('state'),
    model: name('model'),
    attempts: name('attempts'),
    deadLetters: name('dead-letters'),
    layout: name('layout'),
  };
}

const HOUR = 3_600_000;
const kept = (ms: number) => ({ 'cleanup.policy': 'delete', 'retention.ms': String(ms) });
/** Small segments and an eager cleaner keep what a new owner must read close to what there is. */
const COMPACTED = {
  'cleanup.policy': 'compact',
  'segment.ms': String(HOUR / 6),
  'segment.bytes': String(64 << 20),
  'min.cleanable.dirty.ratio': '0.3',
  'delete.retention.ms': String(24 * HOUR),
};

export function topicSpecs(prefix: string, partitions: number): readonly TopicSpec[] {
  const names = topicNames(prefix);
  return [
    { name: names.intake, partitions, config: kept(24 * HOUR) },
    { name: names.observations, partitions, config: kept(24 * HOUR) },
    { name: names.signals, partitions, config: kept(7 * 24 * HOUR) },
    { name: names.commands, partitions, config: kept(7 * 24 * HOUR) },
    { name: names.steps, partitions, config: kept(7 * 24 * HOUR) },
    { name: names.journal, partitions, config: kept(30 * 24 * HOUR) },
    { name: names.state, partitions, config: COMPACTED },
    { name: names.model, partitions, config: COMPACTED },
    { name: names.attempts, partitions, config: COMPACTED },
    { name: names.deadLetters, partitions: 1, config: kept(7 * 24 * HOUR) },
    { name: names.layout, partitions: 1, config: { 'cleanup.policy': 'compact' } },
  ];
}

/** The partition of a domain: FNV-1a over its characters. Ours, and not that of any client, so that all of us agree. */
export function partitionOf(domain: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < domain.length; i++) hash = Math.imul(hash ^ domain.charCodeAt(i), 0x01000193) >>> 0;
  return hash % partitions;
}

/** The domain of an element: the first part of its id. */
export const domainOf = (element: string): string => {
  const slash = element.indexOf('/');
  return slash < 0 ? element : element.slice(0, slash);
};
