/** What lies in the topics, as text. Each message carries the version of its form; another version is refused, never guessed. */

import { DEFAULT_PLACE } from '../documents/manager.ts';
import type { Target } from '../execute/actuators/actuator.ts';
import type { Binding } from '../execute/executor.ts';
import { isObject } from '../json.ts';
import type { Change } from '../knowledge/change.ts';
import { decodeChanges, encodeChanges } from '../knowledge/pending.ts';
import type { Transaction, Withheld } from '../knowledge/store.ts';
import type { Offsets } from '../log/log.ts';
import type { Command, JournalEntry, ObservationEvent, OutcomeStatus, Signal } from '../messages.ts';

const VERSION = 1;

/** A step, whole: what went in, what changed, and where its inputs end. */
export interface StepEntry {
  readonly step: number;
  readonly now: number;
  readonly hash: string;
  readonly withheld: readonly Withheld[];
  /** All events of its batch that were no observations, in order; they came first. */
  readonly signals: readonly Signal[];
  /** Its observations: the offsets between which they lie in their topic, or themselves where some were coalesced. */
  readonly telemetry: readonly [from: number, to: number] | readonly ObservationEvent[];
  /** Where reading goes on after it, by topic. */
  readonly next: Offsets;
  readonly changes: readonly Change[];
}

/** A command with all that carrying it out takes. */
export interface WireCommand {
  readonly command: Command;
  readonly binding: Binding;
  /** The element it acts on, as the model held it. */
  readonly target: Target;
  /** The place of its actuator, by the manager that sent it; absent: the default. Only the agent of that place takes it. */
  readonly at?: string;
}

export const placeOf = ({ at = DEFAULT_PLACE }: WireCommand): string => at;

/** What is said on the topic of commands. `stop` is the emergency stop: nothing more is begun until `go`. */
export type Order =
  | { readonly kind: 'command'; readonly wire: WireCommand }
  | { readonly kind: 'stop'; readonly detail: string }
  | { readonly kind: 'go' };

/** What an executor keeps of a command: that it has begun, with all it takes to ask for it again; and that it is done. */
export type Attempt =
  | { readonly state: 'begun'; readonly wire: WireCommand; readonly partition: number }
  | { readonly state: 'done'; readonly status: OutcomeStatus | 'withheld' };

/** Its telemetry as the log can tell it again: by offsets if they hold just that. */
export function encodeStep(transaction: Transaction, next: Offsets): string {
  const { step, now, hash, withheld, events, changes, upTo } = transaction;
  const signals = events.filter((event): event is Signal => event.kind !== 'observation');
  const telemetry = upTo?.telemetry ?? events.filter((event): event is ObservationEvent => event.kind === 'observation');
  // The changes come behind the first line as they are: quoted once more they would be a third longer.
  return `${JSON.stringify({ v: VERSION, step, now, hash, withheld, signals, telemetry, next })}\n${encodeChanges(changes)}`;
}

export function decodeStep(text: string): StepEntry {
  const end = text.indexOf('\n');
  const head = opened(end < 0 ? text : text.slice(0, end));
  return { ...(head as unknown as Omit<StepEntry, 'changes'>), changes: decodeChanges(end < 0 ? '' : text.slice(end + 1)) };
}

export const encodeSignal = (signal: Signal): string => JSON.stringify({ v: VERSION, signal });
export const decodeSignal = (text: string): Signal => opened(text).signal as Signal;

export const encodeOrder = (order: Order): string => JSON.stringify({ v: VERSION, ...order });
export const decodeOrder = (text: string): Order => opened(text) as unknown as Order;

export const encodeAttempt = (attempt: Attempt): string => JSON.stringify({ v: VERSION, ...attempt });
export const decodeAttempt = (text: string): Attempt => opened(text) as unknown as Attempt;

export const encodeEntry = (entry: JournalEntry, index: number, type: string | undefined): string =>
  JSON.stringify({ v: VERSION, index, ...(type === undefined ? {} : { type }), ...entry });
export function decodeEntry(text: string): JournalEntry & { readonly index: number; readonly type?: string } {
  const { v: _version, ...entry } = opened(text);
  return entry as unknown as JournalEntry & { readonly index: number; readonly type?: string };
}

/** @throws Error if it is no message of this version */
function opened(text: string): Record<string, unknown> {
  const message: unknown = JSON.parse(text);
  if (!isObject(message)) throw new Error('it is no object');
  if (message.v !== VERSION) throw new Error(`it has version ${JSON.stringify(message.v)}; this version of Homeostat reads ${VERSION}`);
  return message;
}
