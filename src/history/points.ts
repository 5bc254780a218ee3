/** What is stored where: the measurements, tags and fields of docs/influxdb.md. */
import type { Value } from '../messages.ts';
import type { HistoryEntry, HistoryFigure, HistoryObservation, HistoryReading, HistorySpan } from './history.ts';
import { FIELD_CHARACTERS, lineOf, nanoseconds, nthOf } from './lines.ts';

export const READING = 'homeostat_reading';
export const OBSERVATION = 'homeostat_observation';
export const COMMAND = 'homeostat_command';
export const OUTCOME = 'homeostat_outcome';
export const DECISION = 'homeostat_decision';
export const MANAGER = 'homeostat_manager';
/** Of readings in spans of so many ms: `homeostat_reading_60s`. */
export const spanMeasurement = (everyMs: number): string => `${READING}_${everyMs / 1_000}s`;

/** One field for each type, because a field has one type for ever. */
const valueFields = (value: Value) =>
  typeof value === 'number' ? { value } : typeof value === 'string' ? { text: value } : { flag: value };

export function readingLine({ element, type, property, value, time, observedAt, everyMs }: HistoryReading): string | undefined {
  const known = value !== null && !(typeof value === 'number' && !Number.isFinite(value));
  return lineOf(
    READING,
    { element, type, property },
    known ? { ...valueFields(value), known, observed: observedAt, every: everyMs } : { known },
    nanoseconds(time),
  );
}

export const observationLine = ({ element, type, property, value, time, everyMs, coalesced }: HistoryObservation): string | undefined => {
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined;
  return lineOf(
    OBSERVATION,
    { element, type, property },
    { ...valueFields(value), every: everyMs, coalesced: coalesced === 0 ? undefined : coalesced },
    nanoseconds(time),
  );
};

export const spanLine = (everyMs: number, { element, type, property, time, ...figures }: HistorySpan): string | undefined =>
  lineOf(
    spanMeasurement(everyMs),
    { element, type, property },
    { mean: figures.seconds > 0 ? figures.integral / figures.seconds : figures.last, ...figures },
    nanoseconds(time),
  );

export const figureLine = ({ manager, partition, time, fields }: HistoryFigure): string | undefined =>
  lineOf(MANAGER, { manager, partition: String(partition) }, fields, nanoseconds(time));

/** The entry itself, and beside it the command or outcome that it tells of. */
export function entryLines(entry: HistoryEntry): string[] {
  const { kind, element, type, policy, data, seq, journal } = entry;
  // The same entry is the same point, and no two of one journal are one.
  const time = nthOf(entry.time, seq);
  const command = textOf(data.command);
  const lines = [
    lineOf(
      DECISION,
      { kind, element, type, policy, reason: reasonOf(entry), journal },
      { text: entry.text, data: jsonOf(data), step: entry.step, seq, command: entry.command },
      time,
    ),
  ];
  if (kind === 'command')
    lines.push(
      lineOf(
        COMMAND,
        { element, type, command, policy, actuator: textOf(data.actuator), journal },
        { id: entry.command, params: jsonOf((data.params ?? {}) as HistoryEntry['data']), deadline: numberOf(data.deadlineAt) },
        time,
      ),
    );
  else if (kind === 'outcome')
    lines.push(
      lineOf(
        OUTCOME,
        { element, type, command, policy, status: textOf(data.status), journal },
        { id: entry.command, detail: textOf(data.detail), took: numberOf(data.tookMs) },
        time,
      ),
    );
  return lines.filter((line) => line !== undefined);
}

/** The gate or rule, or what became of it: few words, so that it may be a tag. */
function reasonOf({ kind, data }: HistoryEntry): string | undefined {
  switch (kind) {
    case 'held':
      return textOf(data.gate);
    case 'lost':
      return textOf(data.rule);
    case 'effect':
      return textOf(data.effect);
    case 'outcome':
      return textOf(data.status);
    case 'withheld':
      return textOf(data.cause);
    case 'advice':
    case 'breaker':
    case 'missing':
    case 'oscillation':
    case 'symptom':
      return textOf(data.is);
    default:
      return undefined;
  }
}

/** Half a JSON text is none. */
function jsonOf(data: HistoryEntry['data']): string {
  const text = JSON.stringify(data);
  return text.length <= FIELD_CHARACTERS ? text : JSON.stringify({ leftOut: `${text.length} characters; see the journal` });
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
