/**
 * The values of facts as the matcher last saw them, a row for each element, one after the other. Each number lies there twice, as it is and with the other sign:
 * so every comparison with a number is the question whether something is above a limit. What is no number, or not known, is NaN; whatever else is known
 * lies beside. A row ends with a number that is above every limit: what asks nothing asks that.
 */

const FIRST_ROWS = 16;

export class Frames {
  /** Numbers of a row: two for each fact, and the one that is above every limit. */
  readonly width: number;
  numbers: Float64Array;
  /** By place in `numbers`. */
  readonly #others = new Map<number, unknown>();
  /** By fact: whether it is compared with numbers. */
  readonly #numeric: readonly boolean[];
  #odd = 0;
  #end = 0;
  readonly #free: number[] = [];

  constructor(numeric: readonly boolean[]) {
    this.#numeric = numeric;
    this.width = 2 * numeric.length + 1;
    this.numbers = new Float64Array(FIRST_ROWS * this.width).fill(Number.NaN);
  }

  /** Whether anything that is compared with a number is something else: it may still be read as one. */
  get odd(): boolean {
    return this.#odd > 0;
  }

  /** A row of which nothing is known. Returns its base. */
  add(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const base = this.#end;
    this.#end += this.width;
    if (this.#end > this.numbers.length) {
      const longer = new Float64Array(this.numbers.length * 2).fill(Number.NaN);
      longer.set(this.numbers);
      this.numbers = longer;
    }
    this.numbers[this.#end - 1] = Number.POSITIVE_INFINITY;
    return base;
  }

  remove(base: number): void {
    for (let slot = 0; slot < this.#numeric.length; slot++) this.set(base, slot, undefined);
    this.#free.push(base);
  }

  /** Undefined: it is not known. */
  get(base: number, slot: number): unknown {
    const place = base + 2 * slot;
    const number = this.numbers[place]!;
    return Number.isNaN(number) ? this.#others.get(place) : number;
  }

  set(base: number, slot: number, value: unknown): void {
    const place = base + 2 * slot;
    const number = typeof value === 'number' ? value : Number.NaN;
    this.numbers[place] = number;
    this.numbers[place + 1] = -number;
    const isOther = typeof value !== 'number' && value !== undefined;
    if (!isOther && this.#others.size === 0) return;
    const wasOther = this.#others.has(place);
    if (isOther) this.#others.set(place, value);
    else if (wasOther) this.#others.delete(place);
    if (this.#numeric[slot] === true) this.#odd += Number(isOther) - Number(wasOther);
  }
}
