/** What may be published: the values, names and times that fit an observation, and how they are read from text. */
import { ID_PATTERN, NAME_PATTERN, type Value } from '../../messages.ts';
import type { Sample } from './probe.ts';

const NAME = new RegExp(NAME_PATTERN);
const ID = new RegExp(ID_PATTERN);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** How programs write numbers that are none. As text they would pass for a value. */
const NO_NUMBER = /^[+-]?(nan|inf|infinity)$/i;

/** What stands in the way of publishing a sample; undefined: nothing. */
export function complaintAbout(sample: Sample): string | undefined {
  if (!NAME.test(sample.property)) return `"${excerpt(sample.property)}" is not the name of a property: use letters, digits, _ : and -`;
  if (sample.element !== undefined && !ID.test(sample.element)) {
    return `"${excerpt(sample.element)}" is not the id of an element, such as shop/server-3`;
  }
  if (typeof sample.value === 'number' && !Number.isFinite(sample.value)) return `${sample.property} is not a finite number`;
  if (sample.time !== undefined && !(sample.time >= 0 && sample.time <= Number.MAX_SAFE_INTEGER)) {
    return `the time of ${sample.property} is ${sample.time}, not milliseconds since 1970`;
  }
  return undefined;
}

/** Whether anything is a number (finite or not), a text or a truth value. */
export const isValue = (thing: unknown): thing is Value =>
  typeof thing === 'number' || typeof thing === 'string' || typeof thing === 'boolean';

/** A value from text: a number or a truth value where it looks like one; undefined for blank text. `nan` and `inf` give a number that is refused. */
export function valueOfText(text: string): Value | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  if (NUMBER.test(trimmed)) return Number(trimmed);
  if (NO_NUMBER.test(trimmed)) return Number.NaN;
  if (trimmed === 'true') return true;
  if (trimmed === 'false') return false;
  return trimmed;
}

const EXCERPT = 80;

/** The beginning of a text, for a message. */
export const excerpt = (text: string): string => (text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text);
