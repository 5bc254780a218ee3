/**
 * A warm start: when a manager's own state is gone, observations are made again of what the history holds, each with its own time, so that
 * windows are filled and newest values known, and what is too old is stale at once. Nothing else is taken from the past: what was decided is not.
 */
import type { Blueprint, SeriesPlan } from '../knowledge/blueprint.ts';
import type { ElementDocument, ObservationEvent } from '../messages.ts';
import { gaugeOf } from './follow.ts';
import type { InfluxHistory } from './influx.ts';
import type { Sample } from './questions.ts';

/** Who the observations are from. */
export const HISTORY_SOURCE = 'history';
/** Observations that a gauge without a window, such as an average that decays, is given. */
const MEMO_SAMPLES = 60;
const MEMO_BACK_MS = 3_600_000;
/** Share of a step's batch that is filled: all of a window must come in one step, or it would be judged half full. */
const SHARE = 0.9;
const MOST_SAMPLES = 10_000;

export interface WarmOptions {
  readonly blueprint: Blueprint;
  readonly elements: Readonly<Record<string, ElementDocument>>;
  /** Observations that one step takes in (limits.batch). */
  readonly batch: number;
  /** How far back newest values are looked for, ms. */
  readonly backMs: number;
  readonly now: number;
}

/** The observations, those of one series side by side and oldest first. @throws InfluxError if the server is away */
export async function warm(reader: Pick<InfluxHistory, 'samples'>, options: WarmOptions): Promise<ObservationEvent[]> {
  const { blueprint, elements, now } = options;
  const ids = Object.keys(elements).sort();
  const typeOf = (id: string) => blueprint.types.get(elements[id]!.type);
  const plans = ids.flatMap((id) => [...(typeOf(id)?.series.values() ?? [])]);
  if (plans.length === 0) return [];
  const each = Math.max(1, Math.floor((options.batch * SHARE) / plans.length));
  const window = plans.reduce((longest, { windowMs }) => Math.max(longest, windowMs), MEMO_BACK_MS);
  const found = await reader.samples(ids, {
    observedFrom: now - window,
    readFrom: now - options.backMs,
    to: now,
    limit: Math.min(MOST_SAMPLES, Math.max(MEMO_SAMPLES, each * 4)),
  });
  const events: ObservationEvent[] = [];
  for (const id of ids) {
    const samples = found.get(id) ?? [];
    for (const [series, plan] of typeOf(id)?.series ?? []) {
      const kinds = plan.gauges.map(({ name }) => gaugeOf(blueprint, elements[id]!.type, name));
      const picked = kinds.every((kind) => kind === 'last') ? newestOf(samples, plan) : filling(samples, series, plan, now);
      for (const { value, time, everyMs, coalesced } of thinned(picked, each))
        events.push({
          kind: 'observation',
          element: id,
          property: series,
          value,
          time,
          source: HISTORY_SOURCE,
          ...(everyMs === undefined ? {} : { everyMs }),
          ...(coalesced === undefined ? {} : { coalesced }),
        });
    }
  }
  return events;
}

/** Where only the newest value counts, the reading of it says all. */
function newestOf(samples: readonly Sample[], plan: SeriesPlan): Sample[] {
  const names = new Set(plan.gauges.map(({ name }) => name));
  const readings = samples.filter((sample) => sample.of === 'reading' && names.has(sample.property));
  return readings.sort((a, b) => a.time - b.time).slice(-1);
}

function filling(samples: readonly Sample[], series: string, plan: SeriesPlan, now: number): Sample[] {
  const observed = samples.filter((sample) => sample.of === 'observation' && sample.property === series).sort((a, b) => a.time - b.time);
  const least = Math.max(
    plan.windowCount,
    plan.gauges.some(({ source }) => source.kind === 'gauge' && needsMemo(source.gauge)) ? MEMO_SAMPLES : 1,
  );
  return observed.filter(({ time }, i) => time > now - plan.windowMs || i >= observed.length - least);
}

const needsMemo = (gauge: { readonly over: string; readonly observe?: unknown }): boolean =>
  gauge.over === 'series' && gauge.observe !== undefined;

/** At most `limit`, evenly; what is left out is counted in what stays, so that sums and counts are not believed. */
function thinned(samples: readonly Sample[], limit: number): Sample[] {
  if (samples.length <= limit) return [...samples];
  const size = Math.ceil(samples.length / limit);
  const kept: Sample[] = [];
  // From the newest backwards, so that the newest itself stays.
  for (let end = samples.length; end > 0; end -= size) {
    const group = samples.slice(Math.max(0, end - size), end);
    const left = group.reduce((sum, { coalesced = 0 }) => sum + coalesced, group.length - 1);
    kept.push({ ...group.at(-1)!, ...(left > 0 ? { coalesced: left } : {}) });
  }
  return kept.reverse();
}
