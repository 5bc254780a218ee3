/** Takes turns: what is asked under one key runs one after the other, in the order of asking. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` when all that was asked before under `key` has ended, however it ended. */
  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(key, mine);
    const tidy = () => {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    };
    mine.then(tidy, tidy);
    return mine;
  }
}
