/**
 * A recording made of what InfluxDB holds: readings and observations become observations again, entries of the journal the events that they tell of. It has not
 * every step that was made, and of each property no more than one value in each `resolution`.
 */
import type { PastReading, PastSpan } from '../history/recorded.ts';
import { HISTORY_SOURCE } from '../history/warm.ts';
import type { Blueprint } from '../knowledge/blueprint.ts';
import { Derived } from '../knowledge/derived.ts';
import { State } from '../knowledge/state.ts';
import type { Event, JournalEntry, Observation, ObservationEvent, OutcomeStatus, PauseScope } from '../messages.ts';
import type { Recorded, Recording } from './recording.ts';

/** A step that came so soon after a measurement took it in, ms; else it is taken in when it was made. */
const SOON_MS = 250;
/** What makes a property stale that does not say when: so many intervals of its source without a value. */
const STALE_INTERVALS = 3;

export interface Past {
  readonly blueprint: Blueprint;
  /** The types of the elements, by id. */
  readonly typeOf: (element: string) => string | undefined;
  /** The configuration, as text. */
  readonly document: string;
  readonly from: number;
  readonly to: number;
  /** What windows and newest values are made of at the beginning. */
  readonly before: readonly ObservationEvent[];
  readonly span: PastSpan;
}

interface Instant {
  readonly signals: Event[];
  readonly telemetry: ObservationEvent[];
  readonly entries: JournalEntry[];
}

export function recordingOf(past: Past): Recording {
  const { span, from, document, before } = past;
  const instants = new Map<number, Instant>();
  const at = (time: number): Instant => {
    let instant = instants.get(time);
    if (instant === undefined) {
      instant = { signals: [], telemetry: [], entries: [] };
      instants.set(time, instant);
    }
    return instant;
  };
  at(from).signals.push({ kind: 'configured', document });
  at(from).telemetry.push(...before);
  const steps = [...new Set([...span.readings.map(({ time }) => Math.ceil(time)), ...span.entries.map(({ time }) => time)])].sort(
    (a, b) => a - b,
  );
  const taken = takenIn(steps);
  const readBack = new Map<string, Observation[]>();
  const outcomes = new Set(span.entries.filter(({ kind }) => kind === 'outcome').map(({ time, element }) => `${time}\t${element}`));
  for (const [observation, time] of measured(past)) {
    const cause = `${time}\t${observation.element}`;
    // What changed in the step of an outcome was read back by it.
    if (time !== undefined && outcomes.has(cause)) readBack.set(cause, [...(readBack.get(cause) ?? []), observation]);
    else at(time ?? taken(observation.time)).telemetry.push({ kind: 'observation', ...observation });
  }
  const pauses = new Map<string, number | null>();
  for (const entry of span.entries) {
    const instant = at(entry.time);
    instant.entries.push(entry);
    const event = eventOf(entry, pauses, readBack);
    if (event !== undefined) instant.signals.push(event);
  }
  const state = new State().unhashed();
  const recorded = [...instants].sort(([a], [b]) => a - b);
  return { state, derived: new Derived(state), isWhole: false, steps: recorded.map(([now, instant]) => stepOf(now, instant)) };
}

const stepOf = (now: number, { signals, telemetry, entries }: Instant): Recorded => ({ now, events: [...signals, ...telemetry], entries });

/** When a value was taken in that was measured at an instant. */
const takenIn = (steps: readonly number[]) => {
  let place = 0;
  let before = Number.NEGATIVE_INFINITY;
  return (time: number): number => {
    if (time < before) place = 0;
    before = time;
    while (place < steps.length && steps[place]! < time) place++;
    const next = steps[place];
    return next !== undefined && next - time <= SOON_MS ? next : Math.ceil(time);
  };
};

/** Observations, each with the step that took it in where that is known. */
function* measured(past: Past): IterableIterator<readonly [Observation, number | undefined]> {
  const { span, blueprint, typeOf } = past;
  const windowed = new Set(span.observations.map(({ element, property }) => `${element}\t${property}`));
  for (const { element, property, value, time, everyMs, coalesced } of span.observations)
    yield [
      { element, property, value, time, source: HISTORY_SOURCE, ...(everyMs && { everyMs }), ...(coalesced && { coalesced }) },
      undefined,
    ];
  const rows = new Map<string, PastReading[]>();
  for (const row of span.readings) {
    const source = blueprint.types.get(typeOf(row.element) ?? '')?.properties.get(row.property)?.source;
    const series = source?.kind === 'gauge' && source.gauge.over === 'series' ? (source.gauge.of ?? row.property) : undefined;
    if (series === undefined || windowed.has(`${row.element}\t${series}`)) continue;
    const key = `${row.element}\t${row.property}\t${series}`;
    const list = rows.get(key);
    if (list === undefined) rows.set(key, [row]);
    else list.push(row);
  }
  for (const [key, list] of rows) {
    const [element, property, series] = key.split('\t') as [string, string, string];
    const staleMs = blueprint.types.get(typeOf(element) ?? '')?.properties.get(property)?.staleMs;
    yield* remeasured({ element, property: series, source: HISTORY_SOURCE }, list, staleMs, past.to);
  }
}

/** A reading is stored when it changes, and now and then again. In between it was measured as often as its source does, and was the same. */
function* remeasured(
  of: Pick<Observation, 'element' | 'property' | 'source'>,
  rows: readonly PastReading[],
  staleMs: number | null | undefined,
  to: number,
): IterableIterator<readonly [Observation, number | undefined]> {
  let last = Number.NEGATIVE_INFINITY;
  for (const [i, { value, time, observed, everyMs }] of rows.entries()) {
    if (value === null || observed === undefined) continue;
    const as = { ...of, value, ...(everyMs === undefined ? {} : { everyMs }) };
    if (observed > last) yield [{ ...as, time: observed }, Math.ceil(time)];
    last = Math.max(last, observed);
    if (everyMs === undefined) continue;
    const next = rows[i + 1];
    const end =
      next === undefined
        ? to
        : next.value === null
          ? next.time - (staleMs ?? STALE_INTERVALS * everyMs)
          : (next.observed ?? next.time) - everyMs / 2;
    for (let again = last + everyMs; again <= end; again += everyMs) {
      yield [{ ...as, time: again }, undefined];
      last = again;
    }
  }
}

/** The event that an entry tells of; undefined: it tells of none, or of one that another course has of its own. */
function eventOf(
  entry: JournalEntry,
  pauses: Map<string, number | null>,
  readBack: ReadonlyMap<string, readonly Observation[]>,
): Event | undefined {
  const { kind, time, element, command, data, text } = entry;
  switch (kind) {
    case 'started':
      return { kind, wall: Number(data.wall) };
    case 'pause': {
      const until = typeof data.until === 'number' ? data.until : null;
      pauses.set(String(data.name), until);
      return { kind, name: String(data.name), scope: data.scope as PauseScope, reason: text, author: HISTORY_SOURCE, until };
    }
    case 'resume': {
      const ended = (data.pauses ?? []) as readonly string[];
      // One that has run out ends by itself here too.
      const hasRunOut = ended.length > 0 && ended.every((name) => (pauses.get(name) ?? Number.POSITIVE_INFINITY) <= time);
      return hasRunOut ? undefined : { kind, scope: data.scope as PauseScope, reason: text, author: HISTORY_SOURCE };
    }
    case 'advice':
      if (data.is !== 'approved' && data.is !== 'rejected') return undefined;
      return { kind: 'answered', advice: String(data.id), answer: data.is, reason: String(data.reason), author: String(data.author) };
    case 'withheld':
      return { kind, command: String(command), cause: data.cause === 'paused' ? 'paused' : 'disagreement', detail: String(data.detail) };
    case 'outcome':
      if (data.late === true) return undefined;
      return {
        kind,
        command: String(command),
        status: data.status as OutcomeStatus,
        detail: String(data.detail),
        observations: readBack.get(`${time}\t${element}`) ?? [],
      };
    default:
      return undefined;
  }
}
