/**
 * Which conditions have become true. Asked what facts went from and to, it reaches only those of which a comparison became true, and judges them. Where
 * many facts are new it reaches conditions through the comparison of each that is rarest to be true. Whatever cannot be found by a limit or a value is judged
 * whenever one of its facts has changed. See docs/matching.md.
 */
import type { Condition } from '../analyze/conditions.ts';
import { keepCompany } from './company.ts';
import { type Asked, askedOf, laddersOf } from './facts.ts';
import { Frames } from './frames.ts';
import type { Ladder } from './ladder.ts';
import { FIRST, type Form, formOf, isJoined, type Literal, placeOf } from './literals.ts';
import { Program } from './program.ts';
import { addGuards, weigh } from './rarity.ts';
import { type Stretch, sift, siftAgain } from './rungs.ts';

/** Where more facts are new than one in so many, conditions are reached through their guards. */
const MANY = 4;

export class Matcher {
  readonly size: number;
  /** By fact: its place in a row of values. */
  readonly slots: ReadonlyMap<string, number>;
  /** The conditions that were found last: as many as was said, in no order, and one may be there more than once. */
  readonly found: Int32Array;
  /** Whether what was found last is all that is true. */
  complete = false;
  readonly #program: Program;
  readonly #ladders: readonly Ladder[];
  readonly #all: Asked;
  /** Of each condition only its guards. */
  readonly #guards: Asked;
  /** The one of them through which conditions are reached now. */
  #asked: Asked;
  /** Those that may be true whatever a guard says. */
  readonly #unguarded: Int32Array;
  /** By condition: 1 if each of its comparisons must be true. */
  readonly #isPlain: Uint8Array;
  readonly #judged: Uint32Array;
  /** Rungs that may have made their conditions true. */
  readonly #hits: Int32Array;
  /** What facts were that change together. */
  readonly #before: { readonly value: unknown; readonly up: number; readonly down: number }[] = [];
  #round = 0;
  #count = 0;
  #hit = 0;
  #frames: Frames;
  #row = 0;

  /** Conditions go by their place in the list. */
  constructor(conditions: readonly Condition[]) {
    this.size = conditions.length;
    const [slots, literals] = [new Map<string, number>(), [] as Literal[]];
    const forms = conditions.map((condition, i) => formOf(condition, i, { slots, literals }));
    this.slots = slots;
    this.#ladders = laddersOf(literals, slots.size);
    const [guards, unguarded]: [Literal[], number[]] = [[], []];
    for (let i = 0; i < forms.length; i++) {
      weigh(forms[i]!, this.#ladders);
      keepCompany(forms[i]!);
      if (!addGuards(forms[i]!, guards)) unguarded.push(i);
    }
    this.#program = new Program(forms);
    this.#all = askedOf(literals, this.#ladders);
    this.#guards = askedOf(guards, this.#ladders);
    this.#asked = this.#all;
    this.#unguarded = Int32Array.from(unguarded);
    this.#isPlain = Uint8Array.from(forms, (form) => Number(isPlain(form)));
    this.#judged = new Uint32Array(this.size);
    // One more: the last that is looked at is written down also if it is not true.
    const rungs = this.#all.rungs.conditions.length;
    this.#hits = new Int32Array(rungs + 1);
    this.found = new Int32Array(this.size + rungs);
    this.#frames = this.frames();
  }

  /** Rows for the values of elements. */
  frames(): Frames {
    return new Frames(this.#ladders);
  }

  /** Whether a condition is known to be true of the facts in a row. */
  holds(condition: number, frames: Frames, row: number): boolean {
    return this.#program.holds(condition, frames, row);
  }

  /**
   * Sets facts of an element, and finds the conditions that are true now of which a comparison was not true before. What was true all the time may be among them.
   *
   * @param row where the frames have the element
   * @param slots of the facts that are new; each once
   * @param values of those, in the same order; undefined: unknown
   * @returns how many were found
   */
  change(frames: Frames, row: number, slots: ArrayLike<number>, values: ArrayLike<unknown>): number {
    if (slots.length === 1) return this.changeOne(frames, row, slots[0]!, values[0]);
    this.#begin(frames, row);
    this.complete = slots.length * MANY > this.slots.size;
    if (this.complete) {
      for (let i = 0; i < slots.length; i++) frames.set(row, slots[i]!, values[i]);
      this.#reachAll();
      return this.#count;
    }
    const base = frames.baseOf(row);
    const before = this.#before;
    for (let i = 0; i < slots.length; i++) {
      const place = base + placeOf(slots[i]!);
      before[i] = { value: frames.get(row, slots[i]!), up: frames.heights[place]!, down: frames.heights[place + 1]! };
    }
    for (let i = 0; i < slots.length; i++) frames.set(row, slots[i]!, values[i]);
    this.#asked = this.#all;
    for (let i = 0; i < slots.length; i++) this.#reach(slots[i]!, before[i]!.value, before[i]!.up, before[i]!.down, values[i]);
    this.#settle();
    return this.#count;
  }

  /** The same for one fact. */
  changeOne(frames: Frames, row: number, slot: number, value: unknown): number {
    this.#begin(frames, row);
    this.complete = false;
    const { heights } = frames;
    const place = frames.baseOf(row) + placeOf(slot);
    const from = frames.get(row, slot);
    const up = heights[place]!;
    const down = heights[place + 1]!;
    frames.set(row, slot, value);
    this.#asked = this.#all;
    this.#reach(slot, from, up, down, value);
    this.#settle();
    return this.#count;
  }

  #begin(frames: Frames, row: number): void {
    this.#frames = frames;
    this.#row = row;
    this.#count = 0;
    this.#hit = 0;
    if (++this.#round < 0xffffffff) return;
    this.#judged.fill(0);
    this.#round = 1;
  }

  /** Through the guards: all that is true is found. */
  #reachAll(): void {
    this.#asked = this.#guards;
    const { rungs, starts, below, facts } = this.#guards;
    const { heights, odd } = this.#frames;
    const base = this.#frames.baseOf(this.#row);
    this.#take(this.#unguarded);
    if (!odd) {
      let hit = 0;
      for (let place = FIRST; place < starts.length; place++) {
        const from = starts[place]!;
        hit = sift(rungs.first, heights, base, this.#hits, hit, from, from + below[place]![heights[base + place]!]!);
      }
      this.#hit = hit;
    }
    for (let slot = 0; slot < facts.length; slot++) {
      const { values, others, numeric } = facts[slot]!;
      if (odd) this.#take(numeric);
      if (!values.isEmpty) values.risen(undefined, this.#frames.get(this.#row, slot), this.#walk);
      if (others.length > 0) this.#take(others);
    }
    this.#settle();
  }

  /** Through what has risen since a fact was something else, and its heights were others. */
  #reach(slot: number, from: unknown, upFrom: number, downFrom: number, to: unknown): void {
    if (to === undefined) return;
    const { values, others, numeric } = this.#all.facts[slot]!;
    const place = placeOf(slot);
    if (typeof to !== 'number' || this.#frames.odd) this.#take(numeric);
    else {
      this.#climb(place, upFrom);
      this.#climb(place + 1, downFrom);
    }
    if (!values.isEmpty) values.risen(from, to, this.#walk);
    if (others.length > 0) this.#take(others);
  }

  /** Looks at the rungs from a height to the one that is reached now. */
  #climb(place: number, from: number): void {
    const { heights } = this.#frames;
    const { rungs, starts } = this.#all;
    const base = this.#frames.baseOf(this.#row);
    const to = heights[base + place]!;
    const start = starts[place]!;
    if (from < to) this.#hit = sift(rungs.first, heights, base, this.#hits, this.#hit, start + from, start + to);
  }

  readonly #walk = ({ from, to }: Stretch): void => {
    const { conditions, first } = this.#asked.rungs;
    // What is no number may be read as one, which the rungs do not know.
    if (this.#frames.odd) this.#take(conditions.subarray(from, to));
    else this.#hit = sift(first, this.#frames.heights, this.#frames.baseOf(this.#row), this.#hits, this.#hit, from, to);
  };

  /** Judges the conditions of the rungs that were written down. */
  #settle(): void {
    const hits = this.#hits;
    const { conditions, certain, second } = this.#asked.rungs;
    const hit = siftAgain(second, this.#frames.heights, this.#frames.baseOf(this.#row), hits, this.#hit);
    const { found } = this;
    let count = this.#count;
    for (let k = 0; k < hit; k++) {
      const i = hits[k]!;
      const condition = conditions[i]!;
      if (certain[i] === 1 || this.#isTrue(condition)) found[count++] = condition;
    }
    this.#count = count;
  }

  /** Judges each once. */
  #take(conditions: Int32Array): void {
    for (let i = 0; i < conditions.length; i++) if (this.#isTrue(conditions[i]!)) this.found[this.#count++] = conditions[i]!;
  }

  /** Whether one that was not judged before is true. */
  #isTrue(condition: number): boolean {
    if (this.#judged[condition] === this.#round) return false;
    this.#judged[condition] = this.#round;
    return this.#program.holds(condition, this.#frames, this.#row);
  }

  /** Calls with stretches of conditions of which a comparison may be true no more since a fact went from one value to another. `surely`: it is not. */
  fallen(
    slot: number,
    from: unknown,
    to: unknown,
    take: (conditions: Int32Array, from: number, to: number, surely: boolean) => void,
  ): void {
    const { values, others, numeric } = this.#all.facts[slot]!;
    const { conditions } = this.#all.rungs;
    if (from === undefined) return;
    if (typeof from !== 'number' || this.#frames.odd) take(numeric, 0, numeric.length, false);
    else {
      // Nothing that is no number is above a limit.
      const now = typeof to === 'number' ? to : Number.NaN;
      const lower = (place: number, was: number, is: number): void => {
        const start = this.#all.starts[place]!;
        const ladder = this.#ladders[place]!;
        take(conditions, start + ladder.heightOf(is), start + ladder.heightOf(was), typeof to === 'number');
      };
      if (!(now >= from)) lower(placeOf(slot), from, now);
      if (!(now <= from)) lower(placeOf(slot) + 1, -from, -now);
    }
    if (!values.isEmpty) values.risen(to, from, (stretch) => take(conditions, stretch.from, stretch.to, false));
    if (others.length > 0) take(others, 0, others.length, false);
  }

  /** Whether a condition is untrue as soon as one of its comparisons is. */
  isPlain(condition: number): boolean {
    return this.#isPlain[condition] === 1;
  }
}

const isPlain = (form: Form): boolean => !isJoined(form) || (form.kind === 'all' && form.parts.every(isPlain));
