/** Spans of time as the gauges take them: more than nothing, and short enough that an instant plus a span is exact. */
import { durationMs, formatMs } from '../../duration.ts';
import { HomeostatError } from '../../errors.ts';
import type { GaugeReading } from './gauge.ts';

/** Ten years. */
const LONGEST_MS = 3_653 * 86_400_000;

/** @throws HomeostatError H007 if the span is 0 or absurdly long. */
export function spanMs(option: string, text: string): number {
  const ms = durationMs(text);
  if (ms >= 1 && ms <= LONGEST_MS) return ms;
  throw new HomeostatError('H007', `${option} must be between 1ms and 3653d; found "${text}" (${formatMs(ms)})`);
}

/**
 * How long there has been silence, in ms: 0 until the deadline, then the age in steps of half a deadline. It depends on nothing but its
 * arguments, so that a reading that is made once more in between is the same reading.
 */
export function silence(since: number, deadlineMs: number, now: number): GaugeReading {
  const over = now - since - deadlineMs;
  if (over < 0) return { value: 0, nextAt: since + deadlineMs };
  const half = Math.max(1, Math.floor(deadlineMs / 2));
  const steps = Math.floor(over / half);
  return { value: deadlineMs + steps * half, nextAt: since + deadlineMs + (steps + 1) * half };
}
