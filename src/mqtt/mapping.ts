/** What topics and payloads mean: which element, which property, which value, at what time. */
import { isUtf8 } from 'node:buffer';
import { type Static, Type } from '../documents/schema.ts';
import { HomeostatError } from '../errors.ts';
import { ID_PATTERN, NAME_PATTERN, Value } from '../messages.ts';
import { instantOf, type TimeFormat } from '../monitor/probes/instant.ts';
import { at, POINTER_PATTERN } from '../monitor/probes/pointer.ts';
import type { Sample } from '../monitor/probes/probe.ts';
import { excerpt, isValue, valueOfText } from '../monitor/probes/values.ts';
import { complaintAboutFilter, isPattern, wildcardsOf } from './filters.ts';

const pointer = (description: string) => Type.Optional(Type.String({ pattern: POINTER_PATTERN, description }));

/** What stands at a wildcard of a topic. */
export const Wildcards = Type.Array(Type.Union([Type.Literal('element'), Type.Literal('property'), Type.Literal('ignored')]), {
  description:
    'what each + and # of the topic stands for, in order; several of "element" are joined by /. If not given, a single one is the element',
});

/** The options that say how messages are read. */
export const mappingOptions = {
  topic: Type.String({
    minLength: 1,
    description: 'what is subscribed to; may hold placeholders of the element, and + and # as MQTT has them',
  }),
  wildcards: Type.Optional(Wildcards),
  elementPrefix: Type.Optional(Type.String({ description: 'put before what the wildcards or elementFrom give, such as "plant/"' })),
  elementFrom: pointer('JSON pointer of the id of the element; the probe’s own, or that of the wildcards, if not given'),
  property: Type.Optional(
    Type.String({ pattern: NAME_PATTERN, description: 'the property that the payload is of, where it holds one value' }),
  ),
  read: Type.Optional(
    Type.Record(Type.String({ pattern: NAME_PATTERN }), Type.String({ pattern: POINTER_PATTERN }), {
      minProperties: 1,
      additionalProperties: false,
      description: 'property → JSON pointer of its value, where the payload is a JSON document: { "load": "/load" }',
    }),
  ),
  valueFrom: pointer('JSON pointer of the one value; the whole payload if not given'),
  as: Type.Optional(
    Type.Union([Type.Literal('number'), Type.Literal('text'), Type.Literal('truth')], {
      description: 'what one value must be: anything else is refused; number if not given',
    }),
  ),
  values: Type.Optional(
    Type.Record(Type.String(), Value, {
      minProperties: 1,
      description: 'the words that may come and what they mean: { "ON": true, "OFF": false }',
    }),
  ),
  timeFrom: pointer('JSON pointer of the time; when the message came if not given'),
  timeFormat: Type.Optional(
    Type.Union([Type.Literal('ms'), Type.Literal('s'), Type.Literal('iso')], {
      description: 'of the time: milliseconds or seconds since 1970, or 2026-01-31T12:00:00Z; ms if not given',
    }),
  ),
  retained: Type.Optional(
    Type.Union([Type.Literal('timed'), Type.Literal('state'), Type.Literal('never')], {
      description:
        'what a retained message, whose age nobody knows, is worth: taken only if it carries its time (timed), a state that holds until it is replaced, and so holds now (state), or nothing (never); timed if not given',
    }),
  ),
} as const;
const MappingDocument = Type.Object(mappingOptions);
export type MappingDocument = Readonly<Static<typeof MappingDocument>>;

/** Topics whose meaning is remembered. */
const REMEMBERED = 100_000;
const LONGEST_TEXT = 1_000;
const APART_MS = 0.001;
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const ID = new RegExp(ID_PATTERN);
const NAME = new RegExp(NAME_PATTERN);

/** What one topic says. */
interface Meaning {
  readonly element: string | undefined;
  readonly property: string | undefined;
  readonly wrong: string | undefined;
  /** When its last message without a time came, and how many have come in that millisecond. */
  last: number;
  same: number;
}

export interface Reading {
  readonly samples: readonly Sample[];
  /** Why nothing, or not all, can be read. */
  readonly wrong: string | undefined;
  /** The element that the topic or payload names; undefined: the probe's own. */
  readonly element: string | undefined;
  /** The document that was read, for those who look for more in it. */
  readonly document: unknown;
}

/** Finds the elements and properties that topics name. */
export class TopicMeaning {
  readonly #filter: string;
  readonly #wildcards: readonly string[];
  readonly #prefix: string;
  readonly #meanings = new Map<string, Meaning>();

  /** @throws HomeostatError H007 if topic and wildcards do not fit */
  constructor(what: string, filter: string, wildcards: readonly string[] | undefined, prefix: string) {
    const refuse = (message: string) => new HomeostatError('H007', `${what}: ${message}`);
    const complaint = complaintAboutFilter(filter);
    if (complaint !== undefined) throw refuse(`"topic": ${complaint}`);
    const there = filter.split('/').filter((level) => level === '+' || level === '#');
    const meant = wildcards ?? (there.length === 1 ? ['element'] : []);
    if (meant.length !== there.length)
      throw refuse(
        `"topic" has ${there.length} wildcards and "wildcards" says what ${meant.length} are; give one of element, property and ignored for each`,
      );
    if (meant.filter((one) => one === 'property').length > 1) throw refuse('only one of "wildcards" can be the property');
    this.#filter = filter;
    this.#wildcards = meant;
    this.#prefix = prefix;
  }

  get namesElements(): boolean {
    return this.#wildcards.includes('element');
  }

  get namesProperties(): boolean {
    return this.#wildcards.includes('property');
  }

  of(topic: string): Meaning {
    let meaning = this.#meanings.get(topic);
    if (meaning === undefined) {
      meaning = this.#find(topic);
      if (this.#meanings.size >= REMEMBERED) this.#meanings.clear();
      this.#meanings.set(topic, meaning);
    }
    return meaning;
  }

  #find(topic: string): Meaning {
    const found = isPattern(this.#filter) ? wildcardsOf(this.#filter, topic) : [];
    const of = (kind: string) => found.filter((_, i) => this.#wildcards[i] === kind);
    const element = this.namesElements ? `${this.#prefix}${of('element').join('/')}` : undefined;
    const [property] = of('property');
    let wrong: string | undefined;
    if (element !== undefined && (!ID.test(element) || element.length > 200))
      wrong = `topic ${excerpt(topic)} gives "${excerpt(element)}", which is no id of an element`;
    if (property !== undefined && !NAME.test(property))
      wrong = `topic ${excerpt(topic)} gives "${excerpt(property)}", which is no name of a property`;
    return { element: wrong === undefined ? element : undefined, property, wrong, last: -1, same: 0 };
  }
}

/** Reads the messages of one subscription. */
export class MessageReader {
  readonly topics: TopicMeaning;
  readonly #document: MappingDocument;
  readonly #reads: readonly (readonly [property: string, pointer: string])[];
  readonly #json: boolean;
  readonly #words: ReadonlyMap<string, Value> | undefined;
  readonly #as: 'number' | 'text' | 'truth' | 'any';
  readonly #timeFormat: TimeFormat;

  /** @throws HomeostatError H007 if the options contradict each other */
  constructor(what: string, document: MappingDocument) {
    const refuse = (message: string) => new HomeostatError('H007', `${what}: ${message}`);
    const { read, property, valueFrom, as, values, timeFrom, elementFrom, elementPrefix = '' } = document;
    this.topics = new TopicMeaning(what, document.topic, document.wildcards, elementFrom === undefined ? elementPrefix : '');
    const sources = [read, property, this.topics.namesProperties ? '+' : undefined].filter((one) => one !== undefined).length;
    if (sources !== 1) throw refuse('give one of "read", "property" and a wildcard that is the property');
    if (read !== undefined && (valueFrom !== undefined || as !== undefined))
      throw refuse('"valueFrom" and "as" are for one value, not for "read"');
    if (as !== undefined && values !== undefined) throw refuse('give either "as" or "values"');
    if (document.timeFormat !== undefined && timeFrom === undefined) throw refuse('"timeFormat" needs "timeFrom"');
    if (elementPrefix !== '' && elementFrom === undefined && !this.topics.namesElements)
      throw refuse('"elementPrefix" needs a wildcard that is the element, or "elementFrom"');
    if (document.retained === 'timed' && timeFrom === undefined)
      throw refuse('"retained": "timed" needs "timeFrom"; a state that holds is "state"');
    this.#document = document;
    this.#reads = Object.entries(read ?? {});
    this.#json = read !== undefined || [valueFrom, timeFrom, elementFrom].some((one) => one !== undefined);
    this.#words = values === undefined ? undefined : new Map(Object.entries(values));
    this.#as = read === undefined ? (as ?? 'number') : 'any';
    this.#timeFormat = document.timeFormat ?? 'ms';
  }

  get namesElements(): boolean {
    return this.topics.namesElements || this.#document.elementFrom !== undefined;
  }

  /** `parse`: the payload is a JSON document whatever the options say, because somebody looks for more in it. */
  read(topic: string, payload: Buffer, retained: boolean, now: number, parse: boolean): Reading {
    const { timeFrom, elementFrom, elementPrefix = '', property, valueFrom, retained: worth = 'timed' } = this.#document;
    const meaning = this.topics.of(topic);
    let { element } = meaning;
    const nothing = (wrong?: string, document?: unknown): Reading => ({ samples: [], wrong, element, document });
    if (meaning.wrong !== undefined) return nothing(meaning.wrong);
    // An empty payload is how MQTT takes a retained message away.
    if (payload.length === 0) return nothing();
    if (retained && (worth === 'never' || (worth === 'timed' && timeFrom === undefined)) && !parse) return nothing();
    if (!isUtf8(payload)) return nothing('its payload is no text in UTF-8');
    const text = payload.toString('utf8');
    let document: unknown = text;
    if (this.#json || parse) {
      try {
        document = JSON.parse(text);
      } catch {
        if (this.#json) return nothing('its payload is not JSON');
      }
    }
    if (retained && (worth === 'never' || (worth === 'timed' && timeFrom === undefined))) return nothing(undefined, document);
    if (elementFrom !== undefined) {
      const named = at(document, elementFrom);
      if (typeof named !== 'string') return nothing(`${named === undefined ? 'nothing' : 'no text'} at ${elementFrom}`, document);
      element = `${elementPrefix}${named}`;
      if (!ID.test(element) || element.length > 200) return nothing(`"${excerpt(element)}" is no id of an element`, document);
    }
    let time: number;
    if (timeFrom === undefined) time = apart(meaning, now);
    else {
      const read = instantOf(at(document, timeFrom), this.#timeFormat);
      if (read === undefined) return nothing(`no time (${this.#timeFormat}) at ${timeFrom}`, document);
      time = read;
    }
    if (this.#as === 'any') return { ...this.#readAll(document, element, time), element, document };
    const whole = valueFrom === undefined ? (this.#json ? document : text) : at(document, valueFrom);
    const value = this.#valueOf(whole, this.#as);
    if (value === undefined) return nothing(this.#complaint(whole, valueFrom), document);
    return {
      samples: [{ property: meaning.property ?? property!, value, time, ...(element !== undefined && { element }) }],
      wrong: undefined,
      element,
      document,
    };
  }

  #readAll(document: unknown, element: string | undefined, time: number): Pick<Reading, 'samples' | 'wrong'> {
    const samples: Sample[] = [];
    let wrong: string | undefined;
    for (const [property, from] of this.#reads) {
      const found = at(document, from);
      // A message may be silent of some properties; one that says nothing of any is none of ours.
      if (found === undefined || found === null) continue;
      const value = this.#valueOf(found, 'any');
      if (value === undefined) wrong ??= this.#complaint(found, from);
      else samples.push(element === undefined ? { property, value, time } : { property, value, time, element });
    }
    if (samples.length === 0) wrong ??= `nothing at ${this.#reads.map(([, from]) => from).join(', ')}`;
    return { samples, wrong };
  }

  #valueOf(found: unknown, as: 'number' | 'text' | 'truth' | 'any'): Value | undefined {
    if (this.#words !== undefined) return isValue(found) ? this.#words.get(String(found).trim()) : undefined;
    switch (as) {
      case 'number':
        if (typeof found === 'number') return found;
        return typeof found === 'string' && NUMBER.test(found) ? Number(found) : undefined;
      case 'truth': {
        const value = typeof found === 'string' ? valueOfText(found) : found;
        return typeof value === 'boolean' ? value : undefined;
      }
      case 'text':
        return typeof found === 'string' && found.length <= LONGEST_TEXT ? found : undefined;
      case 'any':
        return isValue(found) && !(typeof found === 'string' && found.length > LONGEST_TEXT) ? found : undefined;
    }
  }

  #complaint(found: unknown, from: string | undefined): string {
    const where = from === undefined || from === '' ? 'its payload' : `what stands at ${from}`;
    if (found === undefined) return `nothing at ${from}`;
    if (this.#words !== undefined) return `${where} is none of ${[...this.#words.keys()].join(', ')}`;
    if (this.#as === 'any') return `${where} is no number, text or truth value`;
    return `${where} is no ${{ number: 'number', text: `text of at most ${LONGEST_TEXT} characters`, truth: 'true or false' }[this.#as]}`;
  }
}

/** Two messages within a millisecond are two observations: the second is a thousandth later. */
function apart(meaning: Meaning, now: number): number {
  if (meaning.last !== now) {
    meaning.last = now;
    meaning.same = 0;
    return now;
  }
  meaning.same = Math.min(meaning.same + 1, 999);
  return Math.round((now + meaning.same * APART_MS) * 1_000) / 1_000;
}
