/**
 * Messages of the topic `intake`, which outsiders write: one observation, an array of them, or a batch (documents/intake-message.ts). A pure function
 * from text to observations and rejections: the same record gives the same, whoever reads it and however often.
 *
 * It is on the path of every outsider's value, so what is right is told by checks written by hand; what they do not pass is asked of the schema,
 * which decides, and says what is wrong.
 */

import { Check } from 'typebox/schema';
import { Findings } from '../compile/report.ts';
import { INTAKE_OBSERVATIONS, INTAKE_VERSION, IntakeBatch, IntakeObservation } from '../documents/intake-message.ts';
import type { TSchema } from '../documents/schema.ts';
import { messageOf } from '../errors.ts';
import { isObject, shown } from '../json.ts';
import { ID_PATTERN, NAME_PATTERN, type ObservationEvent } from '../messages.ts';
import { validate } from '../validate.ts';

/** One thing that could not be taken. `index`: its place in the message; 0 too where the message as a whole is wrong. */
export interface IntakeRejection {
  readonly index: number;
  readonly reason: string;
  /** The beginning of what came. */
  readonly excerpt: string;
}

export interface IntakeResult {
  readonly observations: readonly ObservationEvent[];
  /** What is told of what was rejected; at most `REJECTIONS_TOLD`. */
  readonly rejections: readonly IntakeRejection[];
  /** How many things were rejected; a message that is wrong as a whole counts as one. */
  readonly rejected: number;
}

/** The record that a message came in. Its offset and time make up the time of an observation that has none. */
export interface IntakeRecord {
  readonly offset: number;
  readonly time: number;
}

/** The source of observations that do not say theirs. */
export const INTAKE_SOURCE = 'intake';
/** Characters of one message; a longer one is refused unread. */
export const INTAKE_CHARACTERS = 4_000_000;
/** Rejections of one message that are told one by one; all are counted. */
export const REJECTIONS_TOLD = 20;
const EXCERPT_LENGTH = 500;

/**
 * Instants of observations without a time differ by this much of a millisecond, by their place in the partition: one source, property and time
 * is one observation. A power of two, so that sums are exact.
 */
const PLACES = 1_024;

const ID = new RegExp(ID_PATTERN);
const NAME = new RegExp(NAME_PATTERN);
/** What has been found right before need not be matched again. Emptied when it is full: a flood of names must not fill the memory. */
const KNOWN_LIMIT = 100_000;
const knownIds = new Set<string>();
const knownNames = new Set<string>();

function isKnown(known: Set<string>, pattern: RegExp, limit: number, text: unknown): boolean {
  if (typeof text !== 'string') return false;
  if (known.has(text)) return true;
  if (text.length > limit || !pattern.test(text)) return false;
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.add(text);
  return true;
}

/** Whether a text may be the id of an element, by the schema of observations. */
export const isElementId = (text: unknown): text is string => isKnown(knownIds, ID, 200, text);
/** Whether a text may be the name of a property. */
export const isName = (text: unknown): text is string => isKnown(knownNames, NAME, 100, text);
const isValue = (x: unknown): boolean => (typeof x === 'number' ? Number.isFinite(x) : typeof x === 'string' || typeof x === 'boolean');
const isTime = (x: unknown): boolean => typeof x === 'number' && x >= 0 && x < Infinity;
const isCount = (x: unknown): boolean => typeof x === 'number' && Number.isInteger(x) && x >= 1;
/** The schema counts code points: over the limit in code units it is asked. */
const isSource = (x: unknown): boolean => typeof x === 'string' && x.length >= 1 && x.length <= 200;

type Sent = Readonly<Record<string, unknown>>;
const NOTHING: Sent = {};

/** Reads the text of one message. */
export function readIntake(text: string, record: IntakeRecord): IntakeResult {
  if (text.length > INTAKE_CHARACTERS)
    return whole(text, `the message has ${text.length} characters, and at most ${INTAKE_CHARACTERS} are read; send smaller batches`);
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch (thrown) {
    return whole(text, `is not valid JSON: ${messageOf(thrown)}`);
  }
  if (Array.isArray(message)) return readItems(message, NOTHING, text, record);
  if (!isObject(message)) return whole(text, `is ${shown(message)}; an observation, an array of observations or a batch is needed`);
  if (!('observations' in message || 'version' in message)) return readItems([message], NOTHING, text, record);
  const { observations, version, ...shared } = message;
  if (version !== INTAKE_VERSION)
    return whole(text, `"version" of the batch is ${shown(version)}, and ${INTAKE_VERSION} is the only one known here`);
  if (!Array.isArray(observations)) return whole(text, `"observations" of the batch is ${shown(observations)}, and an array is needed`);
  const head = { version, ...shared, observations: [] };
  if (!Check(IntakeBatch, head)) return whole(text, reasonOf(IntakeBatch, head));
  return readItems(observations, shared, text, record);
}

function readItems(items: readonly unknown[], shared: Sent, text: string, record: IntakeRecord): IntakeResult {
  if (items.length > INTAKE_OBSERVATIONS)
    return whole(text, `the message has ${items.length} observations, and at most ${INTAKE_OBSERVATIONS} are taken; send smaller batches`);
  const observations: ObservationEvent[] = [];
  const rejections: IntakeRejection[] = [];
  let rejected = 0;
  for (let index = 0; index < items.length; index++) {
    const observation = readItem(items[index], shared, record, index);
    if (observation !== undefined) observations.push(observation);
    else if (rejected++ < REJECTIONS_TOLD) {
      const item = isObject(items[index]) ? { ...shared, ...(items[index] as Sent) } : items[index];
      rejections.push({
        index,
        reason: reasonOf(IntakeObservation, item),
        excerpt: (JSON.stringify(items[index]) ?? '').slice(0, EXCERPT_LENGTH),
      });
    }
  }
  return { observations, rejections, rejected };
}

/** One observation; undefined if it is not right. */
function readItem(item: unknown, shared: Sent, record: IntakeRecord, index: number): ObservationEvent | undefined {
  if (!isObject(item)) return undefined;
  const {
    element = shared.element,
    property,
    value,
    time = shared.time,
    source = shared.source,
    everyMs = shared.everyMs,
    coalesced,
  } = item;
  const right =
    isElementId(element) &&
    isName(property) &&
    isValue(value) &&
    (time === undefined || isTime(time)) &&
    (source === undefined || isSource(source)) &&
    (everyMs === undefined || isCount(everyMs)) &&
    (coalesced === undefined || isCount(coalesced)) &&
    hasOnlyKnown(item);
  if (!right && !Check(IntakeObservation, { ...shared, ...item })) return undefined;
  const observation = {
    kind: 'observation',
    element,
    property,
    value,
    time: time ?? record.time + ((record.offset + index) % PLACES) / PLACES,
    source: source ?? INTAKE_SOURCE,
  } as { -readonly [K in keyof ObservationEvent]: ObservationEvent[K] };
  if (everyMs !== undefined) observation.everyMs = everyMs as number;
  if (coalesced !== undefined) observation.coalesced = coalesced as number;
  return observation;
}

function hasOnlyKnown(item: Sent): boolean {
  for (const key in item) {
    switch (key) {
      case 'element':
      case 'property':
      case 'value':
      case 'time':
      case 'source':
      case 'everyMs':
      case 'coalesced':
        continue;
      default:
        return false;
    }
  }
  return true;
}

const whole = (text: string, reason: string): IntakeResult => ({
  observations: [],
  rejections: [{ index: 0, reason, excerpt: text.slice(0, EXCERPT_LENGTH) }],
  rejected: 1,
});

function reasonOf(schema: TSchema, value: unknown): string {
  const findings = new Findings();
  validate(schema, value, { file: INTAKE_SOURCE, pointer: '' }, findings);
  return findings.list.map(({ code, pointer, message }) => `${code} ${pointer}: ${message}`).join('; ');
}
