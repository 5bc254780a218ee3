/** The commands from their commit to the end of their effect, by the element they act on. Derived, never stored. */
import type { CommandRow } from './state.ts';
import { byKey } from './table.ts';

const NONE: readonly CommandRow[] = [];

export class InFlight {
  readonly #byElement = new Map<string, CommandRow[]>();
  /** Keys of the commands whose effect is awaited. */
  readonly settling = new Set<string>();

  constructor(rows: Iterable<CommandRow>) {
    for (const row of rows) {
      this.add(row);
      if (row.phase === 'settling') this.settling.add(row.key);
    }
  }

  /** Those on an element, in the order of their ids. */
  on(element: string): readonly CommandRow[] {
    return this.#byElement.get(element) ?? NONE;
  }

  add(row: CommandRow): void {
    const rows = this.#byElement.get(row.element);
    if (rows === undefined) this.#byElement.set(row.element, [row]);
    else rows.splice(0, rows.length, ...[...rows, row].sort((a, b) => byKey(a.key, b.key)));
  }

  remove(row: CommandRow): void {
    this.settling.delete(row.key);
    const rows = (this.#byElement.get(row.element) ?? []).filter((r) => r.key !== row.key);
    if (rows.length === 0) this.#byElement.delete(row.element);
    else this.#byElement.set(row.element, rows);
  }
}
