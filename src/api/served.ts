/** What the API asks of a manager: an embedded one, or that of one partition. */
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Executor, ExecutorCounts } from '../execute/executor.ts';
import type { Attached } from '../history/attach.ts';
import type { Archive } from '../knowledge/store.ts';
import type { Manager } from '../manager.ts';
import type { Sensors } from '../monitor/sensors.ts';

export interface Served {
  readonly manager: Pick<Manager, 'state' | 'derived' | 'health'>;
  readonly store: Archive;
  readonly bus: Pick<Bus, 'signal' | 'observe' | 'waiting'>;
  readonly executor: Pick<Executor, 'counts' | 'withhold'>;
  readonly sensors: Pick<Sensors, 'status'>;
  readonly clock: Clock;
  /** Over Kafka: the agents of this process. */
  readonly agents?: () => readonly AgentView[];
  /** The history in InfluxDB, where the manager file names one. */
  readonly history?: Pick<Attached, 'reader' | 'health'> | undefined;
}

/** An agent of a process, which works at its place or stands by. */
export interface AgentView {
  readonly place: string;
  readonly working: boolean;
  /** Why it cannot begin, or write what it does; null: it can. */
  readonly failure: string | null;
  /** Attempts of commands here. */
  readonly commands: ExecutorCounts;
}

/** What a request is about, as far as that says which manager is asked. */
export interface About {
  readonly element?: string | undefined;
  /** The number of a partition, as it was written. */
  readonly partition?: string | undefined;
  /** The id of an advice, which begins with the domain of its manager. */
  readonly advice?: string | undefined;
}
