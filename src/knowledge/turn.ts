/** One step under way: the state it changes, the blueprint it reads, and what it has to tell. Lives as long as the step. */
import type { JournalEntry, ReadingChange, Value } from '../messages.ts';
import type { Blueprint, ElementType, Property } from './blueprint.ts';
import type { Derived } from './derived.ts';
import type { Family } from './family.ts';
import type { CommandRow, ElementRow, ReadingRow, State, SymptomRow } from './state.ts';

export class Turn {
  readonly state: State;
  readonly derived: Derived;
  readonly now: number;
  readonly step: number;
  readonly journal: JournalEntry[] = [];
  readonly readings: ReadingChange[] = [];
  /** Commands that failed or timed out in this step. */
  readonly failed: CommandRow[] = [];
  /** Policies whose set-points were set in this step: they are judged everywhere. */
  readonly retuned = new Set<string>();
  /** Elements that appeared in this step, or have other labels: all their policies are judged. */
  readonly born = new Set<string>();
  /** Facts that changed in this step, by element; each once. */
  readonly changed = new Map<string, string[]>();
  /** Readings to refresh, by the rank of their property; keys as in the table of readings. */
  readonly #stirred: Map<string, readonly [element: string, property: Property]>[] = [];

  constructor(state: State, derived: Derived, now: number, step: number) {
    this.state = state;
    this.derived = derived;
    this.now = now;
    this.step = step;
  }

  get blueprint(): Blueprint {
    return this.derived.blueprint;
  }

  get family(): Family {
    return this.derived.family;
  }

  note(
    kind: JournalEntry['kind'],
    text: string,
    about: { element?: string; policy?: string; command?: string },
    data: JournalEntry['data'] = {},
  ): void {
    this.journal.push({ kind, time: this.now, step: this.step, ...about, text, data });
  }

  typeOf(element: ElementRow): ElementType | undefined {
    return this.blueprint.types.get(element.document.type);
  }

  reading(element: string, property: string): ReadingRow | undefined {
    return this.derived.slots.get(element, property);
  }

  putReading(element: string, property: string, row: ReadingRow): void {
    this.state.readings.put(row);
    this.derived.slots.put(element, property, row);
  }

  dropReading(element: string, property: string): void {
    this.state.readings.delete(`${element}\t${property}`);
    this.derived.slots.delete(element, property);
  }

  symptom(policy: string, element: string): SymptomRow | undefined {
    return this.derived.symptoms.get(element, policy);
  }

  addSymptom(row: SymptomRow): SymptomRow {
    this.derived.symptoms.put(row.element, row.policy, row);
    return this.state.symptoms.put(row);
  }

  dropSymptom({ key, element, policy }: SymptomRow): void {
    this.state.latches.delete(key);
    this.state.symptoms.delete(key);
    this.state.breakers.delete(key);
    this.derived.symptoms.delete(element, policy);
    this.derived.raised.delete(key);
  }

  /** The value of a fact of an element; undefined: unknown. */
  fact(element: string, name: string): Value | undefined {
    return known(this.reading(element, name));
  }

  /** Asks for a reading to be made anew in this step. `row`: its own, where that is in hand. */
  stir(element: string, property: Property, row = this.reading(element, property.name)): void {
    let stirred = this.#stirred[property.rank];
    if (stirred === undefined) this.#stirred[property.rank] = stirred = new Map();
    const key = row?.key ?? `${element}\t${property.name}`;
    if (!stirred.has(key)) stirred.set(key, [element, property]);
  }

  /** Takes the readings of the lowest rank that are still to be made, in order; undefined: all are made. */
  takeStirred(): (readonly [element: string, property: Property])[] | undefined {
    for (let rank = 0; rank < this.#stirred.length; rank++) {
      const stirred = this.#stirred[rank];
      if (stirred === undefined || stirred.size === 0) continue;
      this.#stirred[rank] = new Map();
      return [...stirred.keys()].sort().map((key) => stirred.get(key)!);
    }
    return undefined;
  }

  markChanged(element: string, fact: string): void {
    const facts = this.changed.get(element);
    if (facts === undefined) this.changed.set(element, [fact]);
    else if (!facts.includes(fact)) facts.push(fact);
  }
}

/** The value of a reading; undefined while it is unknown or stale. */
export const known = (row: ReadingRow | undefined): Value | undefined =>
  row === undefined || row.why !== null || row.value === null ? undefined : row.value;
