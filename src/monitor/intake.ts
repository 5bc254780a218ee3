/** How an observation enters: it is checked, placed in its window, and shown to the gauges over its series. */
import type { SeriesPlan } from '../knowledge/blueprint.ts';
import type { Member } from '../knowledge/members.ts';
import type { SeriesRow } from '../knowledge/state.ts';
import { beginTrack, type Track, trackOf } from '../knowledge/tracks.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Observation } from '../messages.ts';
import { nearest } from '../suggest.ts';
import { append, holds, prune } from './window.ts';

/** How far ahead of now an observation may claim to have been made (exact rule 1), in ms. */
export const LEAD_LIMIT_MS = 5_000;

/** Sources of one series whose repetitions are recognised. */
const SOURCE_LIMIT = 64;

/** Takes one observation in, or says why it is a dead letter. */
export function observe(turn: Turn, observation: Observation): string | undefined {
  const { state } = turn;
  const member = turn.member(observation.element);
  if (member?.row === undefined) return `no element is named "${observation.element}"`;
  const type = member.typeIn(turn.blueprint);
  const plan = type?.series.get(observation.property);
  if (plan === undefined) {
    return `type "${member.row.document.type}" observes no property "${observation.property}"${nearest(observation.property, [...(type?.series.keys() ?? [])])}`;
  }
  const { value, time, source } = observation;
  // NaN is null when it is read back from the stored inputs: a replay must say the same of both.
  if (!(typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' || typeof value === 'boolean')) {
    return 'its value is no finite number, text, true or false';
  }
  const lead = time - turn.now;
  if (lead > LEAD_LIMIT_MS) return `its time is ${lead} ms ahead of now; at most ${LEAD_LIMIT_MS} ms are allowed`;
  const track = trackOf(state, member, observation.property) ?? beginTrack(state, member, observation.property);
  const series = track.row;
  const from = sourceNumber(series, source);
  const repeated = from >= 0 && (series.lastOf[from] === time || (time < series.last && holds(track, time, from)));
  if (repeated) {
    state.count('observations.repeated');
    return undefined;
  }
  accept(turn, member, observation, plan, track, from);
  return undefined;
}

function accept(turn: Turn, member: Member, observation: Observation, plan: SeriesPlan, track: Track, from: number): void {
  const { state, now } = turn;
  const series = track.row;
  const { time } = observation;
  const late = time < series.last;
  // `+ 0` turns -0 into 0: the two are one in JSON, and a restored state must be the state.
  const value = typeof observation.value === 'number' ? observation.value + 0 : observation.value;
  const sample = { time, value, coalesced: observation.coalesced ?? 0, late };
  series.last = Math.max(series.last, time);
  if (from >= 0) series.lastOf[from] = Math.max(series.lastOf[from]!, time);
  if (observation.everyMs !== undefined) series.everyMs = observation.everyMs;
  if (plan.windowMs > 0 || plan.windowCount > 0) {
    const early = append(state, track, sample, from, turn.blueprint.setup.limits.windowSamples);
    if (early > 0) state.count('samples.leftEarly', early);
    prune(state, track, plan, now);
  }
  state.series.mark(track.kept);
  for (const property of plan.gauges) {
    const gauge = property.source.kind === 'gauge' ? property.source.gauge : undefined;
    const slot = member.readings.get(property.name);
    if (gauge?.over !== 'series' || slot === undefined) continue;
    const { memo } = slot.kept.row!;
    if (gauge.observe !== undefined && memo !== null) {
      gauge.observe(memo, sample);
      state.readings.mark(slot.kept);
    }
    turn.stir(member, property, slot);
  }
}

/** The number of a source in its series; -1: there are too many to tell them apart. */
function sourceNumber(series: SeriesRow, source: string): number {
  const known = series.sources.indexOf(source);
  if (known >= 0) return known;
  if (series.sources.length >= SOURCE_LIMIT) return -1;
  series.lastOf.push(-1);
  return series.sources.push(source) - 1;
}
