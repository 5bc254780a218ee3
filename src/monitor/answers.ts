/** Answers to questions about a property: has it changed, risen or fallen within a span, is it unknown, is it stale. */
import type { PropertySource } from '../knowledge/blueprint.ts';
import type { ReadingRow } from '../knowledge/state.ts';
import type { Value } from '../messages.ts';
import type { GaugeReading, Memo } from './gauges/gauge.ts';

type QuestionSource = Extract<PropertySource, { kind: 'question' }>;

/** What is remembered of the property: its last known value, the one before, and when the one became the other. */
export const startAnswer = (): Memo => ({ value: null, before: null, at: null });

/** Takes note of a known value; returns whether it is another. The first is no change: nothing is known of what was before. */
export function remember(memo: Memo, value: Value | undefined, now: number): boolean {
  if (value === undefined || value === memo.value) return false;
  memo.at = memo.value === null ? null : now;
  memo.before = memo.value ?? null;
  memo.value = value;
  return true;
}

/** The answer, and when it will be another by itself. */
export function answer({ asks, withinMs, of }: QuestionSource, memo: Memo, original: ReadingRow | undefined, now: number): GaugeReading {
  const unknown = original === undefined || original.why !== null || original.value === null;
  if (asks === 'unknown') return { value: unknown };
  if (asks === 'stale') return { value: original?.why === 'stale' };
  if (unknown) return { why: `${of} is unknown` };
  const { value, before, at } = memo;
  if (asks !== 'changed' && typeof value !== 'number') return { why: `${of} is no number` };
  const until = typeof at === 'number' ? at + withinMs : now;
  const turned =
    asks === 'changed' ||
    (typeof before === 'number' && typeof value === 'number' && (asks === 'increased' ? value > before : value < before));
  return turned && until > now ? { value: true, nextAt: until } : { value: false };
}
