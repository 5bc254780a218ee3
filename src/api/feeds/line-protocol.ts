/**
 * Reads InfluxDB's line protocol: `measurement,tag=value field=1.5,other="text" 1795278600000000000`. Names escape commas, spaces and equals signs with a backslash;
 * texts stand in quotation marks and may hold line breaks. Words of complaints are those of InfluxDB, which its clients know.
 */
import type { Value } from '../../messages.ts';

export interface Point {
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: readonly (readonly [name: string, value: Value])[];
  /** In the unit of the request, before or after 1970; undefined: not given. A number of nanoseconds is not exact, and near enough to a thousandth of a ms. */
  readonly timestamp: number | undefined;
  /** Number of the line that it begins on. */
  readonly line: number;
  /** The line as it was written, up to its fields. */
  readonly series: string;
}

export interface WrongLine {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;

const EXCERPT = 200;

/** What is wrong with a line. Thrown and caught here only. */
class Complaint extends Error {}

export function parseLines(text: string, take: (point: Point) => void, wrong: (line: WrongLine) => void): void {
  const reader = new Reader(text);
  let line = 1;
  let counted = 0;
  while (reader.toNextLine()) {
    const start = reader.at;
    for (; counted < start; counted++) if (text.charCodeAt(counted) === NEWLINE) line++;
    try {
      take(reader.point(line));
    } catch (thrown) {
      if (!(thrown instanceof Complaint)) throw thrown;
      const end = text.indexOf('\n', start);
      reader.at = end < 0 ? text.length : end;
      wrong({ line, text: text.slice(start, Math.min(reader.at, start + EXCERPT)).trimEnd(), reason: thrown.message });
    }
  }
}

class Reader {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Goes on to the next line that is neither blank nor a comment. */
  toNextLine(): boolean {
    for (;;) {
      const code = this.#text.charCodeAt(this.at);
      if (Number.isNaN(code)) return false;
      if (code === HASH) {
        const end = this.#text.indexOf('\n', this.at);
        if (end < 0) return false;
        this.at = end;
      } else if (!isBlank(code) && code !== NEWLINE) return true;
      this.at++;
    }
  }

  point(line: number): Point {
    const start = this.at;
    const measurement = this.#name(false);
    if (measurement === '') throw new Complaint('missing measurement');
    const tags = this.#tags();
    const series = this.#text.slice(start, this.at);
    if (!this.#spaces()) throw new Complaint('missing fields');
    const fields = this.#fields();
    const timestamp = this.#spaces() && !this.#ended() ? this.#timestamp() : undefined;
    this.#spaces();
    if (!this.#ended()) throw new Complaint('bad timestamp');
    return { measurement, tags, fields, timestamp, line, series };
  }

  #tags(): ReadonlyMap<string, string> {
    const tags = new Map<string, string>();
    while (this.#code() === COMMA) {
      this.at++;
      const key = this.#name(true);
      if (key === '') throw new Complaint('missing tag key');
      if (this.#code() !== EQUALS) throw new Complaint('missing tag value');
      this.at++;
      const value = this.#name(true);
      if (this.#code() === EQUALS) throw new Complaint('invalid tag format');
      if (value === '') throw new Complaint('missing tag value');
      if (tags.has(key)) throw new Complaint('duplicate tags');
      tags.set(key, value);
    }
    return tags;
  }

  #fields(): (readonly [string, Value])[] {
    if (this.#ended()) throw new Complaint('missing fields');
    const fields: (readonly [string, Value])[] = [];
    for (;;) {
      const key = this.#name(true);
      if (key === '') throw new Complaint('missing field key');
      if (this.#code() !== EQUALS) throw new Complaint('invalid field format');
      this.at++;
      fields.push([key, this.#code() === QUOTE ? this.#quoted() : this.#scalar()]);
      const code = this.#code();
      if (code === COMMA) this.at++;
      else if (code !== SPACE && !this.#ended()) throw new Complaint('invalid field format');
      else return fields;
    }
  }

  /** A name up to an unescaped comma, space or, for keys and tags, equals sign. */
  #name(keyed: boolean): string {
    const text = this.#text;
    const start = this.at;
    let escaped = false;
    let at = start;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH && isEscaped(text.charCodeAt(at + 1), keyed)) {
        escaped = true;
        at++;
      } else if (code === COMMA || code === SPACE || code === NEWLINE || (keyed && code === EQUALS)) break;
    }
    this.at = at;
    const name = text.slice(start, text.charCodeAt(at - 1) === RETURN && this.#ended() ? at - 1 : at);
    return escaped ? name.replace(keyed ? /\\([, =])/g : /\\([, ])/g, '$1') : name;
  }

  #quoted(): string {
    const text = this.#text;
    const start = ++this.at;
    let escaped = false;
    for (let at = start; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH && (text.charCodeAt(at + 1) === QUOTE || text.charCodeAt(at + 1) === BACKSLASH)) {
        escaped = true;
        at++;
      } else if (code === QUOTE) {
        this.at = at + 1;
        const inside = text.slice(start, at);
        return escaped ? inside.replace(/\\(["\\])/g, '$1') : inside;
      }
    }
    throw new Complaint('unbalanced quotes');
  }

  #scalar(): Value {
    const start = this.at;
    while (!this.#ended() && this.#code() !== COMMA && this.#code() !== SPACE) this.at++;
    const text = this.#text.slice(start, this.at);
    if (text === '') throw new Complaint('missing field value');
    if (FLOAT.test(text)) return finite(Number(text));
    if (INTEGER.test(text)) return whole(text, -(2n ** 63n), 2n ** 63n - 1n);
    if (UNSIGNED.test(text)) return whole(text, 0n, 2n ** 64n - 1n);
    if (TRUE.test(text)) return true;
    if (FALSE.test(text)) return false;
    throw new Complaint(/^[-+.\d]/.test(text) ? 'invalid number' : 'invalid boolean');
  }

  #timestamp(): number {
    const start = this.at;
    while (!this.#ended() && this.#code() !== SPACE) this.at++;
    const text = this.#text.slice(start, this.at);
    if (!/^-?\d{1,19}$/.test(text)) throw new Complaint('bad timestamp');
    if (text.length >= 19) whole(`${text}i`, -(2n ** 63n), 2n ** 63n - 1n, 'bad timestamp');
    return Number(text);
  }

  #spaces(): boolean {
    const start = this.at;
    while (this.#code() === SPACE) this.at++;
    return this.at > start;
  }

  #code(): number {
    return this.#text.charCodeAt(this.at);
  }

  /** Whether the line ends here. */
  #ended(): boolean {
    const code = this.#code();
    return (
      Number.isNaN(code) ||
      code === NEWLINE ||
      (code === RETURN && (this.at + 1 === this.#text.length || this.#text.charCodeAt(this.at + 1) === NEWLINE))
    );
  }
}

const isBlank = (code: number): boolean => code === SPACE || code === TAB || code === RETURN;
const isEscaped = (code: number, keyed: boolean): boolean => code === COMMA || code === SPACE || (keyed && code === EQUALS);

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+i$/;
const UNSIGNED = /^\d+u$/;
const TRUE = /^(?:t|T|true|True|TRUE)$/;
const FALSE = /^(?:f|F|false|False|FALSE)$/;
/** Integers of so many characters fit their range whatever they are. */
const SURELY_FIT = 18;

function finite(number: number): number {
  if (Number.isFinite(number)) return number;
  throw new Complaint('invalid number');
}

function whole(text: string, least: bigint, most: bigint, complaint = 'unable to parse integer: value out of range'): number {
  const digits = text.slice(text.startsWith('+') ? 1 : 0, -1);
  if (digits.length > SURELY_FIT) {
    const exact = digits.length > 40 ? most + 1n : BigInt(digits);
    if (exact < least || exact > most) throw new Complaint(complaint);
  }
  return Number(digits);
}
