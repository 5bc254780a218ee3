/** Spans of time as people write them: `250ms`, `10s`, `5m`, `2h`, `1d`. */
import { Type } from './documents/schema.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const Duration = Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$', description: 'a span of time: 250ms, 10s, 5m, 2h, 1d' });

/** Milliseconds of a span that fits the `Duration` schema, rounded. @throws RangeError for any other text. */
export function durationMs(text: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/.exec(text);
  if (!match) throw new RangeError(`"${text}" is not a span of time such as 250ms, 10s, 5m, 2h or 1d`);
  return Math.round(Number(match[1]) * UNITS[match[2]!]!);
}

/** Whether a text is a span of more than nothing. */
export const isDuration = (text: string): boolean => /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/.test(text) && durationMs(text) > 0;

/** A span for people: the largest unit that leaves a short number. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Number((ms / 1_000).toFixed(ms < 10_000 ? 1 : 0))} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Number((ms / 3_600_000).toFixed(1))} h`;
}
