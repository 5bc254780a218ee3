/** InfluxDB's line protocol: one point as one line. Times are in nanoseconds, as text, which no number of ours can hold. */
import type { Value } from '../messages.ts';

export type Tags = Readonly<Record<string, string | undefined>>;
export type Fields = Readonly<Record<string, Value | undefined>>;

/** A text in a field may have 64 KB; in a tag it should be short, because it is an index. */
export const FIELD_CHARACTERS = 60_000;
const TAG_CHARACTERS = 200;

/** Undefined: no field is left, because all were absent or no finite number, and a point without a field is refused. */
export function lineOf(measurement: string, tags: Tags, fields: Fields, time: string): string | undefined {
  let line = measurement;
  for (const name in tags) {
    const value = tags[name];
    if (value !== undefined && value !== '') line += `,${name}=${tagText(value)}`;
  }
  let separator = ' ';
  for (const name in fields) {
    const value = fields[name];
    // One NaN would make the server refuse the whole point.
    if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) continue;
    line += `${separator}${name}=${fieldText(value)}`;
    separator = ',';
  }
  return separator === ' ' ? undefined : `${line} ${time}`;
}

/** An instant in ms, with fractions down to microseconds, as nanoseconds. */
export function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  const micros = Math.round((ms - whole) * 1_000);
  return micros === 1_000 ? `${whole + 1}000000` : `${whole}${String(micros).padStart(3, '0')}000`;
}

/** The n-th thing of a millisecond, so that two of one are two points. */
export const nthOf = (ms: number, n: number): string => `${Math.floor(ms)}${String(n % 1_000_000).padStart(6, '0')}`;

// No control characters, which would end the line; no backslash, which would escape what follows the value.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNFIT = /[\u0000-\u001f\\]/g;
const tagText = (text: string): string =>
  PLAIN.test(text) && text.length <= TAG_CHARACTERS ? text : text.slice(0, TAG_CHARACTERS).replace(UNFIT, ' ').replace(/[,= ]/g, '\\$&');
const PLAIN = /^[A-Za-z0-9_./:-]+$/;

function fieldText(value: Value): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  const text = value.length > FIELD_CHARACTERS ? value.slice(0, FIELD_CHARACTERS) : value;
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
