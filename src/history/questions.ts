/** What is asked of an InfluxDB. Every question is bounded in time and in rows: one that is not can take all of the server's memory. */
import type { JournalEntry, Value } from '../messages.ts';
import { type Connection, type InfluxSeries, literal } from './connection.ts';
import type { Point } from './history.ts';
import { DECISION, OBSERVATION, READING } from './points.ts';

/** Rows of one answer; more are fetched page by page. */
const PAGE = 20_000;
/** Points of one property that are given at most, the oldest first. */
const POINTS = 500_000;
/** Elements that one question names. */
const ELEMENTS_AT_ONCE = 20;
/** How far back entries are looked for, ms. */
const ENTRIES_BACK_MS = 90 * 86_400_000;

/** A value as it was measured. */
export interface Sample {
  readonly element: string;
  readonly property: string;
  readonly value: Value;
  readonly time: number;
  readonly everyMs?: number;
  readonly coalesced?: number;
  /** `reading`: only the newest value of a property is known, not what a window holds. */
  readonly of: 'observation' | 'reading';
}

/** Which observations, the newest `limit` of each property, and how far back the newest reading is looked for. Instants in ms. */
export interface SampleSpan {
  readonly observedFrom: number;
  readonly readFrom: number;
  readonly to: number;
  readonly limit: number;
}

type Row = InfluxSeries['rows'][number];

export class Questions {
  readonly #connection: Pick<Connection, 'query'>;

  constructor(connection: Pick<Connection, 'query'>) {
    this.#connection = connection;
  }

  async history(element: string, property: string, from: number, to: number): Promise<readonly Point[]> {
    const points: Point[] = [];
    for (let after = from; points.length < POINTS; ) {
      const [series] = await this.#connection.query(
        `SELECT "value", "text", "flag", "known" FROM ${READING} WHERE "element" = ${literal(element)} AND "property" = ${literal(property)}` +
          ` AND time >= ${after}ms AND time <= ${to}ms ORDER BY time ASC LIMIT ${PAGE}`,
      );
      const rows = series?.rows ?? [];
      points.push(...rows.map(pointOf));
      if (rows.length < PAGE) break;
      after = Number(rows.at(-1)!.time) + 1;
    }
    return withoutRepeats(points);
  }

  async since(element: string, from: number): Promise<ReadonlyMap<string, readonly Point[]>> {
    const series = await this.#connection.query(
      `SELECT "value", "text", "flag", "known" FROM ${READING} WHERE "element" = ${literal(element)} AND time >= ${from}ms` +
        ` GROUP BY "property" ORDER BY time DESC LIMIT ${PAGE}`,
    );
    return new Map(series.map(({ tags, rows }) => [tags.property ?? '', withoutRepeats(rows.map(pointOf).reverse())]));
  }

  async entriesOf(element: string, before: number, limit: number): Promise<readonly JournalEntry[]> {
    const [series] = await this.#connection.query(
      `SELECT "text", "data", "step", "seq", "command", "kind", "policy" FROM ${DECISION} WHERE "element" = ${literal(element)}` +
        ` AND time >= ${Math.max(0, before - ENTRIES_BACK_MS)}ms AND time < ${before}ms ORDER BY time DESC LIMIT ${Math.min(limit, PAGE)}`,
    );
    return (series?.rows ?? []).map((row) => entryOf({ ...row, element })).reverse();
  }

  /** By element: what was observed and what was read last, oldest first. Settings, which nobody measured, are left out. */
  async samples(elements: readonly string[], span: SampleSpan): Promise<ReadonlyMap<string, readonly Sample[]>> {
    const found = new Map<string, Sample[]>();
    const add = (sample: Sample | undefined): void => {
      if (sample === undefined) return;
      const list = found.get(sample.element);
      if (list === undefined) found.set(sample.element, [sample]);
      else list.push(sample);
    };
    for (let i = 0; i < elements.length; i += ELEMENTS_AT_ONCE) {
      const named = elements.slice(i, i + ELEMENTS_AT_ONCE).map((element) => `"element" = ${literal(element)}`);
      const where = (from: number) =>
        `WHERE time > ${Math.floor(from)}ms AND time <= ${Math.floor(span.to)}ms AND (${named.join(' OR ')}) GROUP BY "element", "property" ORDER BY time DESC`;
      const observed = await this.#connection.query(
        `SELECT "value", "text", "flag", "every", "coalesced" FROM ${OBSERVATION} ${where(span.observedFrom)} LIMIT ${span.limit}`,
        { epoch: 'u' },
      );
      for (const { tags, rows } of observed)
        for (const row of rows.toReversed()) add(sampleOf('observation', tags, row, Number(row.time) / 1_000));
      const newest = await this.#connection.query(
        `SELECT "value", "text", "flag", "every", "observed", "known" FROM ${READING} ${where(span.readFrom)} LIMIT 1`,
      );
      for (const { tags, rows } of newest)
        for (const row of rows) if (typeof row.observed === 'number') add(sampleOf('reading', tags, row, row.observed));
    }
    return found;
  }
}

export const storedIn = ({ value, text, flag }: Row): Value | null => value ?? text ?? flag ?? null;

/** An entry of the journal, as it was before it was stored. */
export function entryOf({ time, kind, text, data, step, policy, element, command }: Row): JournalEntry {
  return {
    kind: kind as JournalEntry['kind'],
    time: Number(time),
    step: Number(step),
    ...(typeof element === 'string' && element !== '' ? { element } : {}),
    ...(typeof policy === 'string' && policy !== '' ? { policy } : {}),
    ...(typeof command === 'string' ? { command } : {}),
    text: String(text),
    data: JSON.parse(String(data)) as JournalEntry['data'],
  };
}

const pointOf = (row: Row): Point => [Number(row.time), row.known === false ? null : storedIn(row)];

/** A reading that does not change is written again now and then; that is no change. */
const withoutRepeats = (points: readonly Point[]): Point[] => points.filter(([, value], i) => i === 0 || value !== points[i - 1]![1]);

function sampleOf(of: Sample['of'], { element = '', property = '' }: InfluxSeries['tags'], row: Row, time: number): Sample | undefined {
  const value = row.known === false ? null : storedIn(row);
  if (value === null) return undefined;
  return {
    element,
    property,
    value,
    time,
    of,
    ...(row.every === null || row.every === undefined ? {} : { everyMs: Number(row.every) }),
    ...(row.coalesced === null || row.coalesced === undefined ? {} : { coalesced: Number(row.coalesced) }),
  };
}
