/** What an InfluxDB holds of a span of time: for a replay. Every question is bounded in time and in rows. */
import type { JournalEntry, Value } from '../messages.ts';
import { type Connection, type InfluxSeries, literal } from './connection.ts';
import { DECISION, OBSERVATION, READING } from './points.ts';
import { entryOf, storedIn } from './questions.ts';

/** Rows of one answer. */
const PAGE = 20_000;

/** A reading as a step made it, or as it was written again because it had not changed. */
export interface PastReading {
  readonly element: string;
  readonly property: string;
  /** Null: it became unknown. */
  readonly value: Value | null;
  /** Of the step, or of the repetition. */
  readonly time: number;
  /** When the newest measurement behind it was made; undefined: a setting, which nobody measured. */
  readonly observed: number | undefined;
  readonly everyMs: number | undefined;
}

/** A value as it was measured, of which a gauge needs more than the newest. */
export interface PastObservation {
  readonly element: string;
  readonly property: string;
  readonly value: Value;
  readonly time: number;
  readonly everyMs: number | undefined;
  readonly coalesced: number | undefined;
}

/** Each oldest first. */
export interface PastSpan {
  readonly readings: readonly PastReading[];
  readonly observations: readonly PastObservation[];
  readonly entries: readonly JournalEntry[];
}

type Row = InfluxSeries['rows'][number];

/** @param from, to ms since 1970; a span is (from, to]. @throws InfluxError */
export async function pastSpan(
  connection: Pick<Connection, 'query'>,
  elements: readonly string[],
  from: number,
  to: number,
): Promise<PastSpan> {
  const [readings, observations]: [PastReading[], PastObservation[]] = [[], []];
  for (const element of elements) {
    const about = `"element" = ${literal(element)} AND `;
    const ask = (fields: string, measurement: string) => pages(connection, fields, measurement, about, from, to);
    for await (const row of ask('"value", "text", "flag", "known", "observed", "every", "property"', READING))
      readings.push({
        element,
        property: String(row.property),
        value: row.known === false ? null : storedIn(row),
        time: Number(row.time) / 1_000,
        observed: numberIn(row.observed),
        everyMs: numberIn(row.every),
      });
    for await (const row of ask('"value", "text", "flag", "every", "coalesced", "property"', OBSERVATION)) {
      const value = storedIn(row);
      if (value !== null)
        observations.push({
          element,
          property: String(row.property),
          value,
          time: Number(row.time) / 1_000,
          everyMs: numberIn(row.every),
          coalesced: numberIn(row.coalesced),
        });
    }
  }
  const entries: JournalEntry[] = [];
  const fields = '"text", "data", "step", "seq", "command", "kind", "policy", "element"';
  for await (const row of pages(connection, fields, DECISION, '', from, to))
    entries.push(entryOf({ ...row, time: Math.floor(Number(row.time) / 1_000) }));
  return { readings, observations, entries };
}

/** Rows with times in µs, oldest first, page by page. What shares its instant with the last of a full page is asked for again with the next. */
async function* pages(
  connection: Pick<Connection, 'query'>,
  fields: string,
  measurement: string,
  about: string,
  from: number,
  to: number,
): AsyncIterableIterator<Row> {
  const end = Math.floor(to) * 1_000;
  for (let next = Math.floor(from) * 1_000 + 1; ; ) {
    const [series] = await connection.query(
      `SELECT ${fields} FROM ${measurement} WHERE ${about}time >= ${next}u AND time <= ${end}u ORDER BY time ASC LIMIT ${PAGE}`,
      { epoch: 'u' },
    );
    const rows = series?.rows ?? [];
    const last = Number(rows.at(-1)?.time);
    const whole = rows.length < PAGE ? rows : rows.filter(({ time }) => Number(time) < last);
    yield* whole;
    if (rows.length < PAGE || whole.length === 0) return;
    next = last;
  }
}

const numberIn = (value: Value | null | undefined): number | undefined => (typeof value === 'number' ? value : undefined);
