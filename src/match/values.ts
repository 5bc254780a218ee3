/** The values that one fact is asked to be among, or not among: a table, whose entries are the conditions that a value makes true, or not. */

interface Asked {
  readonly values: ReadonlySet<unknown>;
  readonly wanted: boolean;
  readonly condition: number;
}

const NONE: readonly number[] = [];

export class Values {
  /** True while the fact is the value, and not true while it is. */
  readonly #by = new Map<unknown, number[]>();
  readonly #but = new Map<unknown, number[]>();
  /** True of any known value but a few. */
  readonly #most: number[] = [];
  readonly isEmpty: boolean;

  constructor(asked: readonly Asked[]) {
    this.isEmpty = asked.length === 0;
    for (const { values, wanted, condition } of asked) {
      for (const value of values) push(wanted ? this.#by : this.#but, value, condition);
      if (!wanted) this.#most.push(condition);
    }
  }

  /** Calls with those that may become true as a fact goes from one value to another; undefined: it is unknown. */
  risen(from: unknown, to: unknown, take: (conditions: readonly number[]) => void): void {
    if (this.isEmpty || to === undefined || from === to) return;
    take(this.#by.get(to) ?? NONE);
    take(from === undefined ? this.#most : (this.#but.get(from) ?? NONE));
  }
}

function push(lists: Map<unknown, number[]>, value: unknown, condition: number): void {
  const list = lists.get(value);
  if (list === undefined) lists.set(value, [condition]);
  else list.push(condition);
}
