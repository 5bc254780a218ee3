/** The points of one request as observations of elements. */
import type { FeedInfluxDocument } from '../../documents/intake.ts';
import type { ObservationEvent } from '../../messages.ts';
import type { Point } from './line-protocol.ts';
import { LineRules } from './line-rules.ts';
import { complaintAbout, type FeedSink, REFUSALS_TOLD } from './sink.ts';

/** What one request has that cannot be taken. */
export interface RefusedPoint {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

/** Points of one request that no time was given for are so much apart, by their place: a source, a property and a time are one observation. */
const PLACES = 1_024;

export class PointReader {
  readonly #rules: LineRules;
  readonly #ignoreUnknown: boolean;

  constructor(document: FeedInfluxDocument = {}) {
    this.#rules = new LineRules(document.map);
    this.#ignoreUnknown = document.unknown === 'ignore';
  }

  /** Begins to read the points of one request. */
  request(database: string, msPerUnit: number, sink: FeedSink): PointRequest {
    return new PointRequest(this.#rules, this.#ignoreUnknown, database, msPerUnit, sink);
  }
}

export class PointRequest {
  readonly #rules: LineRules;
  readonly #ignoreUnknown: boolean;
  readonly #database: string;
  readonly #source: string;
  readonly #msPerUnit: number;
  readonly #sink: FeedSink;
  readonly #now: number;
  /** By element and property, and then by time: a point that is written twice is one, and the later counts; two points that would be one are a mistake. */
  readonly #taken = new Map<string, Map<number, { readonly observation: ObservationEvent; readonly point: Point }>>();
  #points = 0;
  /** The first refused points. */
  readonly refused: RefusedPoint[] = [];
  refusedCount = 0;

  constructor(rules: LineRules, ignoreUnknown: boolean, database: string, msPerUnit: number, sink: FeedSink) {
    this.#rules = rules;
    this.#ignoreUnknown = ignoreUnknown;
    this.#database = database;
    this.#source = database === '' ? 'influx' : `influx:${database}`;
    this.#msPerUnit = msPerUnit;
    this.#sink = sink;
    this.#now = sink.now();
  }

  get observations(): readonly ObservationEvent[] {
    return [...this.#taken.values()].flatMap((times) => [...times.values()].map(({ observation }) => observation));
  }

  refuse(refused: RefusedPoint): void {
    if (this.refusedCount++ < REFUSALS_TOLD) this.refused.push(refused);
  }

  add(point: Point): void {
    const place = this.#points++;
    const meaning = this.#rules.meaningOf(point, this.#database);
    if (typeof meaning === 'string') return this.#complain(point, meaning);
    if (meaning === undefined) return;
    const { element, everyMs } = meaning;
    const time = point.timestamp === undefined ? this.#now + (place % PLACES) / PLACES : point.timestamp * this.#msPerUnit;
    for (const [field, value] of point.fields) {
      const named = meaning.fieldOf(field);
      if (named === undefined) continue;
      if (named.complaint !== undefined) return this.#complain(point, named.complaint);
      const { property } = named;
      if (this.#ignoreUnknown && this.#sink.find(element, property) === 'unknown') return;
      const bare = { kind: 'observation', element, property, value, time, source: this.#source } as const;
      const complaint = complaintAbout(bare, this.#sink, this.#now);
      if (complaint === 'unobserved') continue;
      if (complaint !== undefined) return this.#complain(point, complaint);
      this.#keep(everyMs === undefined ? bare : { ...bare, everyMs }, point);
    }
  }

  #keep(observation: ObservationEvent, point: Point): void {
    const { element, property, time } = observation;
    const key = `${element}\t${property}`;
    const times = this.#taken.get(key);
    const before = times?.get(time);
    if (before !== undefined && before.point.series !== point.series) {
      this.#complain(
        point,
        `it would be property ${property} of ${element} at the same time as ${before.point.series}; choose one by its tags, or put {tag:…} into the name (intake.influx.map)`,
      );
    } else if (times === undefined) this.#taken.set(key, new Map([[time, { observation, point }]]));
    else times.set(time, { observation, point });
  }

  #complain(point: Point, reason: string): void {
    this.refuse({ line: point.line, text: point.series, reason });
  }
}
