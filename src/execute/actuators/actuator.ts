/** What an actuator is. How to add one: docs/actuators.md. */
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { TSchema } from '../../documents/schema.ts';
import type { Command, Event, OutcomeEvent, Value } from '../../messages.ts';
import type { ConnectionOf } from '../../mqtt/connections.ts';

/** The outcome of one attempt, without the id of its command. */
export interface Result extends Omit<OutcomeEvent, 'kind' | 'command'> {
  /** Of one that has not succeeded: the same attempt later may. Only idempotent commands are then tried again. False if not given. */
  readonly retryable?: boolean;
  /** Of one that is retryable: the target asks not to be tried again before that, ms from now. */
  readonly retryAfterMs?: number;
}

/** Moments at which a test may end the manager, to see what its next life makes of it. */
export type FailPoint = 'beforeSpawn' | 'afterSpawn';

/** What a command needs to know of the element it acts on: what the model holds when the command is sent. */
export interface Target {
  readonly id: string;
  readonly type: string;
  /** Current readings by property; unknown ones are absent. */
  readonly properties: Readonly<Record<string, Value>>;
  /** The ids of its children, in order. */
  readonly children: readonly string[];
}

/** What the surroundings lend to an actuator. */
export interface ActuatorContext {
  readonly name: string;
  readonly clock: Clock;
  /** The folder that relative paths start from: that of the manager file. */
  readonly directory: string;
  /** The folder for what it writes, such as logs; it may not exist yet. */
  readonly folder: string;
  /** Names this manager's things in the world, such as processes, for good: the same after a restart, another for another manager. */
  readonly owner: string;
  /** What its children's environment starts from: the manager's own, as it was read at the start. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the model holds of an element now; undefined: there is none. */
  readonly target: (element: string) => Target | undefined;
  /** Tells what the actuator notices by itself, such as a process that ended. */
  readonly emit: (event: Event) => void;
  readonly log: Logger;
  /** The MQTT connection of a name. @throws HomeostatError H330 if there is none. */
  readonly mqtt: ConnectionOf;
  /** Called at each fail point, if anyone wants to know. */
  readonly reached?: (point: FailPoint) => void;
}

/** An operation of an actuator, as the manager file binds a command to it. */
export interface Order {
  readonly command: Command;
  readonly operation: string;
}

export interface Actuator {
  /**
   * One attempt. Resolves to what came of it; rejecting is failing, for good if it is a HomeostatError that is not retryable.
   * It must end soon after the signal is aborted (with what it has done until then), and must not begin an effect after that.
   * The same command id again is the same command: done once.
   */
  readonly execute: (order: Order, signal: AbortSignal) => Promise<Result>;
  /**
   * After a restart: what came of an earlier attempt that has no outcome. `undefined`: it never began, so it may be sent.
   * An actuator without it cannot tell; its commands are sent again only if they are idempotent, else their outcome is unknown.
   */
  readonly inquire?: (order: Order, signal: AbortSignal) => Promise<Result | undefined>;
  /** Called once before anything else: finds again what an earlier life of this manager has left in the world. */
  readonly adopt?: (elements: readonly Target[]) => Promise<void>;
  /** The processes it keeps for elements, for the process probe. */
  readonly processes?: () => readonly { readonly element: string; readonly pid: number | null }[];
  /** Frees what it holds in this process; what it manages lives on. */
  readonly close: () => Promise<void>;
}

/** A mistake in the options of an actuator. */
export interface OptionMistake {
  /** Keys from the options to the place, such as `['pool', 'name']`; empty: the options as a whole. */
  readonly at: readonly string[];
  readonly message: string;
  readonly remedy?: string;
}

/** A kind of actuator. `options` is the schema of what stands beside `kind`. */
export interface ActuatorKind<Options = never> {
  readonly kind: string;
  readonly description: string;
  readonly options: TSchema;
  /** The operations it knows; a command bound to another is refused at load. Absent: any. */
  readonly operations?: readonly string[];
  /** What is wrong with options that each fit their schema, and with the operations that commands ask of them. Told at load, each with its place. */
  readonly check?: (options: Options, operations: readonly string[]) => readonly OptionMistake[];
  readonly create: (options: Options, context: ActuatorContext) => Actuator;
}
