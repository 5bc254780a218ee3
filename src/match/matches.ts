/** What is true of each element, kept up to date: which conditions begin and cease to be true with a change, and all that are, in the order they were given in. */
import type { Frames } from './frames.ts';
import { List } from './list.ts';
import type { Matcher } from './matcher.ts';

const FIRST_ROWS = 16;

export class Matches {
  /** What the last change made true, and what it made untrue. */
  readonly became: List;
  readonly ceased: List;
  readonly #matcher: Matcher;
  readonly #frames: Frames;
  /** A bit for each condition, row after row as in the frames. */
  #bits: Int32Array;
  readonly #words: number;
  readonly #before: Int32Array;
  #element = 0;

  constructor(matcher: Matcher) {
    this.#matcher = matcher;
    this.#frames = matcher.frames();
    this.#words = Math.max(1, Math.ceil(matcher.size / 32));
    this.#bits = new Int32Array(FIRST_ROWS * this.#words);
    this.#before = new Int32Array(this.#words);
    this.became = new List(matcher.size);
    this.ceased = new List(matcher.size);
  }

  /** An element of which nothing is known, and nothing is true. Returns its number. */
  add(): number {
    const element = this.#frames.add();
    if ((element + 1) * this.#words > this.#bits.length) {
      const longer = new Int32Array(this.#bits.length * 2);
      longer.set(this.#bits);
      this.#bits = longer;
    }
    return element;
  }

  /** Sets one fact. */
  changeOne(element: number, slot: number, value: unknown): void {
    this.#begin(element);
    const from = this.#frames.get(element, slot);
    this.#add(this.#matcher.changeOne(this.#frames, element, slot, value));
    this.#matcher.fallen(slot, from, value, this.#drop);
  }

  /** Sets several facts; each slot once. */
  change(element: number, slots: ArrayLike<number>, values: ArrayLike<unknown>): void {
    this.#begin(element);
    const count = this.#matcher.change(this.#frames, element, slots, values);
    if (this.#matcher.complete) return this.#replace(count);
    this.#add(count);
    // Of what is true there is little: all of it is judged again.
    const all = Int32Array.from(this.of(element));
    this.#drop(all, 0, all.length, false);
  }

  /** All that is true of an element, in order. */
  of(element: number, into: number[] = []): number[] {
    const first = element * this.#words;
    const bits = this.#bits;
    let count = 0;
    for (let word = 0; word < this.#words; word++) {
      for (let left = bits[first + word]!; left !== 0; left &= left - 1) into[count++] = word * 32 + lowest(left);
    }
    into.length = count;
    return into;
  }

  #begin(element: number): void {
    this.became.clear();
    this.ceased.clear();
    this.#element = element;
  }

  /** Only what was found is true now. */
  #replace(count: number): void {
    const first = this.#element * this.#words;
    const bits = this.#bits;
    const before = this.#before;
    before.set(bits.subarray(first, first + this.#words));
    bits.fill(0, first, first + this.#words);
    this.#add(count, before);
    for (let word = 0; word < this.#words; word++) {
      for (let left = before[word]! & ~bits[first + word]!; left !== 0; left &= left - 1) this.ceased.add(word * 32 + lowest(left));
    }
  }

  /** Adds what was found. `before`: what was true, where that is no longer in its place. */
  #add(count: number, before?: Int32Array): void {
    const { found } = this.#matcher;
    const first = this.#element * this.#words;
    const bits = this.#bits;
    for (let i = 0; i < count; i++) {
      const condition = found[i]!;
      const word = condition >> 5;
      const bit = 1 << (condition & 31);
      if ((bits[first + word]! & bit) !== 0) continue;
      bits[first + word]! |= bit;
      if (before === undefined || (before[word]! & bit) === 0) this.became.add(condition);
    }
  }

  readonly #drop = (conditions: Int32Array, from: number, to: number, surely: boolean): void => {
    const first = this.#element * this.#words;
    const bits = this.#bits;
    for (let i = from; i < to; i++) {
      const condition = conditions[i]!;
      const word = first + (condition >> 5);
      if (((bits[word]! >>> (condition & 31)) & 1) === 0) continue;
      if (!(surely && this.#matcher.isPlain(condition)) && this.#matcher.holds(condition, this.#frames, this.#element)) continue;
      bits[word]! &= ~(1 << (condition & 31));
      this.ceased.add(condition);
    }
  };
}

/** The place of the lowest bit. */
const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits);
