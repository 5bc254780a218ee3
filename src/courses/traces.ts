/** Readings over time for a picture: of any number of values no more than fit into one, with the lowest and highest of each span. */
import type { State } from '../knowledge/state.ts';
import { partsOf } from '../knowledge/table.ts';
import type { ReadingChange } from '../messages.ts';

/** Spans of one trace: about as many as a picture has columns. When there are more, two become one. */
const SPANS = 1_500;

/** Of the span that begins at `time`: what it had last; null: it was unknown. */
export interface Span {
  readonly time: number;
  low: number;
  high: number;
  last: number | null;
}

/** One property of one element. Only numbers are kept; true is 1 and false is 0. */
export class Trace {
  #spans: Span[] = [];
  #widthMs = 1;

  /** In the order of their times. */
  add(time: number, value: ReadingChange['value']): void {
    const number = typeof value === 'boolean' ? Number(value) : typeof value === 'number' ? value : null;
    if (typeof value === 'string') return;
    const begin = Math.floor(time / this.#widthMs) * this.#widthMs;
    const newest = this.#spans.at(-1);
    if (newest === undefined || newest.time < begin) {
      this.#spans.push(number === null ? { time: begin, low: Infinity, high: -Infinity, last: null } : of(begin, number));
      while (this.#spans.length > SPANS) this.#halve();
    } else {
      newest.last = number;
      if (number !== null) widen(newest, number, number);
    }
  }

  get spans(): readonly Span[] {
    return this.#spans;
  }

  #halve(): void {
    this.#widthMs *= 2;
    const halved: Span[] = [];
    for (const span of this.#spans) {
      const begin = Math.floor(span.time / this.#widthMs) * this.#widthMs;
      const before = halved.at(-1);
      if (before?.time === begin) {
        widen(before, span.low, span.high);
        before.last = span.last;
      } else halved.push({ ...span, time: begin });
    }
    this.#spans = halved;
  }
}

const of = (time: number, value: number): Span => ({ time, low: value, high: value, last: value });

function widen(span: Span, low: number, high: number): void {
  if (low < span.low) span.low = low;
  if (high > span.high) span.high = high;
}

/** The traces of the properties that are wanted, by `element\tproperty`. */
export class Traces {
  readonly byKey = new Map<string, Trace>();
  readonly #isWanted: (property: string) => boolean;

  constructor(isWanted: (property: string) => boolean) {
    this.#isWanted = isWanted;
  }

  /** What is known at the beginning, and may never change. */
  begin(state: State, now: number): void {
    for (const { key, value } of state.readings.rows()) {
      const [element, property] = partsOf(key);
      this.#add(element, property, value, now);
    }
  }

  take(readings: readonly ReadingChange[], now: number): void {
    for (const { element, property, value } of readings) this.#add(element, property, value, now);
  }

  #add(element: string, property: string, value: ReadingChange['value'], now: number): void {
    if (!this.#isWanted(property)) return;
    const key = `${element}\t${property}`;
    let trace = this.byKey.get(key);
    if (trace === undefined) {
      trace = new Trace();
      this.byKey.set(key, trace);
    }
    trace.add(now, value);
  }
}
