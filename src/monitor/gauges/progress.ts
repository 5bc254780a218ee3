/**
 * Whether work goes on: a counter that must advance while work is pending. It tells frozen from idle.
 *
 * A frozen process falls silent about its pending work too, so the last that was known of it holds: had work been pending, the wait goes on;
 * had none been, nothing can be said, and the reading is unknown. So let `pending` be measured from outside, where work is handed out, if you can.
 */

import { Type } from '../../documents/schema.ts';
import { Duration } from '../../duration.ts';
import type { GaugeKind, Memo } from './gauge.ts';
import { silence, spanMs } from './spans.ts';
import { closed, notANumber, Of } from './windowed.ts';

interface Options {
  readonly of?: string;
  readonly pending?: string;
  readonly deadline: string;
}

type ProgressMemo = Memo & {
  counter: number | null;
  /** When it advanced last or work began to wait, whichever was later. */
  since: number;
  /** Whether work is pending, as last known; null: not known at all. */
  waiting: boolean | null;
  /** Whether that is known now. */
  known: boolean;
  wrong: string | null;
};

export const progress: GaugeKind<Options> = {
  kind: 'progress',
  description: 'ms for which work was pending and a counter stood still: 0 until the deadline, then in steps of half of it',
  options: Type.Object(
    {
      of: Of,
      pending: Type.Optional(
        Type.String({
          minLength: 1,
          description: 'the fact that is above 0, or true, while work is pending; work is always pending if not given',
        }),
      ),
      deadline: Type.Unsafe<string>({ ...Duration, description: 'how long the counter may stand still while work is pending: "2s"' }),
    },
    closed,
  ),
  create: ({ of, pending, deadline }) => {
    const deadlineMs = spanMs('deadline', deadline);
    const alwaysPending = pending === undefined;
    return {
      over: 'series',
      ...(of === undefined ? {} : { of }),
      tellsSilence: true,
      start: (createdAt): ProgressMemo => ({
        counter: null,
        since: createdAt,
        waiting: alwaysPending ? true : null,
        known: alwaysPending,
        wrong: null,
      }),
      observe: (memo, { time, value, late }) => {
        if (!late) counted(memo as ProgressMemo, value, time);
      },
      ...(alwaysPending ? {} : { facts: [pending], sense: (memo, lookup, now) => sensed(memo as ProgressMemo, lookup(pending), now) }),
      restarted: (memo, now) => {
        memo.since = Math.max((memo as ProgressMemo).since, now);
      },
      read: (memo, _window, now) => {
        const { waiting, known, since, wrong } = memo as ProgressMemo;
        if (wrong !== null) return { why: wrong };
        if (waiting === true) return silence(since, deadlineMs, now);
        return known ? { value: 0 } : { why: `${pending} is unknown` };
      },
    };
  },
};

/** Any change is an advance: a counter that falls belongs to a process that has just started. */
function counted(memo: ProgressMemo, value: unknown, time: number): void {
  memo.wrong = typeof value === 'number' ? null : notANumber(value as string | boolean);
  if (typeof value !== 'number' || value === memo.counter) return;
  memo.counter = value + 0;
  memo.since = Math.max(memo.since, time);
  // It works and says nothing of what is pending: what was known of that is out of date.
  if (!memo.known) memo.waiting = null;
}

function sensed(memo: ProgressMemo, pending: unknown, now: number): void {
  memo.known = typeof pending === 'number' || typeof pending === 'boolean';
  if (!memo.known) return;
  const waiting = Number(pending) > 0;
  if (waiting && memo.waiting !== true) memo.since = Math.max(memo.since, now);
  memo.waiting = waiting;
}
