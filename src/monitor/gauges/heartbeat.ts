/** How long there has been no sign of life. */

import { Type } from '../../documents/schema.ts';
import { Duration } from '../../duration.ts';
import type { GaugeKind, Memo } from './gauge.ts';
import { silence, spanMs } from './spans.ts';
import { closed, Of } from './windowed.ts';

interface Options {
  readonly of?: string;
  readonly deadline: string;
}

/** `since`: the last sign of life, or what stands for one: the element's creation, or the manager's return. */
type HeartbeatMemo = Memo & { since: number };

export const heartbeat: GaugeKind<Options> = {
  kind: 'heartbeat',
  description: 'ms since the last sign of life, whatever its value: 0 until the deadline, then in steps of half of it',
  options: Type.Object(
    { of: Of, deadline: Type.Unsafe<string>({ ...Duration, description: 'the age at which silence is told: "2s"; some three beats' }) },
    closed,
  ),
  create: ({ of, deadline }) => {
    const deadlineMs = spanMs('deadline', deadline);
    const heard = (memo: Memo, at: number): void => {
      memo.since = Math.max((memo as HeartbeatMemo).since, at);
    };
    return {
      over: 'series',
      ...(of === undefined ? {} : { of }),
      tellsSilence: true,
      start: (createdAt): HeartbeatMemo => ({ since: createdAt }),
      observe: (memo, { time }) => heard(memo, time),
      restarted: heard,
      read: (memo, _window, now) => silence((memo as HeartbeatMemo).since, deadlineMs, now),
    };
  },
};
