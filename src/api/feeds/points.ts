/** Points of the line protocol as observations of elements: by the rules of `intake.influx.map`, the first that fits. */
import type { FeedInfluxDocument, LineRuleDocument } from '../../documents/intake.ts';
import { durationMs } from '../../duration.ts';
import type { ObservationEvent } from '../../messages.ts';
import { elementBy, type Look, missingIn, propertyBy, type Template, templateOf } from '../../naming.ts';
import type { Point } from './line-protocol.ts';
import { complaintAbout, type FeedSink, REFUSALS_TOLD } from './sink.ts';

interface Rule {
  readonly measurements: ReadonlySet<string> | undefined;
  readonly tags: readonly (readonly [tag: string, values: ReadonlySet<string>])[];
  readonly ignore: boolean;
  readonly element: Template;
  readonly property: Template | undefined;
  /** Field → property, or undefined: named as all are. */
  readonly fields: ReadonlyMap<string, Template | undefined> | undefined;
  readonly everyMs: number | undefined;
}

const setOf = (one: string | readonly string[]): ReadonlySet<string> => new Set(typeof one === 'string' ? [one] : one);
const BY_TAG = templateOf('{tag:element}');
const VALUE = templateOf('{measurement}');
const FIELD = templateOf('{measurement}_{field}');

function ruleOf(rule: LineRuleDocument): Rule {
  const { fields } = rule;
  return {
    measurements: rule.measurement === undefined ? undefined : setOf(rule.measurement),
    tags: Object.entries(rule.tags ?? {}).map(([tag, values]) => [tag, setOf(values)] as const),
    ignore: rule.ignore === true,
    element: rule.element === undefined ? BY_TAG : templateOf(rule.element),
    property: rule.property === undefined ? undefined : templateOf(rule.property),
    fields:
      fields === undefined
        ? undefined
        : new Map(
            Array.isArray(fields)
              ? fields.map((name) => [name, undefined])
              : Object.entries(fields).map(([name, to]) => [name, templateOf(to)]),
          ),
    everyMs: rule.every === undefined ? undefined : durationMs(rule.every),
  };
}

/** What one request has that cannot be taken. */
export interface RefusedPoint {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

/** Points of one request that no time was given for are so much apart, by their place: a source, a property and a time are one observation. */
const PLACES = 1_024;

export class PointReader {
  readonly #rules: readonly Rule[];
  readonly #ignoreUnknown: boolean;

  constructor(document: FeedInfluxDocument = {}) {
    this.#rules = (document.map ?? [{}]).map(ruleOf);
    this.#ignoreUnknown = document.unknown === 'ignore';
  }

  /** Begins to read the points of one request. */
  request(database: string, msPerUnit: number, sink: FeedSink): PointRequest {
    return new PointRequest(this.#rules, this.#ignoreUnknown, database, msPerUnit, sink);
  }
}

export class PointRequest {
  readonly #rules: readonly Rule[];
  readonly #ignoreUnknown: boolean;
  readonly #database: string;
  readonly #msPerUnit: number;
  readonly #sink: FeedSink;
  readonly #now: number;
  /** By element, property and time: a point that is written twice is one, and the later counts; two points that would be one are a mistake. */
  readonly #taken = new Map<string, { readonly observation: ObservationEvent; readonly point: Point }>();
  #points = 0;
  /** The first refused points. */
  readonly refused: RefusedPoint[] = [];
  refusedCount = 0;

  constructor(rules: readonly Rule[], ignoreUnknown: boolean, database: string, msPerUnit: number, sink: FeedSink) {
    this.#rules = rules;
    this.#ignoreUnknown = ignoreUnknown;
    this.#database = database;
    this.#msPerUnit = msPerUnit;
    this.#sink = sink;
    this.#now = sink.now();
  }

  get observations(): readonly ObservationEvent[] {
    return [...this.#taken.values()].map(({ observation }) => observation);
  }

  refuse(refused: RefusedPoint): void {
    if (this.refusedCount++ < REFUSALS_TOLD) this.refused.push(refused);
  }

  add(point: Point): void {
    const place = this.#points++;
    const rule = this.#rules.find((one) => fits(one, point));
    if (rule === undefined || rule.ignore) return;
    const look = lookInto(point, this.#database);
    const element = elementBy(rule.element, look);
    if (element === undefined) return this.#complain(point, lacks(rule.element, look));
    const time = point.timestamp === undefined ? this.#now + (place % PLACES) / PLACES : point.timestamp * this.#msPerUnit;
    for (const [field, value] of point.fields) {
      if (rule.fields !== undefined && !rule.fields.has(field)) continue;
      const template = rule.fields?.get(field) ?? rule.property ?? (field === 'value' ? VALUE : FIELD);
      const withField: Look = (name) => (name === 'field' ? field : look(name));
      const property = propertyBy(template, withField);
      if (property === undefined) return this.#complain(point, lacks(template, withField));
      const observation: ObservationEvent = {
        kind: 'observation',
        element,
        property,
        value,
        time,
        source: this.#database === '' ? 'influx' : `influx:${this.#database}`,
        ...(rule.everyMs === undefined ? {} : { everyMs: rule.everyMs }),
      };
      if (this.#ignoreUnknown && this.#sink.find(element, property) === 'unknown') return;
      const complaint = complaintAbout(observation, this.#sink, this.#now);
      if (complaint === 'unobserved') continue;
      if (complaint !== undefined) return this.#complain(point, complaint);
      this.#keep(observation, point);
    }
  }

  #keep(observation: ObservationEvent, point: Point): void {
    const { element, property, time } = observation;
    const key = `${element}\t${property}\t${time}`;
    const before = this.#taken.get(key);
    if (before !== undefined && before.point.series !== point.series) {
      this.#complain(
        point,
        `it would be property ${property} of ${element} at the same time as ${before.point.series}; choose one by its tags, or put {tag:…} into the name (intake.influx.map)`,
      );
    } else this.#taken.set(key, { observation, point });
  }

  #complain(point: Point, reason: string): void {
    this.refuse({ line: point.line, text: point.series, reason });
  }
}

const fits = (rule: Rule, point: Point): boolean =>
  (rule.measurements === undefined || rule.measurements.has(point.measurement)) &&
  rule.tags.every(([tag, values]) => values.has(point.tags.get(tag) ?? ''));

const lookInto =
  (point: Point, database: string): Look =>
  (name) => {
    if (name.startsWith('tag:')) {
      const value = point.tags.get(name.slice(4));
      // The tag that names an element outright may hold a path, as the id does.
      return name === 'tag:element' && value !== undefined ? value.split('/') : value;
    }
    return name === 'measurement' ? point.measurement : name === 'database' ? database : undefined;
  };

function lacks(template: Template, look: Look): string {
  const missing = missingIn(template, look)[0] ?? '';
  if (!missing.startsWith('tag:')) return `{${missing}} in "${template.text}" is none of {tag:NAME}, {measurement}, {database} and {field}`;
  const remedy =
    template === BY_TAG ? ': give it one, or say how its element is named (intake.influx.map)' : `, which "${template.text}" needs`;
  return `the point has no tag ${missing.slice(4)}${remedy}`;
}
