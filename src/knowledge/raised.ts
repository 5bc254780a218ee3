/**
 * The raised symptoms, and which of them must be looked at in a step. One that is held back only by its own clock, or by readings of certain
 * elements, sleeps until its timer rings or one of those readings changes: looking at it before would find the same.
 * Derived, never stored: after a restart all are awake, are looked at once, and fall asleep again.
 */
export class Raised {
  readonly #all = new Set<string>();
  readonly #awake = new Set<string>();
  readonly #watched = new Map<string, readonly string[]>();
  readonly #watchers = new Map<string, Set<string>>();

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#all.values();
  }

  /** The keys that must be looked at, in order. */
  awake(): string[] {
    return [...this.#awake].sort();
  }

  add(key: string): void {
    this.#all.add(key);
    this.wake(key);
  }

  delete(key: string): void {
    this.#all.delete(key);
    this.#awake.delete(key);
    this.#unwatch(key);
  }

  /** Not to be looked at until `wake`, or until one of the elements is touched. */
  sleep(key: string, elements: readonly string[]): void {
    if (!this.#awake.delete(key)) return;
    this.#watched.set(key, elements);
    for (const element of elements) {
      const watchers = this.#watchers.get(element);
      if (watchers === undefined) this.#watchers.set(element, new Set([key]));
      else watchers.add(key);
    }
  }

  wake(key: string): void {
    if (!this.#all.has(key)) return;
    this.#awake.add(key);
    this.#unwatch(key);
  }

  /** Something about an element has changed. */
  touch(element: string): void {
    const watchers = this.#watchers.get(element);
    if (watchers !== undefined) for (const key of [...watchers]) this.wake(key);
  }

  wakeAll(): void {
    for (const key of [...this.#watched.keys()]) this.wake(key);
  }

  #unwatch(key: string): void {
    for (const element of this.#watched.get(key) ?? []) {
      const watchers = this.#watchers.get(element);
      watchers?.delete(key);
      if (watchers?.size === 0) this.#watchers.delete(element);
    }
    this.#watched.delete(key);
  }
}
