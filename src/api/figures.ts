/**
 * What a manager can say of itself in numbers, for `/metrics` and `/readyz`. Both modes fill it: the embedded one has a single partition without a
 * number; in services mode there is one for each partition that this process owns.
 */
import type { Assembly } from '../assemble.ts';
import type { ExecutorCounts } from '../execute/executor.ts';
import type { HistoryHealth } from '../history/attach.ts';
import type { Derived } from '../knowledge/derived.ts';
import type { State } from '../knowledge/state.ts';
import type { ManagerHealth } from '../manager.ts';
import type { ProbeStatus } from '../monitor/schedule.ts';
import type { StepResult } from '../step.ts';
import type { AgentView } from './served.ts';
import type { Steps } from './steps.ts';

/** Upper ends of the histograms' buckets, ms. Steps are timed in whole milliseconds. */
export const BUCKETS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000] as const;

/** How often something took how long. */
export class Histogram {
  /** Of each bucket alone; the last has all that took longer than any. */
  readonly counts: number[] = new Array(BUCKETS_MS.length + 1).fill(0);
  sumMs = 0;

  add(ms: number): void {
    const bucket = BUCKETS_MS.findIndex((most) => ms <= most);
    this.counts[bucket < 0 ? BUCKETS_MS.length : bucket]!++;
    this.sumMs += ms;
  }
}

/** What the steps of one partition came to since this process began to make them. */
export class StepFigures {
  readonly decide = new Histogram();
  readonly commit = new Histogram();
  commands = 0;
  readings = 0;
  /** Journal entries by kind. */
  readonly entries = new Map<string, number>();

  /** Told of each step once it is committed. */
  add({ commands, journal, readings }: Pick<StepResult, 'commands' | 'journal' | 'readings'>, { decideMs, commitMs }: ManagerHealth): void {
    this.decide.add(decideMs);
    this.commit.add(commitMs);
    this.commands += commands.length;
    this.readings += readings.length;
    for (const { kind } of journal) this.entries.set(kind, (this.entries.get(kind) ?? 0) + 1);
  }
}

export interface PartitionFigures {
  /** Its number; absent in embedded mode, and then no figure is labelled with it. */
  readonly partition?: number;
  readonly state: State;
  readonly derived: Derived;
  readonly health: ManagerHealth;
  readonly waiting: { readonly signals: number; readonly telemetry: number };
  readonly steps: StepFigures;
  /** Records that are in the log and not taken in yet, by the last word of the topic, such as `observations`. */
  readonly lag?: Readonly<Record<string, number>>;
}

/** A server that this process talks to. */
export interface ServerFigures {
  /** Such as `kafka`, `influx`, `mqtt`. */
  readonly name: string;
  readonly reachable: boolean;
  /** Why it is not, without addresses or secrets: `/readyz` says it to everybody. */
  readonly reason?: string;
  /** Whether nothing can be decided without it. */
  readonly needed: boolean;
}

export interface Figures {
  readonly partitions: readonly PartitionFigures[];
  /** In services mode: the partitions that the cluster has, and why this process is in no group now; null: it is in one. */
  readonly group?: { readonly partitions: number; readonly outside: string | null };
  readonly executor: ExecutorCounts;
  readonly probes: readonly ProbeStatus[];
  readonly servers: readonly ServerFigures[];
  /** In services mode: the agents of this process. */
  readonly agents?: readonly AgentView[];
  /** What waits to be written to the history, and what never will be, since the start. */
  readonly spool?: Omit<HistoryHealth, 'away'>;
}

/** Those of a manager that is embedded in one process with its store. */
export function embeddedFigures({ manager, bus, executor, sensors, history }: Assembly, steps: Steps): () => Figures {
  const figures = new StepFigures();
  steps.each((result) => figures.add(result, manager.health));
  return () => ({
    partitions: [{ state: manager.state, derived: manager.derived, health: manager.health, waiting: bus.waiting, steps: figures }],
    executor: executor.counts(),
    probes: sensors.status(),
    ...historyFigures(history?.health()),
  });
}

/** The history is not needed to decide. */
function historyFigures(health: HistoryHealth | undefined): Pick<Figures, 'servers' | 'spool'> {
  if (health === undefined) return { servers: [] };
  const { away, ...spool } = health;
  return { servers: [{ name: 'influx', reachable: away === null, needed: false }], spool };
}

/** What keeps a manager from being ready, each in a sentence; none: it is. */
export function unready({ partitions, group, servers }: Figures): readonly { readonly what: string; readonly reason: string }[] {
  const wrong: { what: string; reason: string }[] = [];
  for (const { name, needed, reachable, reason } of servers)
    if (needed && !reachable) wrong.push({ what: name, reason: reason ?? 'it does not answer' });
  if (group !== undefined && group.outside !== null) wrong.push({ what: 'group', reason: group.outside });
  for (const { partition, health } of partitions) {
    const what = partition === undefined ? 'steps' : `partition ${partition}`;
    if (health.storeFailure !== null) wrong.push({ what, reason: health.storeFailure });
    else if (!health.stepping) wrong.push({ what, reason: 'the first step has not been made' });
  }
  return wrong;
}
