/**
 * A hash of the whole state that is kept up to date in time proportional to what changed: the sum, lane by lane, of the hashes of all rows
 * (a multiset hash in the manner of Bellare and Micciancio's AdHash, 1997). It guards against mistakes and damage, not against an adversary.
 */

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

/** The hash in hand, two lanes of it. */
let [laneA, laneB] = [0, 0];

function begin(seedA: number, seedB: number): void {
  laneA = seedA;
  laneB = seedB;
}

function mixWord(word: number): void {
  const a = Math.imul(laneA ^ word, 0x85ebca6b);
  const b = Math.imul(laneB ^ word, 0xc2b2ae35);
  laneA = a ^ (a >>> 15);
  laneB = b ^ (b >>> 13);
}

const number = new Float64Array(1);
const halves = new Int32Array(number.buffer);
/** In place of a number that is absent: halves that no number has. */
const ABSENT = 0x7ff80000;

/** What a row says, part by part: for rows that change with nearly every observation, which as text would cost more than all else of the step. */
export const mixer = {
  number(value: number | null): void {
    if (value === null) {
      mixWord(ABSENT);
      mixWord(1);
      return;
    }
    number[0] = value;
    mixWord(halves[0]!);
    mixWord(halves[1]!);
  },
  text(value: string | null): void {
    if (value === null) return mixer.number(null);
    mixWord(value.length);
    for (let i = 0; i < value.length; i++) mixWord(value.charCodeAt(i));
  },
  /** A number, a text, true or false, or null, each unlike the others. */
  value(value: unknown): void {
    if (typeof value === 'number' || value === null) return mixer.number(value);
    mixWord(ABSENT);
    mixer.text(typeof value === 'string' ? value : String(value));
    mixWord(typeof value === 'string' ? 2 : 3);
  },
  numbers(values: readonly number[]): void {
    mixWord(values.length);
    for (let i = 0; i < values.length; i++) mixer.number(values[i]!);
  },
};
export type Mixer = typeof mixer;

function end(): void {
  const a = Math.imul(laneA ^ (laneA >>> 16), 0xc2b2ae35) ^ Math.imul(laneB ^ (laneB >>> 13), 0x85ebca6b);
  const b = Math.imul(laneB ^ (laneB >>> 16), 0xc2b2ae35) ^ Math.imul(a ^ (a >>> 13), 0x85ebca6b);
  lanes[0] = a;
  lanes[1] = b;
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
  let a = seedA ^ written;
  let b = seedB;
  while (written & 3) bytes[written++] = 0;
  for (let i = 0; i < written >> 2; i++) {
    const word = words[i]!;
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
    begin(digest.keyA, digest.keyB);
    say(row, mixer);
    end();
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
    return Array.from(this.#sum, (lane) => lane.toString(16).padStart(8, '0')).join('');
  }
}
