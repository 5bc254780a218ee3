/** Who is whose child: derived from the ids of the elements, never stored. */
import { parentOf } from './facts.ts';
import { byKey, placeOf } from './table.ts';

const NONE: readonly string[] = [];

export class Family {
  readonly #children = new Map<string, string[]>();

  constructor(elements: Iterable<string>) {
    for (const id of elements) this.#list(id)?.push(id);
    for (const list of this.#children.values()) list.sort(byKey);
  }

  /** The children of an element in the order of their ids. */
  children(id: string): readonly string[] {
    return this.#children.get(id) ?? NONE;
  }

  add(id: string): void {
    const list = this.#list(id);
    if (list === undefined) return;
    list.splice(placeOf(list, id), 0, id);
  }

  remove(id: string): void {
    const parent = parentOf(id);
    const list = parent === undefined ? undefined : this.#children.get(parent);
    if (list === undefined) return;
    const i = placeOf(list, id);
    if (list[i] === id) list.splice(i, 1);
    if (list.length === 0) this.#children.delete(parent!);
  }

  #list(id: string): string[] | undefined {
    const parent = parentOf(id);
    if (parent === undefined) return undefined;
    let list = this.#children.get(parent);
    if (list === undefined) {
      list = [];
      this.#children.set(parent, list);
    }
    return list;
  }
}
