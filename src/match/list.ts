/** A list of numbers that is filled and emptied again and again without being made anew. */
export class List implements Iterable<number> {
  readonly #items: Int32Array;
  #length = 0;

  /** `most`: that it ever holds. */
  constructor(most: number) {
    this.#items = new Int32Array(most);
  }

  get length(): number {
    return this.#length;
  }

  add(item: number): void {
    this.#items[this.#length++] = item;
  }

  clear(): void {
    this.#length = 0;
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#items.subarray(0, this.#length)[Symbol.iterator]();
  }
}
