/** The values that one fact is asked to be among, or not among: a table, whose entries are the comparisons that a value makes true, or not. */
import type { Among, Literal } from './literals.ts';
import type { Stretch } from './rungs.ts';

export class Values {
  /** True while the fact is the value. */
  readonly #by: ReadonlyMap<unknown, Stretch>;
  /** Not true while it is the value. */
  readonly #but: ReadonlyMap<unknown, Stretch>;
  /** True of any known value but a few. */
  readonly #most: Stretch;
  readonly isEmpty: boolean;

  /** Puts its comparisons behind the others of a row. */
  constructor(asked: readonly Among[], row: Literal[]) {
    this.isEmpty = asked.length === 0;
    const [by, but] = [new Map<unknown, Among[]>(), new Map<unknown, Among[]>()];
    for (const literal of asked) for (const value of literal.values) push(literal.wanted ? by : but, value, literal);
    const put = (literals: readonly Among[]): Stretch => {
      const from = row.length;
      for (const literal of literals) row.push(literal);
      return { from, to: row.length };
    };
    this.#by = new Map([...by].map(([value, list]) => [value, put(list)]));
    this.#but = new Map([...but].map(([value, list]) => [value, put(list)]));
    this.#most = put(asked.filter(({ wanted }) => !wanted));
  }

  /** Calls with those that may become true as a fact goes from one value to another; undefined: it is unknown. */
  risen(from: unknown, to: unknown, take: (stretch: Stretch) => void): void {
    if (this.isEmpty || to === undefined || from === to) return;
    const by = this.#by.get(to);
    if (by !== undefined) take(by);
    const but = from === undefined ? this.#most : this.#but.get(from);
    if (but !== undefined) take(but);
  }
}

function push(lists: Map<unknown, Among[]>, value: unknown, literal: Among): void {
  const list = lists.get(value);
  if (list === undefined) lists.set(value, [literal]);
  else list.push(literal);
}
