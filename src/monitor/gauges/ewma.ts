/** A mean in which a value counts half as much for each half-life of its age. */

import { Type } from '../../documents/schema.ts';
import { Duration } from '../../duration.ts';
import type { GaugeKind, Memo } from './gauge.ts';
import { spanMs } from './spans.ts';
import { closed, notANumber, numberReading, Of } from './windowed.ts';

interface Options {
  readonly of?: string;
  readonly halfLife: string;
}

/** `mean` of what was observed, `weight` of all that and `lost` of what was dropped on the way, as weighed at time `at`. */
type EwmaMemo = Memo & { at: number | null; mean: number; weight: number; lost: number; wrong: string | null };

export const ewma: GaugeKind<Options> = {
  kind: 'ewma',
  description: 'the exponentially weighted mean: a value counts half as much for each half-life of its age',
  options: Type.Object(
    { of: Of, halfLife: Type.Unsafe<string>({ ...Duration, description: 'the age at which a value counts half: "30s"' }) },
    closed,
  ),
  create: ({ of, halfLife }) => {
    const halfLifeMs = spanMs('halfLife', halfLife);
    return {
      over: 'series',
      ...(of === undefined ? {} : { of }),
      start: (): EwmaMemo => ({ at: null, mean: 0, weight: 0, lost: 0, wrong: null }),
      observe: (memo, { time, value, coalesced }) => {
        if (typeof value === 'number') take(memo as EwmaMemo, time, value, coalesced, halfLifeMs);
        else memo.wrong = notANumber(value);
      },
      read: (memo) => {
        const { at, mean, weight, lost, wrong } = memo as EwmaMemo;
        if (wrong !== null) return { why: wrong };
        return at === null ? { why: 'nothing has been observed yet' } : numberReading(mean, weight / (weight + lost));
      },
    };
  },
};

/**
 * Σ wᵢ xᵢ / Σ wᵢ with wᵢ = 2^(−age / half-life), kept as a running mean: all weights shrink by the same factor as time goes on, so the mean stays.
 * G. Cormode, V. Shkapenyuk, D. Srivastava, B. Xu, "Forward Decay: A Practical Time Decay Model for Streaming Systems", ICDE 2009, section III.
 * It has no window; a late value enters with the lesser weight of its age.
 */
function take(memo: EwmaMemo, time: number, value: number, coalesced: number, halfLifeMs: number): void {
  const at = Math.max(memo.at ?? time, time);
  const shrunk = 2 ** -((at - (memo.at ?? at)) / halfLifeMs);
  const own = 2 ** -((at - time) / halfLifeMs);
  memo.weight = memo.weight * shrunk + own;
  memo.lost = memo.lost * shrunk + coalesced * own;
  // Of two numbers and a share between 0 and 1, written so that it cannot overflow, and held between the two against rounding.
  const share = memo.weight === 0 ? 0 : own / memo.weight;
  const mean = memo.at === null ? value : memo.mean * (1 - share) + value * share;
  const [low, high] = memo.at === null ? [value, value] : [Math.min(memo.mean, value), Math.max(memo.mean, value)];
  memo.mean = Math.min(Math.max(mean, low), high) + 0;
  memo.at = at;
  memo.wrong = null;
}
