/** How readings are made: each from its window and memo, or from the readings it rests on, by rising rank. */
import type { ElementType, Property } from '../knowledge/blueprint.ts';
import { parentOf } from '../knowledge/facts.ts';
import type { Member } from '../knowledge/members.ts';
import type { ReadingRow } from '../knowledge/state.ts';
import { partsOf } from '../knowledge/table.ts';
import { trackOf } from '../knowledge/tracks.ts';
import { known, type Stirred, type Turn } from '../knowledge/turn.ts';
import type { Value } from '../messages.ts';
import { answer, remember, startAnswer } from './answers.ts';
import type { GaugeReading, SeriesGauge } from './gauges/gauge.ts';
import { viewOf } from './window.ts';

/** Intervals of its source after which a reading is stale, unless its property says otherwise (exact rule 4). */
const INTERVALS_TO_STALE = 3;

const NO_VALUE = 'no value yet';

/** The row of a property of a new element: its initial value, or unknown. */
export function createReading(turn: Turn, member: Member, property: Property, given: Value | undefined): void {
  const { now } = turn;
  const gauge = property.source.kind === 'gauge' ? property.source.gauge : undefined;
  const value = given ?? property.initial ?? null;
  const slot = turn.putReading(member, property.name, {
    key: `${member.id}\t${property.name}`,
    value,
    why: value === null ? NO_VALUE : null,
    time: now,
    changedAt: now,
    staleAt: null,
    confidence: 1,
    nextAt: null,
    memo: gauge?.over === 'series' ? gauge.start(now) : property.source.kind === 'question' ? startAnswer() : null,
  });
  if (value === null) turn.stir(member, property, slot);
  else announce(turn, member, property.name, value);
}

/** Readings whose time has come: stale ones become unknown, others are made anew. */
export function ringReadings(turn: Turn): void {
  for (const row of turn.state.readings.takeDue(turn.now)) {
    const [element, name] = partsOf(row.key);
    const member = turn.member(element);
    const property = member?.typeIn(turn.blueprint)?.properties.get(name);
    if (property === undefined) continue;
    turn.state.readings.touch(row);
    turn.stir(member!, property);
  }
}

/** Makes all readings that were stirred, and those that rest on them. */
export function refreshReadings(turn: Turn): void {
  for (let stirred = turn.takeStirred(); stirred !== undefined; stirred = turn.takeStirred()) {
    for (const one of stirred) refresh(turn, one);
  }
}

function refresh(turn: Turn, stirred: Stirred): void {
  const { member, property, slot } = stirred;
  const { row } = slot.kept;
  // It went in this very step.
  if (row === null) return;
  const { source } = property;
  const element = member.id;
  if (source.kind === 'gauge' && source.gauge.over === 'series') return refreshSeries(turn, stirred, source.gauge, row);
  if (source.kind === 'gauge' && source.gauge.over === 'readings') {
    const rests = source.gauge.facts.map((fact) => turn.reading(element, fact));
    return settle(
      turn,
      stirred,
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
    return settle(turn, stirred, asSureAs(gauge.read(values), rows), newest(rows), null, null);
  }
  if (source.kind === 'gauge') return;
  if (source.kind === 'question') {
    const original = turn.reading(element, source.of);
    // What it remembers is written with the row: an answer that stays may rest on another value.
    if (remember(row.memo!, known(original), turn.now)) turn.state.readings.mark(slot.kept);
    return settle(turn, stirred, answer(source, row.memo!, original, turn.now), original?.time ?? row.time, null, null);
  }
  const relative = source.kind === 'parent' ? parentOf(element) : source.element;
  const original = relative === undefined ? undefined : turn.reading(relative, source.of);
  const value = known(original);
  const why = original === undefined ? 'there is no such relative' : (original.why ?? NO_VALUE);
  settle(
    turn,
    stirred,
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

function refreshSeries(turn: Turn, stirred: Stirred, gauge: SeriesGauge, row: ReadingRow): void {
  const { state, now } = turn;
  const { member, property, slot } = stirred;
  const track = trackOf(state, member, gauge.of ?? property.name);
  const series = track?.row;
  if (gauge.sense !== undefined && row.memo !== null) {
    gauge.sense(row.memo, (fact) => known(member.reading(fact)), now);
    state.readings.mark(slot.kept);
  }
  const limit = property.staleMs === undefined ? (series?.everyMs == null ? null : INTERVALS_TO_STALE * series.everyMs) : property.staleMs;
  const observedAt = series !== undefined && series.last >= 0 ? series.last : null;
  const staleAt = limit === null || observedAt === null || gauge.tellsSilence ? null : Math.ceil(observedAt + limit);
  if (staleAt !== null && staleAt <= now) return settle(turn, stirred, { why: 'stale' }, observedAt!, staleAt, null);
  const view = viewOf(track, gauge.window, now);
  const alive = observedAt !== null && (limit === null || observedAt + limit > now);
  settle(turn, stirred, gauge.read(row.memo ?? {}, view, now, alive), observedAt ?? row.time, staleAt, view.changesAt);
}

/** Writes a reading down, and tells those that rest on it if it changed. */
function settle(
  turn: Turn,
  { member, property, slot }: Stirred,
  reading: GaugeReading,
  time: number,
  staleAt: number | null,
  changesAt: number | null,
): void {
  const row = slot.kept.row!;
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
  turn.state.readings.mark(slot.kept);
  if (changed) announce(turn, member, property.name, value);
  else if (surer) {
    // Its value is the same; what rests on it, and who is held back for want of confidence, must look again.
    turn.derived.raised.touch(member.id);
    stirDependents(turn, member, property.name);
  }
}

/** A number that is none, or that JSON cannot hold, is no value. */
const normal = (value: Value | undefined): Value | undefined =>
  typeof value === 'number' ? (Number.isFinite(value) ? value + 0 : undefined) : value;

/** A reading has changed: the history, the policies and whatever rests on it will see it. */
function announce(turn: Turn, member: Member, name: string, value: Value | undefined): void {
  turn.readings.push({ element: member.id, property: name, value: value ?? null, time: turn.now });
  turn.markChanged(member, name);
  stirDependents(turn, member, name);
}

/** Stirs everything that rests on a property: on the element itself, its parent, its children, and those that name it by id. */
export function stirDependents(turn: Turn, member: Member, name: string): void {
  if (!turn.blueprint.restedOn.has(name)) return;
  const stir = (on: Member | undefined, dependents: (type: ElementType) => readonly Property[] | undefined): void => {
    const type = on?.typeIn(turn.blueprint);
    for (const property of (type && dependents(type)) ?? []) turn.stir(on!, property);
  };
  stir(member, (type) => type.ownDependents.get(name));
  const parent = parentOf(member.id);
  if (parent !== undefined) stir(turn.member(parent), (type) => type.childDependents.get(name));
  for (const child of turn.family.children(member.id)) stir(turn.member(child), (type) => type.parentDependents.get(name));
  for (const { type, property } of turn.blueprint.elementDependents.get(`${member.id}\t${name}`) ?? []) {
    for (const id of turn.state.elements.keys()) stir(turn.member(id), (own) => (own.name === type ? [property] : undefined));
  }
}
