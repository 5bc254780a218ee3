/**
 * Conditions as one flat program: a row of literals, each with the place to go on at when it is true and when it is not. Judging a condition walks from
 * its first literal until it leaves the program, and touches no object as long as numbers are compared.
 */
import type { Frames } from './frames.ts';
import { constant, type Form, isJoined, type Literal, slotOf } from './literals.ts';

/** Places that are none: the condition is true, or is not. */
const YES = -1;
const NO = -2;
/** More limits than there are. */
const NONE = 2 ** 31 - 1;

export class Program {
  readonly #start: Int32Array;
  /** The place, in a row of heights, of what is compared. */
  readonly #place: Int32Array;
  /** The rank that it must be above; of what is asked otherwise, one that nothing is above. */
  readonly #rank: Int32Array;
  readonly #yes: Int32Array;
  readonly #no: Int32Array;
  readonly #literals: Literal[] = [];

  constructor(forms: readonly Form[]) {
    let size = 0;
    for (const form of forms) size += sizeOf(form);
    this.#start = new Int32Array(forms.length);
    this.#place = new Int32Array(size);
    this.#rank = new Int32Array(size).fill(NONE);
    this.#yes = new Int32Array(size);
    this.#no = new Int32Array(size);
    for (let i = 0; i < forms.length; i++) {
      this.#start[i] = this.#literals.length;
      this.#put(forms[i]!, YES, NO);
    }
  }

  /** Puts a form down, to go on at `yes` or `no` after it. An empty `all` is true, an empty `any` is not. */
  #put(form: Form, yes: number, no: number): void {
    if (!isJoined(form)) return this.#putLiteral(form, yes, no);
    const isAll = form.kind === 'all';
    const last = form.parts.length - 1;
    if (last < 0) this.#putLiteral(constant(isAll), yes, no);
    for (let i = 0; i <= last; i++) {
      const part = form.parts[i]!;
      const next = this.#literals.length + sizeOf(part);
      this.#put(part, isAll && i < last ? next : yes, !isAll && i < last ? next : no);
    }
  }

  #putLiteral(literal: Literal, yes: number, no: number): void {
    const at = this.#literals.length;
    this.#literals.push(literal);
    this.#place[at] = literal.place;
    if (literal.kind === 'above') this.#rank[at] = literal.rank;
    this.#yes[at] = yes;
    this.#no[at] = no;
  }

  /** Whether a condition is known to be true of the facts in a row. */
  holds(condition: number, frames: Frames, row: number): boolean {
    const { heights, odd } = frames;
    const base = frames.baseOf(row);
    let at = this.#start[condition]!;
    do {
      const rank = this.#rank[at]!;
      const holds = heights[base + this.#place[at]!]! > rank || ((odd || rank === NONE) && this.#holdsOther(at, frames, row));
      at = holds ? this.#yes[at]! : this.#no[at]!;
    } while (at >= 0);
    return at === YES;
  }

  #holdsOther(at: number, frames: Frames, row: number): boolean {
    const literal = this.#literals[at]!;
    if (literal.kind === 'other') return literal.judge((slot) => frames.get(row, slot));
    const found = frames.get(row, slotOf(literal.place));
    // A number is above its limit, or it is not.
    if (found === undefined || (literal.kind === 'above' && typeof found === 'number')) return false;
    return (literal.kind === 'among' ? literal.values.has(found) : literal.compare(found, literal.operand)) === literal.wanted;
  }
}

/** How many literals a form becomes. */
function sizeOf(form: Form): number {
  if (!isJoined(form)) return 1;
  let size = 0;
  for (const part of form.parts) size += sizeOf(part);
  return Math.max(1, size);
}
