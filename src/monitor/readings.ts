/** How readings are made: each from its window and memo, or from the readings it rests on, by rising rank. */
import type { Property } from '../knowledge/blueprint.ts';
import { parentOf } from '../knowledge/facts.ts';
import { partsOf } from '../knowledge/pairs.ts';
import type { ReadingRow } from '../knowledge/state.ts';
import { known, type Turn } from '../knowledge/turn.ts';
import type { Value } from '../messages.ts';
import { answer, remember, startAnswer } from './answers.ts';
import type { GaugeReading, SeriesGauge } from './gauges/gauge.ts';
import { viewOf } from './window.ts';

/** Intervals of its source after which a reading is stale, unless its property says otherwise (exact rule 4). */
const INTERVALS_TO_STALE = 3;

const NO_VALUE = 'no value yet';

/** The row of a property of a new element: its initial value, or unknown. */
export function createReading(turn: Turn, element: string, property: Property, given: Value | undefined): void {
  const { now } = turn;
  const gauge = property.source.kind === 'gauge' ? property.source.gauge : undefined;
  const value = given ?? property.initial ?? null;
  turn.putReading(element, property.name, {
    key: `${element}\t${property.name}`,
    value,
    why: value === null ? NO_VALUE : null,
    time: now,
    changedAt: now,
    staleAt: null,
    confidence: 1,
    nextAt: null,
    memo: gauge?.over === 'series' ? gauge.start(now) : property.source.kind === 'question' ? startAnswer() : null,
  });
  if (value === null) turn.stir(element, property);
  else announce(turn, element, property.name, value);
}

/** Readings whose time has come: stale ones become unknown, others are made anew. */
export function ringReadings(turn: Turn): void {
  for (const row of turn.state.readings.takeDue(turn.now)) {
    const [element, name] = partsOf(row.key);
    const property = turn.blueprint.types.get(turn.state.elements.get(element)?.document.type ?? '')?.properties.get(name);
    if (property === undefined) continue;
    turn.state.readings.touch(row);
    turn.stir(element, property);
  }
}

/** Makes all readings that were stirred, and those that rest on them. */
export function refreshReadings(turn: Turn): void {
  for (let stirred = turn.takeStirred(); stirred !== undefined; stirred = turn.takeStirred()) {
    for (const [element, property] of stirred) refresh(turn, element, property);
  }
}

function refresh(turn: Turn, element: string, property: Property): void {
  const row = turn.reading(element, property.name);
  if (row === undefined) return;
  const { source } = property;
  if (source.kind === 'gauge' && source.gauge.over === 'series') return refreshSeries(turn, element, property, source.gauge, row);
  if (source.kind === 'gauge' && source.gauge.over === 'readings') {
    const rests = source.gauge.facts.map((fact) => turn.reading(element, fact));
    return settle(
      turn,
      element,
      property,
      row,
      asSureAs(
        source.gauge.read((fact) => turn.fact(element, fact), turn.now),
        rests,
      ),
      newest(rests),
      null,
      null,
    );
  }
  if (source.kind === 'gauge' && source.gauge.over === 'children') {
    const { gauge } = source;
    const of = gauge.of ?? property.name;
    const children = turn.family
      .children(element)
      .filter((id) => gauge.type === undefined || turn.state.elements.get(id)?.document.type === gauge.type);
    const rows = children.map((id) => turn.reading(id, of));
    // `children.count` asks for no property: a child is there or not.
    const values = of === '' ? children.map(() => true) : rows.map(known);
    return settle(turn, element, property, row, asSureAs(gauge.read(values), rows), newest(rows), null, null);
  }
  if (source.kind === 'gauge') return;
  if (source.kind === 'question') {
    const original = turn.reading(element, source.of);
    // What it remembers is written with the row: an answer that stays may rest on another value.
    if (remember(row.memo!, known(original), turn.now)) turn.state.readings.touch(row);
    return settle(turn, element, property, row, answer(source, row.memo!, original, turn.now), original?.time ?? row.time, null, null);
  }
  const relative = source.kind === 'parent' ? parentOf(element) : source.element;
  const original = relative === undefined ? undefined : turn.reading(relative, source.of);
  const value = known(original);
  const why = original === undefined ? 'there is no such relative' : (original.why ?? NO_VALUE);
  settle(
    turn,
    element,
    property,
    row,
    value === undefined ? { why } : { value, confidence: original!.confidence },
    original?.time ?? row.time,
    null,
    null,
  );
}

const newest = (rows: readonly (ReadingRow | undefined)[]): number => rows.reduce((time, row) => Math.max(time, row?.time ?? 0), 0);

/** What rests on readings is as sure as the least sure of them that is known. */
function asSureAs(reading: GaugeReading, rows: readonly (ReadingRow | undefined)[]): GaugeReading {
  let confidence = reading.confidence ?? 1;
  for (const row of rows) if (row !== undefined && known(row) !== undefined && row.confidence < confidence) confidence = row.confidence;
  return confidence === 1 ? reading : { ...reading, confidence };
}

function refreshSeries(turn: Turn, element: string, property: Property, gauge: SeriesGauge, row: ReadingRow): void {
  const { state, now } = turn;
  const track = turn.derived.tracks.get(element, gauge.of ?? property.name);
  const series = track?.row;
  if (gauge.sense !== undefined && row.memo !== null) {
    gauge.sense(row.memo, (fact) => turn.fact(element, fact), now);
    state.readings.touch(row);
  }
  const limit = property.staleMs === undefined ? (series?.everyMs == null ? null : INTERVALS_TO_STALE * series.everyMs) : property.staleMs;
  const observedAt = series !== undefined && series.last >= 0 ? series.last : null;
  const staleAt = limit === null || observedAt === null || gauge.tellsSilence ? null : Math.ceil(observedAt + limit);
  if (staleAt !== null && staleAt <= now) return settle(turn, element, property, row, { why: 'stale' }, observedAt!, staleAt, null);
  const view = viewOf(track, gauge.window, now);
  const alive = observedAt !== null && (limit === null || observedAt + limit > now);
  settle(turn, element, property, row, gauge.read(row.memo ?? {}, view, now, alive), observedAt ?? row.time, staleAt, view.changesAt);
}

/** Writes a reading down, and tells those that rest on it if it changed. */
function settle(
  turn: Turn,
  element: string,
  property: Property,
  row: ReadingRow,
  reading: GaugeReading,
  time: number,
  staleAt: number | null,
  changesAt: number | null,
): void {
  const value = normal(reading.value);
  const why = value === undefined ? (reading.why ?? NO_VALUE) : null;
  const changed = why !== row.why || (value !== undefined && value !== row.value);
  const next = Math.min(changesAt ?? Number.POSITIVE_INFINITY, reading.nextAt ?? Number.POSITIVE_INFINITY);
  // What was measured has a time with fractions; now has none.
  const nextAt = next === Number.POSITIVE_INFINITY ? null : Math.ceil(next);
  const confidence = reading.confidence ?? 1;
  if (!changed && row.time === time && row.staleAt === staleAt && row.nextAt === nextAt && row.confidence === confidence) return;
  if (changed) row.changedAt = turn.now;
  if (value !== undefined) row.value = value;
  row.why = why;
  row.time = time;
  row.staleAt = staleAt;
  row.nextAt = nextAt;
  const surer = row.confidence !== confidence;
  row.confidence = confidence;
  turn.state.readings.touch(row);
  if (changed) announce(turn, element, property.name, value);
  else if (surer) {
    // Its value is the same; what rests on it, and who is held back for want of confidence, must look again.
    turn.derived.raised.touch(element);
    stirDependents(turn, element, property.name);
  }
}

/** A number that is none, or that JSON cannot hold, is no value. */
const normal = (value: Value | undefined): Value | undefined =>
  typeof value === 'number' ? (Number.isFinite(value) ? value + 0 : undefined) : value;

/** A reading has changed: the history, the policies and whatever rests on it will see it. */
function announce(turn: Turn, element: string, name: string, value: Value | undefined): void {
  turn.readings.push({ element, property: name, value: value ?? null, time: turn.now });
  turn.markChanged(element, name);
  stirDependents(turn, element, name);
}

/** Stirs everything that rests on a property: on the element itself, its parent, its children, and those that name it by id. */
export function stirDependents(turn: Turn, element: string, name: string): void {
  if (!turn.blueprint.restedOn.has(name)) return;
  const typeOf = (id: string) => turn.blueprint.types.get(turn.state.elements.get(id)?.document.type ?? '');
  for (const property of typeOf(element)?.ownDependents.get(name) ?? []) turn.stir(element, property);
  const parent = parentOf(element);
  if (parent !== undefined) for (const property of typeOf(parent)?.childDependents.get(name) ?? []) turn.stir(parent, property);
  for (const child of turn.family.children(element)) {
    for (const property of typeOf(child)?.parentDependents.get(name) ?? []) turn.stir(child, property);
  }
  for (const { type, property } of turn.blueprint.elementDependents.get(`${element}\t${name}`) ?? []) {
    for (const id of turn.state.elements.keys()) if (typeOf(id)?.name === type) turn.stir(id, property);
  }
}
