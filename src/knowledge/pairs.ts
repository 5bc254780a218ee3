/** Rows of a table by two parts of their key, so that one is found without making up its key. */
export class Pairs<R> {
  readonly #of = new Map<string, Map<string, R>>();

  of(first: string): ReadonlyMap<string, R> | undefined {
    return this.#of.get(first);
  }

  get(first: string, second: string): R | undefined {
    return this.#of.get(first)?.get(second);
  }

  put(first: string, second: string, row: R): void {
    const rows = this.#of.get(first);
    if (rows === undefined) this.#of.set(first, new Map([[second, row]]));
    else rows.set(second, row);
  }

  delete(first: string, second: string): void {
    const rows = this.#of.get(first);
    rows?.delete(second);
    if (rows?.size === 0) this.#of.delete(first);
  }
}

/** The two parts of a key. */
export function partsOf(key: string): [first: string, second: string] {
  const tab = key.indexOf('\t');
  return [key.slice(0, tab), key.slice(tab + 1)];
}
