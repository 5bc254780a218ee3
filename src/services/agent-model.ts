/** What an agent knows of one partition's model: the rows that its managers tell agents, kept up to date. */
import type { Target } from '../execute/actuators/actuator.ts';
import { Family } from '../knowledge/family.ts';
import type { ElementRow, PauseRow, ProbeRow, ReadingRow } from '../knowledge/state.ts';
import type { TuningRow } from '../knowledge/tunings.ts';
import { known } from '../knowledge/turn.ts';
import { isEverything, type Value } from '../messages.ts';

/** What a row that came did to the model. */
export type ModelChange =
  | { readonly kind: 'appeared' | 'vanished' | 'reading'; readonly element: string }
  | { readonly kind: 'tuned' | 'paused' | 'other' };

export class AgentModel {
  readonly #elements = new Map<string, ElementRow>();
  /** Readings that options of probes name, by element and property. */
  readonly #readings = new Map<string, Map<string, ReadingRow>>();
  readonly #tunings = new Map<string, TuningRow>();
  readonly #pauses = new Map<string, PauseRow>();
  readonly #probes = new Map<string, ProbeRow>();
  readonly #family = new Family([]);

  /** A row of the state, such as `elements shop/a`, as it is now; null: it is gone. */
  put(key: string, text: string | null): ModelChange {
    const tab = key.indexOf('\t');
    const name = key.slice(tab + 1);
    switch (key.slice(0, tab)) {
      case 'elements': {
        const before = this.#elements.has(name);
        if (text === null) {
          if (this.#elements.delete(name)) this.#family.remove(name);
          this.#readings.delete(name);
          return { kind: 'vanished', element: name };
        }
        this.#elements.set(name, JSON.parse(text) as ElementRow);
        if (!before) this.#family.add(name);
        return { kind: 'appeared', element: name };
      }
      case 'readings': {
        const [element = '', property = ''] = name.split('\t');
        const readings = this.#readings.get(element) ?? new Map<string, ReadingRow>();
        if (text === null) readings.delete(property);
        else readings.set(property, JSON.parse(text) as ReadingRow);
        this.#readings.set(element, readings);
        return { kind: 'reading', element };
      }
      case 'tunings':
        keep(this.#tunings, name, text);
        return { kind: 'tuned' };
      case 'pauses':
        keep(this.#pauses, name, text);
        return { kind: 'paused' };
      case 'probes':
        keep(this.#probes, name, text);
        return { kind: 'other' };
      default:
        return { kind: 'other' };
    }
  }

  element(id: string): ElementRow | undefined {
    return this.#elements.get(id);
  }

  elements(): readonly string[] {
    return [...this.#elements.keys()].sort();
  }

  target(id: string): Target | undefined {
    const row = this.#elements.get(id);
    return row && { id, type: row.document.type, properties: this.properties(id), children: this.#family.children(id) };
  }

  properties(id: string): Record<string, Value> {
    const properties: Record<string, Value> = { ...this.#elements.get(id)?.document.properties };
    for (const [name, row] of this.#readings.get(id) ?? []) {
      const value = known(row);
      if (value !== undefined) properties[name] = value;
    }
    return properties;
  }

  /** How a probe was doing when it was last told. */
  probe(name: string, element: string): ProbeRow['state'] | undefined {
    return this.#probes.get(`${name}\t${element}`)?.state;
  }

  /** The intervals that probes were given, by name, as they were written. */
  intervals(): ReadonlyMap<string, string> {
    const set = new Map<string, string>();
    for (const { part, names, layers } of this.#tunings.values()) if (part === 'interval') set.set(names[0]!, String(layers.at(-1)!.value));
    return set;
  }

  /** Whether the emergency stop is in force. */
  get stopped(): boolean {
    return [...this.#pauses.values()].some(({ scope }) => isEverything(scope));
  }
}

function keep<R>(rows: Map<string, R>, key: string, text: string | null): void {
  if (text === null) rows.delete(key);
  else rows.set(key, JSON.parse(text) as R);
}
