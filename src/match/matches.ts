/** What is true of each element, kept up to date: which conditions begin and cease to be true with a change, and all that are, in the order they were given in. */
import type { Frames } from './frames.ts';
import type { Matcher } from './matcher.ts';

const FIRST_ROWS = 16;

export class Matches {
  readonly became: number[] = [];
  readonly ceased: number[] = [];
  readonly #matcher: Matcher;
  readonly #frames: Frames;
  /** A bit for each condition, row after row as in the frames. */
  #bits: Uint32Array;
  readonly #words: number;
  readonly #before: Uint32Array;
  #element = 0;

  constructor(matcher: Matcher) {
    this.#matcher = matcher;
    this.#frames = matcher.frames();
    this.#words = Math.max(1, Math.ceil(matcher.size / 32));
    this.#bits = new Uint32Array(FIRST_ROWS * this.#words);
    this.#before = new Uint32Array(this.#words);
  }

  /** An element of which nothing is known, and nothing is true. Returns its number. */
  add(): number {
    const element = this.#frames.add() / this.#frames.width;
    if ((element + 1) * this.#words > this.#bits.length) {
      const longer = new Uint32Array(this.#bits.length * 2);
      longer.set(this.#bits);
      this.#bits = longer;
    }
    return element;
  }

  /** Sets one fact. What it changes is in `became` and `ceased`, until the next change. */
  changeOne(element: number, slot: number, value: unknown): void {
    const base = this.#begin(element);
    const from = this.#frames.get(base, slot);
    this.#add(this.#matcher.changeOne(this.#frames, base, slot, value));
    this.#matcher.fallen(slot, from, value, this.#drop);
  }

  /** Sets several facts; each slot once. */
  change(element: number, slots: ArrayLike<number>, values: ArrayLike<unknown>): void {
    const base = this.#begin(element);
    const count = this.#matcher.change(this.#frames, base, slots, values);
    if (this.#matcher.complete) return this.#replace(count);
    this.#add(count);
    // Of what is true there is little: all of it is judged again.
    const all = this.of(element);
    this.#drop(all, 0, all.length);
  }

  /** All that is true of an element, in order. */
  of(element: number, into: number[] = []): number[] {
    let count = 0;
    const first = element * this.#words;
    for (let word = 0; word < this.#words; word++) {
      for (let bits = this.#bits[first + word]!; bits !== 0; bits &= bits - 1) into[count++] = word * 32 + 31 - Math.clz32(bits & -bits);
    }
    into.length = count;
    return into;
  }

  #begin(element: number): number {
    this.became.length = 0;
    this.ceased.length = 0;
    this.#element = element;
    return element * this.#frames.width;
  }

  /** Only what was found is true now. */
  #replace(count: number): void {
    const first = this.#element * this.#words;
    const before = this.#before;
    for (let word = 0; word < this.#words; word++) {
      before[word] = this.#bits[first + word]!;
      this.#bits[first + word] = 0;
    }
    for (let i = 0; i < count; i++) {
      const condition = this.#matcher.found[i]!;
      this.#bits[first + (condition >> 5)]! |= 1 << (condition & 31);
    }
    for (let word = 0; word < this.#words; word++) {
      const now = this.#bits[first + word]!;
      const was = before[word]!;
      for (let bits = now & ~was; bits !== 0; bits &= bits - 1) this.became.push(word * 32 + 31 - Math.clz32(bits & -bits));
      for (let bits = was & ~now; bits !== 0; bits &= bits - 1) this.ceased.push(word * 32 + 31 - Math.clz32(bits & -bits));
    }
  }

  #add(count: number): void {
    const { found } = this.#matcher;
    const first = this.#element * this.#words;
    for (let i = 0; i < count; i++) {
      const condition = found[i]!;
      const bit = 1 << (condition & 31);
      if ((this.#bits[first + (condition >> 5)]! & bit) !== 0) continue;
      this.#bits[first + (condition >> 5)]! |= bit;
      this.became.push(condition);
    }
  }

  readonly #drop = (conditions: ArrayLike<number>, from: number, to: number): void => {
    const first = this.#element * this.#words;
    const base = this.#element * this.#frames.width;
    for (let i = from; i < to; i++) {
      const condition = conditions[i]!;
      const bit = 1 << (condition & 31);
      if ((this.#bits[first + (condition >> 5)]! & bit) === 0) continue;
      if (this.#matcher.holds(condition, this.#frames, base)) continue;
      this.#bits[first + (condition >> 5)]! &= ~bit;
      this.ceased.push(condition);
    }
  };
}
