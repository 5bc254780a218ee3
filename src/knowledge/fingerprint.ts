/**
 * A hash of the whole state that is kept up to date in time proportional to what changed: the sum, lane by lane, of the hashes of all rows
 * (a multiset hash in the manner of Bellare and Micciancio's AdHash, 1997). It guards against mistakes and damage, not against an adversary.
 */

import type { Json } from '../monitor/gauges/gauge.ts';

/** What is remembered of a row: the hash of its key, which never changes, and of key and text together. Two lanes of 32 bits each. */
export interface Digest {
  readonly keyA: number;
  readonly keyB: number;
  a: number;
  b: number;
}

const encoder = new TextEncoder();
/** The text in hand as bytes, and the same as words of 32 bits. It grows with the longest text. */
let bytes = new Uint8Array(1 << 14);
let words = new Int32Array(bytes.buffer);

const lanes = new Int32Array(2);

/** What the row in hand has said so far, and the same as words of 32 bits. It grows with the longest. */
let said = new Float64Array(64);
let saidWords = new Int32Array(said.buffer);
let length = 0;

function say(part: number): void {
  if (length === said.length) {
    const longer = new Float64Array(2 * length);
    longer.set(said);
    said = longer;
    saidWords = new Int32Array(said.buffer);
  }
  said[length++] = part;
}

/** In place of a number that is absent: one that no row has. */
const ABSENT = Number.NaN;
/** Before what is no number. */
const [TEXT, TRUTH, LIST, MEMO] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MIN_VALUE, -Number.MIN_VALUE];

/** What a row says, part by part: for rows that change with nearly every observation, which as text would cost more than all else of the step. */
export const mixer = {
  /** As JSON has it: without a -0, and null for what is no finite number. */
  number(value: number | null): void {
    say(value !== null && Number.isFinite(value) ? value + 0 : ABSENT);
  },
  text(value: string | null): void {
    if (value === null) return say(ABSENT);
    say(value.length);
    for (let i = 0; i < value.length; i++) say(value.charCodeAt(i));
  },
  numbers(values: readonly number[]): void {
    say(values.length);
    for (let i = 0; i < values.length; i++) mixer.number(values[i]!);
  },
  /** Any JSON, each unlike the others. */
  json(value: Json): void {
    if (typeof value === 'number' || value === null) mixer.number(value);
    else if (typeof value === 'string') {
      say(TEXT);
      mixer.text(value);
    } else if (typeof value === 'boolean') {
      say(TRUTH);
      say(Number(value));
    } else if (Array.isArray(value)) {
      say(LIST);
      say(value.length);
      for (const part of value) mixer.json(part);
    } else {
      say(MEMO);
      for (const name in value) {
        const part = value[name];
        if (part === undefined) continue;
        mixer.text(name);
        mixer.json(part);
      }
      say(MEMO);
    }
  },
};
export type Mixer = typeof mixer;

/** The mixing of `mix` over what was said. */
function mixSaid(seedA: number, seedB: number): void {
  mixWords(saidWords, 2 * length, seedA, seedB);
  length = 0;
}

/** Two lanes at a time: the mixing of MurmurHash3 (Appleby, 2011) over the text in UTF-8, a word at a time, from two seeds. */
function mix(text: string, seedA: number, seedB: number): void {
  let { read, written } = encoder.encodeInto(text, bytes);
  if (read < text.length) {
    // Three bytes for a UTF-16 unit, and a word to fill up.
    bytes = new Uint8Array((3 * text.length + 8) & ~3);
    words = new Int32Array(bytes.buffer);
    ({ read, written } = encoder.encodeInto(text, bytes));
  }
  const size = written;
  while (written & 3) bytes[written++] = 0;
  mixWords(words, written >> 2, seedA ^ size, seedB);
}

function mixWords(from: Int32Array, count: number, seedA: number, seedB: number): void {
  let a = seedA;
  let b = seedB;
  for (let i = 0; i < count; i++) {
    const word = from[i]!;
    a = Math.imul(a ^ word, 0x85ebca6b);
    b = Math.imul(b ^ word, 0xc2b2ae35);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (a >>> 16), 0xc2b2ae35) ^ Math.imul(b ^ (b >>> 13), 0x85ebca6b);
  b = Math.imul(b ^ (b >>> 16), 0xc2b2ae35) ^ Math.imul(a ^ (a >>> 13), 0x85ebca6b);
  lanes[0] = a;
  lanes[1] = b;
}

/** The digest of a row that has no text yet. */
export function digestOf(key: string): Digest {
  mix(key, 0xdeadbeef, 0x41c6ce57);
  return { keyA: lanes[0]!, keyB: lanes[1]!, a: 0, b: 0 };
}

export class Fingerprint {
  readonly #sum = new Uint32Array(2);

  /** Takes note of a row's text in place of the one before; null: the row is gone. */
  set(digest: Digest, text: string | null): void {
    this.#add(-digest.a, -digest.b);
    if (text === null) lanes.fill(0);
    else mix(text, digest.keyA, digest.keyB);
    digest.a = lanes[0]!;
    digest.b = lanes[1]!;
    this.#add(digest.a, digest.b);
  }

  /** The same of a row that says itself what it holds. */
  setRow<R>(digest: Digest, row: R, say: (row: R, mixer: Mixer) => void): void {
    this.#add(-digest.a, -digest.b);
    say(row, mixer);
    mixSaid(digest.keyA, digest.keyB);
    digest.a = lanes[0]!;
    digest.b = lanes[1]!;
    this.#add(digest.a, digest.b);
  }

  #add(a: number, b: number): void {
    this.#sum[0]! += a;
    this.#sum[1]! += b;
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return this.#sum[0]!.toString(16).padStart(8, '0') + this.#sum[1]!.toString(16).padStart(8, '0');
  }
}
