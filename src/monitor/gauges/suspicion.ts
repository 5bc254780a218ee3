/**
 * How sure one may be that a source has died, from how regularly it used to give signs of life.
 *
 * N. Hayashibara, X. Défago, R. Yared, T. Katayama, "The φ Accrual Failure Detector", SRDS 2004: φ = −log10 P(a sign of life still comes, so long after the last).
 * As Akka's PhiAccrualFailureDetector reckons it: the normal distribution by its logistic approximation, a deviation that is never below a least one, a pause
 * that is added to the mean, and two intervals to begin with. Its defaults are ours (akka.cluster.failure-detector: acceptable-heartbeat-pause 3 s,
 * min-std-deviation 100 ms, heartbeat-interval 1 s, max-sample-size 1000); a threshold of 8 is Akka's and Cassandra's (phi_convict_threshold).
 */

import { Type } from '../../documents/schema.ts';
import { Duration, durationMs } from '../../duration.ts';
import type { GaugeKind, GaugeReading, Memo } from './gauge.ts';
import { spanMs } from './spans.ts';
import { closed, Of } from './windowed.ts';

interface Options {
  readonly of?: string;
  readonly pause?: string;
  readonly deviation?: string;
  readonly first?: string;
  readonly samples?: number;
}

/** The φ up to which the reading goes. Beyond it the tail of a normal distribution says nothing of real networks. */
const MOST = 16;

/** Silence beyond this φ is a failure, not an interval: it is learnt as an interval of just this φ. */
const FAILED = 8;

/**
 * By φ = 1, 2, … 16: how many deviations beyond the mean a silence reaches it. P = e / (1 + e) with e = exp(−y (1.5976 + 0.070566 y²)), the logistic
 * approximation of the normal distribution that Akka uses, so y (1.5976 + 0.070566 y²) = ln(10^φ − 1); it rises everywhere, and Newton finds it.
 */
const DEVIATIONS: readonly number[] = Array.from({ length: MOST }, (_, i) => {
  const right = Math.log(10 ** (i + 1) - 1);
  let y = 1;
  for (let round = 0; round < 50; round++) y -= (y * (1.5976 + 0.070566 * y * y) - right) / (1.5976 + 3 * 0.070566 * y * y);
  return y;
});

/** `heard`: the last sign of life, null if none was since the manager came back; `since`: that or what stands for it; moments of `n` intervals, in ms. */
type SuspicionMemo = Memo & { heard: number | null; since: number; n: number; mean: number; variance: number };

export const suspicion: GaugeKind<Options> = {
  kind: 'suspicion',
  description:
    'how unlikely it is that the source still lives (phi accrual): 1 is a chance of 10 % that it does, 8 one of 10^-8; whole numbers 0…16',
  options: Type.Object(
    {
      of: Of,
      pause: Type.Optional(
        Type.Unsafe<string>({
          ...Duration,
          default: '3s',
          description: 'how much later than usual a sign of life may come before it is suspicious',
        }),
      ),
      deviation: Type.Optional(
        Type.Unsafe<string>({
          ...Duration,
          default: '100ms',
          description: 'least standard deviation of the intervals, so that a very regular source is not suspected too soon',
        }),
      ),
      first: Type.Optional(
        Type.Unsafe<string>({ ...Duration, default: '1s', description: 'the interval that is expected before any has been seen' }),
      ),
      samples: Type.Optional(
        Type.Integer({
          minimum: 2,
          maximum: 100_000,
          default: 1_000,
          description: 'how many intervals count: from then on an interval counts 1/samples, and older ones less and less',
        }),
      ),
    },
    closed,
  ),
  create: ({ of, pause = '3s', deviation = '100ms', first = '1s', samples = 1_000 }) => {
    const [pauseMs, leastMs, firstMs] = [durationMs(pause), spanMs('deviation', deviation), spanMs('first', first)];
    /** The silence, in ms, at which φ is reached. */
    const silenceOf = ({ mean, variance }: SuspicionMemo, phi: number): number =>
      mean + pauseMs + Math.max(Math.sqrt(variance), leastMs) * DEVIATIONS[phi - 1]!;
    return {
      over: 'series',
      ...(of === undefined ? {} : { of }),
      tellsSilence: true,
      // Akka's bootstrap: two intervals, a quarter of the estimate below and above it.
      start: (createdAt): SuspicionMemo => ({ heard: null, since: createdAt, n: 2, mean: firstMs, variance: (firstMs / 4) ** 2 }),
      observe: (memo, { time, coalesced }) => {
        const m = memo as SuspicionMemo;
        if (m.heard !== null && time > m.heard && coalesced === 0) learn(m, Math.min(time - m.heard, silenceOf(m, FAILED)), samples);
        m.heard = Math.max(m.heard ?? time, time);
        m.since = Math.max(m.since, time);
      },
      restarted: (memo, now) => {
        const m = memo as SuspicionMemo;
        m.heard = null;
        m.since = Math.max(m.since, now);
      },
      read: (memo, _window, now) => phiOf(now, (phi) => Math.ceil((memo as SuspicionMemo).since + silenceOf(memo as SuspicionMemo, phi))),
    };
  },
};

/** The whole φ reached now, and when the next will be: sixteen steps at most, however long the silence. */
function phiOf(now: number, reachedAt: (phi: number) => number): GaugeReading {
  for (let phi = 1; phi <= MOST; phi++) {
    const at = reachedAt(phi);
    if (at > now) return { value: phi - 1, nextAt: at };
  }
  return { value: MOST };
}

/**
 * Mean and variance of the first intervals with equal weights, then with weights that fade: the share of the newest is never below 1/samples.
 * T. Finch, "Incremental calculation of weighted mean and variance", 2009, section 9.
 */
function learn(memo: SuspicionMemo, interval: number, samples: number): void {
  memo.n = Math.min(memo.n + 1, samples);
  const off = interval - memo.mean;
  const step = off / memo.n;
  memo.mean += step;
  memo.variance = (1 - 1 / memo.n) * (memo.variance + off * step);
}
