/**
 * Which conditions have become true. Asked what facts went from and to, it reaches only those of which a comparison became true, and judges them. Where
 * many facts are new it reaches conditions through the comparison of each that is rarest to be true. Whatever cannot be found by a limit or a value is judged
 * whenever one of its facts has changed. See docs/matching.md.
 */
import type { Condition } from '../analyze/conditions.ts';
import { Asked, type AskedFact, askingOf } from './facts.ts';
import { Frames } from './frames.ts';
import type { Ladder } from './ladder.ts';
import { formOf } from './literals.ts';
import { Program } from './program.ts';
import { guardsOf, rarityOf } from './rarity.ts';

/** Where more facts are new than one in so many, conditions are reached through their guards. */
const MANY = 4;

export class Matcher {
  readonly size: number;
  /** By fact: its place in a row of values. */
  readonly slots: ReadonlyMap<string, number>;
  /** The conditions that were found last: as many as was said, in no order, and one may be there more than once. */
  readonly found: Uint32Array;
  /** Whether what was found last is all that is true. */
  complete = false;
  readonly #program: Program;
  readonly #facts: readonly AskedFact[];
  readonly #guards: readonly AskedFact[];
  /** Those that may be true whatever a guard says. */
  readonly #unguarded: readonly number[];
  /** By condition: 1 if each of its rungs asks all that it asks. */
  readonly #onRungs: Uint8Array;
  readonly #judged: Uint32Array;
  #round = 0;
  #count = 0;
  #frames: Frames;
  #base = 0;

  /** Conditions go by their place in the list. */
  constructor(conditions: readonly Condition[]) {
    this.size = conditions.length;
    const asking = conditions.map((condition) => askingOf(formOf(condition)));
    const literals = asking.flatMap((one) => one.literals);
    const names = [...new Set(literals.flatMap(({ reads }) => reads))].sort();
    this.slots = new Map(names.map((name, i) => [name, i]));
    const rarity = rarityOf(literals);
    this.#program = new Program(
      asking.map(({ form }) => form),
      this.slots,
      rarity,
    );
    const [all, guards] = [new Asked(this.slots), new Asked(this.slots)];
    const unguarded: number[] = [];
    for (const [condition, one] of asking.entries()) {
      for (const literal of one.literals) all.add(literal, condition, one);
      const guarding = guardsOf(one.form, rarity);
      if (guarding === undefined) unguarded.push(condition);
      else for (const literal of guarding) guards.add(literal, condition, one);
    }
    this.#facts = all.facts();
    this.#guards = guards.facts();
    this.#unguarded = unguarded;
    this.#onRungs = Uint8Array.from(asking, ({ onRungs }) => (onRungs ? 1 : 0));
    this.#judged = new Uint32Array(this.size);
    // One more: the last that is looked at is written down also if it is not true.
    this.found = new Uint32Array(this.size + literals.length + 1);
    this.#frames = this.frames();
  }

  /** Rows for the values of elements. */
  frames(): Frames {
    return new Frames(this.#facts.map(({ numeric }) => numeric.length > 0));
  }

  /** Whether a condition is known to be true of the facts that begin at a base. */
  holds(condition: number, frames: Frames, base: number): boolean {
    return this.#program.holds(condition, frames, base);
  }

  /**
   * Sets facts of an element, and finds the conditions that are true now of which a comparison was not true before. What was true all the time may be among them.
   *
   * @param slots of the facts that are new; each once
   * @param values of those, in the same order; undefined: unknown
   * @returns how many were found
   */
  change(frames: Frames, base: number, slots: ArrayLike<number>, values: ArrayLike<unknown>): number {
    if (slots.length === 1) return this.changeOne(frames, base, slots[0]!, values[0]);
    this.#begin(frames, base);
    this.complete = slots.length * MANY > this.slots.size;
    if (this.complete) {
      for (let i = 0; i < slots.length; i++) frames.set(base, slots[i]!, values[i]);
      this.#reachAll(frames, base);
      return this.#count;
    }
    const before = Array.from(slots, (slot) => frames.get(base, slot));
    for (let i = 0; i < slots.length; i++) frames.set(base, slots[i]!, values[i]);
    for (let i = 0; i < slots.length; i++) this.#reach(this.#facts[slots[i]!]!, before[i], values[i]);
    return this.#count;
  }

  /** The same for one fact. */
  changeOne(frames: Frames, base: number, slot: number, value: unknown): number {
    this.#begin(frames, base);
    this.complete = false;
    const before = frames.get(base, slot);
    frames.set(base, slot, value);
    this.#reach(this.#facts[slot]!, before, value);
    return this.#count;
  }

  #begin(frames: Frames, base: number): void {
    this.#frames = frames;
    this.#base = base;
    this.#count = 0;
    if (++this.#round < 0xffffffff) return;
    this.#judged.fill(0);
    this.#round = 1;
  }

  /** Through the guards: all that is true is found. */
  #reachAll(frames: Frames, base: number): void {
    this.#take(this.#unguarded);
    const { numbers, odd } = frames;
    for (let slot = 0; slot < this.#guards.length; slot++) {
      const asked = this.#guards[slot]!;
      const number = numbers[base + 2 * slot]!;
      if (odd || Number.isNaN(number)) this.#reach(asked, undefined, frames.get(base, slot));
      else {
        this.#climb(asked.up, 0, asked.up.cut(number));
        this.#climb(asked.down, 0, asked.down.cut(-number));
        if (!asked.values.isEmpty) asked.values.risen(undefined, number, this.#take);
        if (asked.others.length > 0) this.#take(asked.others);
      }
    }
  }

  #reach({ up, down, values, others, numeric }: AskedFact, from: unknown, to: unknown): void {
    if (to === undefined) return;
    if (typeof to !== 'number' || this.#frames.odd) this.#take(numeric);
    else if (typeof from === 'number') {
      if (to > from) this.#climb(up, up.cut(from), up.cut(to));
      else this.#climb(down, down.cut(-from), down.cut(-to));
    } else {
      this.#climb(up, 0, up.cut(to));
      this.#climb(down, 0, down.cut(-to));
    }
    if (!values.isEmpty) values.risen(from, to, this.#take);
    if (others.length > 0) this.#take(others);
  }

  /** Judges the conditions of a stretch of a ladder, of which a comparison has become true. */
  #climb({ conditions, firstPlaces, firstLimits, secondPlaces, secondLimits }: Ladder, from: number, to: number): void {
    if (from === to) return;
    const { found } = this;
    const { numbers } = this.#frames;
    const base = this.#base;
    const first = this.#count;
    let count = first;
    // Each is written down and then counted or not: which of them are true no processor can foresee, and a jump that was not foreseen costs more than all of this.
    for (let i = from; i < to; i++) {
      found[count] = conditions[i]!;
      count += Number(numbers[base + firstPlaces[i]!]! > firstLimits[i]!) & Number(numbers[base + secondPlaces[i]!]! > secondLimits[i]!);
    }
    let kept = first;
    for (let i = first; i < count; i++) {
      const condition = found[i]!;
      if (this.#onRungs[condition] === 1 || this.#isTrue(condition)) found[kept++] = condition;
    }
    this.#count = kept;
  }

  /** Judges each once. */
  readonly #take = (conditions: readonly number[]): void => {
    for (let i = 0; i < conditions.length; i++) if (this.#isTrue(conditions[i]!)) this.found[this.#count++] = conditions[i]!;
  };

  /** Whether one that was not judged before is true. */
  #isTrue(condition: number): boolean {
    if (this.#judged[condition] === this.#round) return false;
    this.#judged[condition] = this.#round;
    return this.#program.holds(condition, this.#frames, this.#base);
  }

  /** Calls with stretches of conditions of which a comparison may be true no more since a fact went from one value to another. */
  fallen(slot: number, from: unknown, to: unknown, take: (conditions: ArrayLike<number>, from: number, to: number) => void): void {
    const { up, down, values, others, numeric } = this.#facts[slot]!;
    if (from === undefined) return;
    if (typeof from !== 'number' || this.#frames.odd) take(numeric, 0, numeric.length);
    else if (typeof to === 'number') {
      if (to < from) take(up.conditions, up.cut(to), up.cut(from));
      else take(down.conditions, down.cut(-to), down.cut(-from));
    } else {
      take(up.conditions, 0, up.cut(from));
      take(down.conditions, 0, down.cut(-from));
    }
    if (!values.isEmpty) values.risen(to, from, (conditions) => take(conditions, 0, conditions.length));
    if (others.length > 0) take(others, 0, others.length);
  }
}
