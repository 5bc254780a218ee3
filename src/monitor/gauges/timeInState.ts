/** How long a value has been what it is, or which share of a window it was in a state. */

import { Type } from '../../documents/schema.ts';
import { Duration } from '../../duration.ts';
import { HomeostatError } from '../../errors.ts';
import { Value } from '../../messages.ts';
import type { GaugeKind, GaugeReading, Memo, SeriesGauge, WindowView } from './gauge.ts';
import { spanMs } from './spans.ts';
import { closed, confidenceOf, EMPTY, numberReading, Of, seriesOf, Window } from './windowed.ts';

interface Options {
  readonly of?: string;
  readonly state?: Value;
  readonly window?: Window;
  readonly every?: string;
}

const DEFAULT_EVERY = '1s';

export const timeInState: GaugeKind<Options> = {
  kind: 'timeInState',
  description: 'how long, in ms, a value has been what it is; with a window, the share of it (0…1) that was spent in a state',
  options: Type.Object(
    {
      of: Of,
      state: Type.Optional(Type.Unsafe<Value>({ ...Value, description: 'the value to be timed; while it is another, the reading is 0' })),
      window: Type.Optional(Window),
      every: Type.Optional(
        Type.Unsafe<string>({
          ...Duration,
          default: DEFAULT_EVERY,
          description: 'how finely time is told: the reading moves in these steps',
        }),
      ),
    },
    closed,
  ),
  create: ({ of, state, window, every = DEFAULT_EVERY }) => {
    const everyMs = spanMs('every', every);
    if (window === undefined) return { over: 'series', ...(of === undefined ? {} : { of }), ...stretch(state, everyMs) };
    if (state === undefined) throw new HomeostatError('H007', 'timeInState over a window needs a "state" to time');
    const series = seriesOf({ ...(of === undefined ? {} : { of }), window });
    const windowMs = series.window !== undefined && 'ms' in series.window ? series.window.ms : undefined;
    return { ...series, read: (_memo, view, now) => share(view, state, now, windowMs, everyMs) };
  },
};

/** The time since the value became what it is. Gaps between values are taken as no change. */
function stretch(state: Value | undefined, everyMs: number): Pick<SeriesGauge, 'start' | 'observe' | 'read'> {
  return {
    start: (): Memo => ({ value: null, since: 0 }),
    observe: (memo, { value, time, late }) => {
      if (late || value === memo.value) return;
      memo.value = typeof value === 'number' ? value + 0 : value;
      memo.since = time;
    },
    read: ({ value, since }, _window, now) => {
      if (value === null) return { why: 'nothing has been observed yet' };
      if (state !== undefined && value !== state) return { value: 0 };
      const steps = Math.max(0, Math.floor((now - (since as number)) / everyMs));
      return { value: steps * everyMs, nextAt: (since as number) + (steps + 1) * everyMs };
    },
  };
}

/** Each value holds until the next, the last until now. The time before the first is not known: it lowers the confidence. */
function share(window: WindowView, state: Value, now: number, windowMs: number | undefined, everyMs: number): GaugeReading {
  let [first, from, spent, inState]: [number | undefined, number, number, boolean] = [undefined, 0, 0, false];
  for (const { time, value } of window.samples) {
    first ??= time;
    if (inState) spent += time - from;
    from = time;
    inState = value === state;
  }
  if (first === undefined) return EMPTY;
  if (inState) spent += Math.max(0, now - from);
  const known = now - first;
  const covered = windowMs === undefined ? 1 : Math.min(1, known / windowMs);
  const reading = numberReading(known <= 0 ? Number(inState) : spent / known, covered * confidenceOf(window));
  return spent > 0 && spent < known ? { ...reading, nextAt: (Math.floor(now / everyMs) + 1) * everyMs } : reading;
}
