/** The influx probe: a query on the data that somebody keeps in InfluxDB, at each interval. */

import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError } from '../../errors.ts';
import { isObject } from '../../json.ts';
import { NAME_PATTERN } from '../../messages.ts';
import { elementBy, type Look, missingIn, propertyBy, type Template, templateOf } from '../../naming.ts';
import { nameOf } from '../../placeholders.ts';
import { AccessOptions, ask, checkAccess, shownUrl, urlOf } from './ask.ts';
import { checkQuery, MAX_ROWS } from './influxql.ts';
import type { Measurement, ProbeContext, ProbeKind, Sample } from './probe.ts';
import { sampler } from './sampler.ts';
import { isValue } from './values.ts';

const DEFAULT_MAX_BYTES = 1_000_000;
/** A column of an answer that is no value. */
const TIME = 'time';

const Options = Type.Object(
  {
    url: Type.String({
      minLength: 1,
      description: 'the server, such as http://127.0.0.1:8086: InfluxDB 1.x, or 2.x and 3.x by the endpoints that are compatible with it',
    }),
    database: Type.String({ minLength: 1, description: 'the database; of 2.x the bucket that it is mapped to' }),
    retentionPolicy: Type.Optional(Type.String({ minLength: 1, description: 'the retention policy; the default one if not given' })),
    query: Type.String({
      minLength: 1,
      maxLength: 10_000,
      description:
        'one SELECT in InfluxQL, with a time bound and a LIMIT: … WHERE time > now() - 5m … LIMIT 100; {id} and {name} stand for the element of the probe',
    }),
    columns: Type.Optional(
      Type.Record(Type.String(), Type.String({ pattern: NAME_PATTERN }), {
        minProperties: 1,
        description: 'column → property; all columns by their own names if not given',
      }),
    ),
    property: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'or the property as a template: {column}, {measurement}, and tags that the query groups by',
      }),
    ),
    elementFrom: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description:
          'the element as a template, such as web/{host}: a tag that the query groups by, or a column; the probe’s own if not given',
      }),
    ),
    time: Type.Optional(
      Type.Union([Type.Literal('row'), Type.Literal('query')], {
        description: 'whose time a value has: that of its row (default), or that of the query, as for aggregates without GROUP BY time()',
      }),
    ),
    ...AccessOptions,
    maxBytes: Type.Optional(
      Type.Integer({ minimum: 1, description: `longest answer that is read, bytes; ${DEFAULT_MAX_BYTES} if not given` }),
    ),
  },
  { additionalProperties: false },
);
type Options = Readonly<Static<typeof Options>>;

export const influxKind: ProbeKind<Options> = {
  kind: 'influx',
  description: 'what a query of InfluxDB answers: 1.x, and 2.x or 3.x with InfluxQL',
  options: Options,
  templates: ['elementFrom', 'property'],
  create(options, context) {
    const base = urlOf(options.url, context.name);
    checkAccess(options, context.name);
    checkQuery(options.query, context.name);
    if (options.columns !== undefined && options.property !== undefined)
      throw new HomeostatError('H007', `probe ${context.name}: give either "columns" or "property"`);
    const url = new URL(`${base.pathname.replace(/\/+$/, '')}/query`, base);
    url.search = new URLSearchParams({
      db: options.database,
      ...(options.retentionPolicy === undefined ? {} : { rp: options.retentionPolicy }),
      epoch: 'ms',
      q: options.query,
    }).toString();
    const rows = new Rows(options, context.element);
    return sampler((signal) => measure(url, options, rows, context, signal));
  },
};

async function measure(url: URL, options: Options, rows: Rows, context: ProbeContext, signal: AbortSignal): Promise<Measurement> {
  const asked = { url, access: options, scheme: 'Token', maxBytes: options.maxBytes ?? DEFAULT_MAX_BYTES };
  const { status, body } = await ask(asked, context, signal);
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    throw new HomeostatError('H411', `${shownUrl(url)} answers ${status} and no JSON; is it an InfluxDB?`);
  }
  const complaint = complaintIn(answer);
  if (status !== 200 || complaint !== undefined)
    throw new HomeostatError('H411', `${shownUrl(url)} answers ${status}: ${complaint ?? 'without saying why'}`);
  return rows.read(answer);
}

function complaintIn(answer: unknown): string | undefined {
  if (!isObject(answer)) return 'not an object';
  const { error, message, results } = answer;
  if (typeof error === 'string') return error;
  if (typeof message === 'string') return message;
  if (!Array.isArray(results)) return 'no results';
  return results.flatMap((result) => (isObject(result) && typeof result.error === 'string' ? [result.error] : []))[0];
}

interface Series {
  readonly name: string;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

class Rows {
  readonly #columns: Readonly<Record<string, string>> | undefined;
  readonly #property: Template;
  readonly #element: Template | undefined;
  readonly #own: string;
  readonly #timed: boolean;

  constructor({ columns, property, elementFrom, time }: Options, own: string) {
    this.#columns = columns;
    this.#property = templateOf(property ?? '{column}');
    this.#element = elementFrom === undefined ? undefined : templateOf(elementFrom);
    this.#own = own;
    this.#timed = time !== 'query';
  }

  read(answer: unknown): Measurement {
    const samples: Sample[] = [];
    let wrong: string | undefined;
    let rows = 0;
    for (const series of seriesIn(answer)) {
      for (const values of series.values) {
        if (++rows > MAX_ROWS)
          return {
            samples,
            wrong: `the answer has more than ${MAX_ROWS} rows; lower the LIMIT of the query, which holds for each series (SLIMIT for their number)`,
          };
        wrong = this.#row(series, values, samples) ?? wrong;
      }
    }
    return wrong === undefined ? { samples } : { samples, wrong };
  }

  /** Puts the values of one row to the samples; returns what is wrong with it. */
  #row({ name, tags, columns, values: _ }: Series, values: readonly unknown[], samples: Sample[]): string | undefined {
    const look: Look = (placeholder) => {
      if (Object.hasOwn(tags, placeholder)) return tags[placeholder];
      if (columns.includes(placeholder)) return values[columns.indexOf(placeholder)];
      return placeholder === 'measurement'
        ? name
        : placeholder === 'id'
          ? this.#own.split('/')
          : placeholder === 'name'
            ? nameOf(this.#own)
            : undefined;
    };
    const element = this.#element === undefined ? this.#own : elementBy(this.#element, look);
    if (element === undefined)
      return `a row has no ${missingIn(this.#element!, look)[0]}, neither as a tag that the query groups by nor as a column`;
    const instant = values[columns.indexOf(TIME)];
    const time = this.#timed && typeof instant === 'number' ? instant : undefined;
    let wrong: string | undefined;
    for (const [i, column] of columns.entries()) {
      const value = values[i];
      // A null is no value: an interval in which there was nothing.
      if (column === TIME || !isValue(value) || (this.#columns !== undefined && !Object.hasOwn(this.#columns, column))) continue;
      const withColumn: Look = (placeholder) => (placeholder === 'column' ? column : look(placeholder));
      const property = this.#columns?.[column] ?? propertyBy(this.#property, withColumn);
      if (property === undefined) wrong ??= `a row has no ${missingIn(this.#property, withColumn)[0]}, which "property" needs`;
      else samples.push({ element, property, value, ...(time === undefined ? {} : { time }) });
    }
    return wrong;
  }
}

function seriesIn(answer: unknown): readonly Series[] {
  const { results } = answer as { results: readonly { series?: readonly Partial<Series>[] }[] };
  return results.flatMap(({ series = [] }) =>
    series.flatMap(({ name = '', tags = {}, columns, values = [] }) => (columns === undefined ? [] : [{ name, tags, columns, values }])),
  );
}
