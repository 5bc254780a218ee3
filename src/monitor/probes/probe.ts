/** What a probe is. How to add one: docs/probes.md. */

import type { Clock } from '../../clock.ts';
import type { TSchema } from '../../documents/schema.ts';
import type { ElementDocument, Value } from '../../messages.ts';
import type { ConnectionOf } from '../../mqtt/connections.ts';

/** One value a probe has measured. Element and time are the probe's own and now, unless given. */
export interface Sample {
  readonly property: string;
  readonly value: Value;
  readonly element?: string;
  readonly time?: number;
}

/** What one measurement gave. `wrong` says what it could not read: the probe then counts as failing, and the rest holds. */
export interface Measurement {
  readonly samples: readonly Sample[];
  readonly wrong?: string;
}

/** A process that an actuator keeps for an element, as it is now. */
export interface ManagedProcess {
  readonly element: string;
  /** null: none is running. */
  readonly pid: number | null;
}

/** What the surroundings lend to a probe. */
export interface ProbeContext {
  readonly name: string;
  /** The element whose properties it measures. */
  readonly element: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** The folder that relative paths start from: that of the manager file. */
  readonly directory: string;
  /** The variables that secrets are read from. */
  readonly environment: Readonly<Record<string, string>>;
  /** The processes of the named actuator. @throws HomeostatError H005 if there is no such actuator or it keeps none. */
  readonly processesOf: (actuator: string) => readonly ManagedProcess[];
  /** Whether the model has an element, for probes whose values name theirs. */
  readonly known: (element: string) => boolean;
  /** The MQTT connection of a name. @throws HomeostatError H330 if there is none. */
  readonly mqtt: ConnectionOf;
}

/** Takes what a probe measures by itself, or the reason why it cannot; the next measurement with nothing wrong ends the failure. */
export interface ProbeSink {
  readonly measured: (measurement: Measurement) => void;
  readonly failed: (reason: string) => void;
  /** Something came that cannot be read: it becomes a dead letter, and of many in a short time only the first do. The probe works on. */
  readonly rejected: (reason: string, excerpt: string) => void;
  /** An element is there that the model does not have. */
  readonly appeared: (element: string, document: ElementDocument) => void;
}

/** Either measured at each interval (`sample`) or telling by itself (`follow`). */
export interface Probe {
  /** One measurement. Rejecting is failing: nothing is published. It must end soon after the signal is aborted. */
  readonly sample?: (signal: AbortSignal) => Promise<Measurement>;
  /** Starts telling; called once. */
  readonly follow?: (sink: ProbeSink) => void;
  /** Frees all it holds; what it has started is gone when this resolves. */
  readonly close: () => Promise<void>;
}

/** A kind of probe. `options` is the schema of what stands beside name, kind, element, scope, every, timeout, jitter and at. */
export interface ProbeKind<Options = never> {
  readonly kind: string;
  readonly description: string;
  readonly options: TSchema;
  /** Options with placeholders of the kind's own, such as labels: they reach it as they are written. */
  readonly templates?: readonly string[];
  /** Builds the probe of one element from options that fit the schema. Does nothing outside yet. */
  readonly create: (options: Options, context: ProbeContext) => Probe;
}
