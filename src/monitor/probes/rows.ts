/** Turns the lines of a data file, JSON or CSV, into samples. */
import { parse as parseCsv } from 'csv-parse/sync';
import { instantOf, type TimeFormat } from './instant.ts';
import { at } from './pointer.ts';
import type { Measurement, Sample } from './probe.ts';
import { complaintAbout, excerpt, isValue, valueOfText } from './values.ts';

/** Which field of a line says what. A field is a JSON pointer, or the name of a column. */
export interface Mapping {
  /** Property → field of its value. */
  readonly read?: Readonly<Record<string, string>>;
  /** The fields of the property's name and of its value, where each line has one of many. */
  readonly propertyFrom?: string;
  readonly valueFrom?: string;
  readonly elementFrom?: string;
  /** Put before what `elementFrom` holds. */
  readonly elementPrefix?: string;
  readonly timeFrom?: string;
  readonly timeFormat?: TimeFormat;
}

/** What a field of one line holds; undefined: nothing. */
type Field = (name: string) => unknown;

/** Reads one line. `wrong` says why it, or a part of it, is left out. */
export type LineReader = (text: string) => Measurement;

const nothing = (wrong: string): Measurement => ({ samples: [], wrong });

/** Reads lines that are JSON documents. */
export function jsonReader(mapping: Mapping): LineReader {
  return (text) => {
    try {
      const document: unknown = JSON.parse(text);
      return readRow((pointer) => at(document, pointer) ?? undefined, mapping);
    } catch {
      return nothing(`not JSON: ${excerpt(text)}`);
    }
  };
}

/** Reads documents that are parsed already. */
export const documentReader =
  (mapping: Mapping): ((document: unknown) => Measurement) =>
  (document) =>
    readRow((pointer) => at(document, pointer) ?? undefined, mapping);

/** Reads lines that are CSV records with the given columns. */
export function csvReader(columns: readonly string[], mapping: Mapping, delimiter: string): LineReader {
  const missing = fieldsOf(mapping).filter((field) => !columns.includes(field));
  const absent = missing.length === 0 ? undefined : `there is no column ${missing.map((m) => `"${m}"`).join(', ')}`;
  return (text) => {
    const cells = csvCells(text, delimiter);
    if (!cells) return nothing(`not CSV: ${excerpt(text)}`);
    if (cells.length !== columns.length) return nothing(`${cells.length} fields, and ${columns.length} columns`);
    const row = new Map(columns.map((column, index) => [column, valueOfText(cells[index]!)]));
    const { samples, wrong } = readRow((column) => row.get(column), mapping);
    const complaint = absent ?? wrong;
    return complaint === undefined ? { samples } : { samples, wrong: complaint };
  };
}

/** The fields of one CSV record; undefined if it is none. */
export function csvCells(text: string, delimiter: string): readonly string[] | undefined {
  try {
    const [cells] = parseCsv(text, { delimiter, relax_column_count: true, trim: true }) as string[][];
    return cells;
  } catch {
    return undefined;
  }
}

/** All fields that a mapping names. */
export function fieldsOf({ read, propertyFrom, valueFrom, elementFrom, timeFrom }: Mapping): readonly string[] {
  const named = [...Object.values(read ?? {}), propertyFrom, valueFrom, elementFrom, timeFrom];
  return [...new Set(named.filter((field) => field !== undefined))];
}

function readRow(field: Field, mapping: Mapping): Measurement {
  const about = aboutRow(field, mapping);
  if (typeof about === 'string') return nothing(about);
  const samples: Sample[] = [];
  let wrong: string | undefined;
  for (const [property, value] of valuesOf(field, mapping)) {
    // A line may be silent about some properties, as logs of several kinds of line are.
    if (value === undefined) continue;
    const sample = { property, value, ...about };
    const complaint = isSample(sample) ? complaintAbout(sample) : `${property} is not a single value`;
    if (complaint === undefined) samples.push(sample as Sample);
    else wrong ??= complaint;
  }
  return wrong === undefined ? { samples } : { samples, wrong };
}

const isSample = (sample: { readonly property: string; readonly value: unknown }): sample is Sample => isValue(sample.value);

function valuesOf(field: Field, { read, propertyFrom, valueFrom }: Mapping): readonly (readonly [string, unknown])[] {
  if (read) return Object.entries(read).map(([property, name]) => [property, field(name)] as const);
  const property = field(propertyFrom!);
  return property === undefined ? [] : [[String(property), field(valueFrom!)]];
}

/** Element and time of a whole line, or what is wrong with them. */
function aboutRow(field: Field, mapping: Mapping): Pick<Sample, 'element' | 'time'> | string {
  const { elementFrom, elementPrefix = '', timeFrom, timeFormat = 'ms' } = mapping;
  const element = elementFrom === undefined ? undefined : field(elementFrom);
  if (elementFrom !== undefined && element === undefined) return `no element at ${elementFrom}`;
  const written = timeFrom === undefined ? undefined : field(timeFrom);
  const time = timeFrom === undefined ? undefined : instantOf(written, timeFormat);
  if (timeFrom !== undefined && time === undefined) {
    return written === undefined ? `no time at ${timeFrom}` : `the time ${excerpt(JSON.stringify(written))} is not ${TIMES[timeFormat]}`;
  }
  return { ...(element !== undefined && { element: `${elementPrefix}${element}` }), ...(time !== undefined && { time }) };
}

const TIMES: Readonly<Record<TimeFormat, string>> = {
  ms: 'milliseconds since 1970',
  s: 'seconds since 1970',
  iso: 'written as 2026-01-31T12:00:00Z',
};
