/**
 * What a gauge is: it turns the observations of one series, or other readings, into the reading of one property.
 * Gauges decide nothing and touch nothing: all are pure, all that they remember is plain JSON. How to add one: docs/gauges.md.
 */

import type { TSchema } from '../../documents/schema.ts';
import type { Value } from '../../messages.ts';

/** What a gauge remembers between observations: plain JSON of a fixed shape, with null for what is absent. */
export type Memo = { [key: string]: Json };
export type Json = number | string | boolean | null | Json[] | { [key: string]: Json };

/** One observation as it lies in a window. */
export interface WindowSample {
  readonly time: number;
  readonly value: Value;
  /** How many earlier values were dropped in favour of this one. */
  readonly coalesced: number;
  /** It came after one of a later time, so it belongs to windows, and never to `last` or `rate` (exact rule 9). */
  readonly late: boolean;
}

/** The samples of a series within (now − W, now], or the last N of them, ordered by time, then by arrival. */
export interface WindowView {
  readonly size: number;
  readonly samples: readonly WindowSample[];
  /** Values dropped in favour of samples that are in the window. */
  readonly coalesced: number;
}

/** What a gauge says. Without `value` the reading is unknown, and `why` says for what reason. */
export interface GaugeReading {
  readonly value?: Value;
  readonly why?: string;
  /** Share of the samples expected that the value rests on, 0…1; 1 if not given. */
  readonly confidence?: number;
  /** When the reading would change although nothing is observed: a step is made then. */
  readonly nextAt?: number;
}

/** A gauge over the observations of one series. */
export interface SeriesGauge {
  readonly over: 'series';
  /** The observed property it reads; that of its own name if not given. */
  readonly of?: string;
  /** The window it needs kept, if any. */
  readonly window?: { readonly ms: number } | { readonly count: number };
  /** What is remembered when nothing has been observed yet. */
  readonly start: (createdAt: number) => Memo;
  /** Sees one observation, in log order, and changes the memo in place. Absent where the window says all. */
  readonly observe?: (memo: Memo, sample: WindowSample) => void;
  /** Other readings of the element that it rests on too, such as the work that is pending. */
  readonly facts?: readonly string[];
  /** Sees those readings once a step in which one has changed, before `read`; more often does no harm. There if `facts` is. */
  readonly sense?: (memo: Memo, lookup: Lookup, now: number) => void;
  /** The manager was away and listens again from `now`: what it has not heard meanwhile proves nothing. */
  readonly restarted?: (memo: Memo, now: number) => void;
  /** Its reading never grows stale, because silence of the source is what it tells. */
  readonly tellsSilence?: true;
  /** How its memo stands, in a few words for `explain`; leaves it as it is. */
  readonly tells?: (memo: Memo, now: number) => string;
  /** The reading now; leaves the memo as it is. `probeAlive`: its source is within its staleness limit, so that an empty window may mean zero. */
  readonly read: (memo: Memo, window: WindowView, now: number, probeAlive: boolean) => GaugeReading;
}

/** Whether it reads observations at all: one that only senses other readings has no series of its own. */
export const readsSeries = (gauge: Gauge): boolean =>
  gauge.over === 'series' && (gauge.observe !== undefined || gauge.window !== undefined);

/** One value that a derived gauge rests on; undefined: unknown. */
export type Lookup = (fact: string) => Value | undefined;

/** A gauge over other readings of the same element (or of its relatives, as facts such as parent.x). */
export interface DerivedGauge {
  readonly over: 'readings';
  readonly facts: readonly string[];
  readonly read: (lookup: Lookup, now: number) => GaugeReading;
}

/** A gauge over one property of an element's children. */
export interface RollupGauge {
  readonly over: 'children';
  /** The children's property it reads; empty: the children themselves, each of them known. */
  readonly of: string;
  /** Only children of this type, if given. */
  readonly type?: string;
  /** `values`: of the children in the order of their ids; undefined: unknown. */
  readonly read: (values: readonly (Value | undefined)[]) => GaugeReading;
}

export type Gauge = SeriesGauge | DerivedGauge | RollupGauge;

/** A kind of gauge. `options` is the schema of what stands beside `kind`. */
export interface GaugeKind<Options = never> {
  readonly kind: string;
  readonly description: string;
  readonly options: TSchema;
  /** Builds the gauge from options that fit the schema. @throws HomeostatError H007 or H107 for options that contradict each other. */
  readonly create: (options: Options) => Gauge;
}
