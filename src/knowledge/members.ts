/**
 * The elements, each with its row, its readings, its series and its symptoms at hand, so that an observation finds all that it touches through the id of its
 * element alone. Derived, never stored.
 */
import type { Blueprint, ElementType } from './blueprint.ts';
import type { ElementRow, ReadingRow, State, SymptomRow } from './state.ts';
import { type Kept, partsOf } from './table.ts';
import type { Track } from './tracks.ts';

/** A reading of an element. */
export interface Slot {
  kept: Kept<ReadingRow>;
  /** It is to be made anew in this step. */
  stirred: boolean;
}

const NONE: ReadonlyMap<string, SymptomRow> = new Map();

export class Member {
  readonly id: string;
  /** Undefined: the element has gone, and only what a policy did to it is remembered. */
  row: ElementRow | undefined;
  readonly readings = new Map<string, Slot>();
  /** Series that were met. */
  readonly tracks = new Map<string, Track>();
  /** Facts that changed in the step under way, each once. */
  changed: string[] | undefined;
  /** The row of whoever finds its policies, and who that is. */
  frame = -1;
  framed: object | undefined;
  #symptoms: Map<string, SymptomRow> | undefined;
  #type: ElementType | undefined;
  #blueprint: Blueprint | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** By policy. */
  get symptoms(): ReadonlyMap<string, SymptomRow> {
    return this.#symptoms ?? NONE;
  }

  reading(property: string): ReadingRow | undefined {
    return this.readings.get(property)?.kept.row ?? undefined;
  }

  typeIn(blueprint: Blueprint): ElementType | undefined {
    if (this.#blueprint !== blueprint) {
      this.#type = this.row && blueprint.types.get(this.row.document.type);
      this.#blueprint = blueprint;
    }
    return this.#type;
  }

  /** Another document, or none any more. */
  become(row: ElementRow | undefined): void {
    this.row = row;
    this.#blueprint = undefined;
  }

  addSymptom(row: SymptomRow): void {
    this.#symptoms ??= new Map();
    this.#symptoms.set(row.policy, row);
  }

  dropSymptom(policy: string): void {
    this.#symptoms?.delete(policy);
    if (this.#symptoms?.size === 0) this.#symptoms = undefined;
  }
}

export class Members {
  readonly #byId = new Map<string, Member>();

  constructor(state: State) {
    for (const row of state.elements.unordered()) this.at(row.key).row = row;
    for (const kept of state.readings.places()) {
      const [element, property] = partsOf(kept.key);
      this.at(element).readings.set(property, { kept, stirred: false });
    }
    for (const row of state.symptoms.rows()) this.at(row.element).addSymptom(row);
  }

  get(id: string): Member | undefined {
    return this.#byId.get(id);
  }

  /** Made where it is not there yet. */
  at(id: string): Member {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const member = new Member(id);
    this.#byId.set(id, member);
    return member;
  }

  /** Forgets a member of which nothing is left. */
  sweep(member: Member): void {
    if (member.row === undefined && member.symptoms.size === 0 && member.readings.size === 0) this.#byId.delete(member.id);
  }
}
