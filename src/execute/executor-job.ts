/** One command on its way: what the executor knows of it, and what it may do next. Nothing here sends anything. */
import type { Cancel } from '../clock.ts';
import type { Command, OutcomeEvent } from '../messages.ts';
import type { Actuator, Result } from './actuators/actuator.ts';

/** How a command is carried out, as its type declares it. */
export interface Binding {
  /** The name of the actuator. */
  readonly actuator: string;
  readonly operation: string;
  /** Doing it twice is doing it once: it may be tried again. */
  readonly idempotent: boolean;
  /** Attempts after the first. */
  readonly retries: number;
  /** The pause before the first retry; it doubles with each. */
  readonly backoffMs: number;
}

export interface Job {
  readonly command: Command;
  readonly binding: Binding;
  readonly actuator: Actuator;
  /** `waiting` for a free place, `running`, or in `backoff` between two attempts. */
  phase: 'waiting' | 'running' | 'backoff';
  /** Its actuator is to be asked what came of it before it is sent. */
  ask: boolean;
  /** An attempt may have had an effect, in this life of the manager or an earlier one. */
  begun: boolean;
  /** Attempts in this life. */
  attempts: number;
  /** What the last attempt came to. */
  last: Result | undefined;
  readonly timers: Set<Cancel>;
}

/** No pause between attempts is longer, however often they failed, ms. */
const LONGEST_BACKOFF_MS = 60_000;

/**
 * The pause before the next attempt, ms: it doubles with each, and is spread over its upper half, so that commands that failed together do not
 * come back together. `random` is in [0, 1).
 */
export function backoffMs(binding: Binding, attempts: number, random: number): number {
  const whole = Math.min(LONGEST_BACKOFF_MS, binding.backoffMs * 2 ** (attempts - 1));
  return Math.round(whole * (0.5 + random / 2));
}

/** Whether a failed attempt may be followed by another, by what the actuator and the type say of it. */
export function mayRetry({ binding, attempts }: Job, result: Result): boolean {
  return result.status !== 'succeeded' && result.retryable === true && binding.idempotent && attempts <= binding.retries;
}

/** The event of a result: it says how many attempts it took, and not whether another would help. */
export function outcomeEvent(command: Command, { retryable: _, retryAfterMs: __, ...result }: Result, attempts: number): OutcomeEvent {
  const detail = attempts > 1 ? `${result.detail} (attempt ${attempts})` : result.detail;
  return { kind: 'outcome', command: command.id, ...result, detail };
}
