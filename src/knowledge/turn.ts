/** One step under way: the state it changes, the blueprint it reads, and what it has to tell. Lives as long as the step. */
import type { JournalEntry, ReadingChange, Value } from '../messages.ts';
import type { Blueprint, ElementType, Policy, Property } from './blueprint.ts';
import type { Derived } from './derived.ts';
import type { Family } from './family.ts';
import type { Member, Slot } from './members.ts';
import type { CommandRow, ElementRow, ReadingRow, State, SymptomRow } from './state.ts';
import { policyOn } from './trials.ts';

/** Entries that name the version of the policies that made them. */
const DECISIONS: ReadonlySet<JournalEntry['kind']> = new Set([
  'symptom',
  'missing',
  'held',
  'lost',
  'command',
  'would',
  'advice',
  'breaker',
  'remedy',
  'tuned',
  'setAside',
]);

/** A reading that is to be made anew. */
export interface Stirred {
  readonly member: Member;
  readonly property: Property;
  readonly slot: Slot;
}

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
  /** The manager has started with this step. */
  restarted = false;
  /** Elements of which facts changed in this step; each says which. */
  readonly changed: Member[] = [];
  /** Readings to refresh, by the rank of their property. */
  readonly #stirred: Stirred[][] = [];
  readonly #left: Member[] = [];

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
    const { policy, element = '' } = about;
    // A command may be on another element than the one that its policy is about.
    const made = DECISIONS.has(kind) && policy !== undefined ? this.policy(policy, String(data.origin ?? element)) : undefined;
    const set = made && this.blueprint.sets.get(made.source.file)?.version;
    this.journal.push({ kind, time: this.now, step: this.step, ...about, text, data: set === undefined ? data : { ...data, set } });
  }

  /** The policy of a name that decides about an element. */
  policy(name: string, element: string): Policy | undefined {
    return policyOn(this.state, this.blueprint, name, element);
  }

  typeOf(element: ElementRow): ElementType | undefined {
    return this.blueprint.types.get(element.document.type);
  }

  reading(element: string, property: string): ReadingRow | undefined {
    return this.member(element)?.reading(property);
  }

  member(element: string): Member | undefined {
    return this.derived.members.get(element);
  }

  putReading(member: Member, property: string, row: ReadingRow): Slot {
    this.state.readings.put(row);
    const kept = this.state.readings.place(row.key)!;
    const slot = member.readings.get(property) ?? { kept, stirred: false };
    slot.kept = kept;
    member.readings.set(property, slot);
    return slot;
  }

  dropReading(member: Member, property: string): void {
    this.state.readings.delete(`${member.id}\t${property}`);
    member.readings.delete(property);
  }

  symptom(policy: string, element: string): SymptomRow | undefined {
    return this.member(element)?.symptoms.get(policy);
  }

  addSymptom(row: SymptomRow): SymptomRow {
    this.derived.members.at(row.element).addSymptom(row);
    return this.state.symptoms.put(row);
  }

  dropSymptom({ key, element, policy }: SymptomRow): void {
    this.state.latches.delete(key);
    this.state.symptoms.delete(key);
    this.state.breakers.delete(key);
    this.derived.raised.delete(key);
    const member = this.member(element);
    if (member === undefined) return;
    member.dropSymptom(policy);
    this.left(member);
  }

  /** The value of a fact of an element; undefined: unknown. */
  fact(element: string, name: string): Value | undefined {
    return known(this.reading(element, name));
  }

  /** Asks for a reading to be made anew in this step. `slot`: its own, where that is in hand. */
  stir(member: Member, property: Property, slot: Slot | undefined = member.readings.get(property.name)): void {
    if (slot === undefined || slot.stirred) return;
    slot.stirred = true;
    let stirred = this.#stirred[property.rank];
    if (stirred === undefined) this.#stirred[property.rank] = stirred = [];
    stirred.push({ member, property, slot });
  }

  /** Takes the readings of the lowest rank that are still to be made, in the order in which they were asked for; undefined: all are made. */
  takeStirred(): readonly Stirred[] | undefined {
    for (let rank = 0; rank < this.#stirred.length; rank++) {
      const stirred = this.#stirred[rank];
      if (stirred === undefined || stirred.length === 0) continue;
      this.#stirred[rank] = [];
      for (const { slot } of stirred) slot.stirred = false;
      return stirred;
    }
    return undefined;
  }

  markChanged(member: Member, fact: string): void {
    if (member.changed === undefined) {
      member.changed = [fact];
      this.changed.push(member);
    } else if (!member.changed.includes(fact)) member.changed.push(fact);
  }

  /** Something has left an element: perhaps the last of it. It may come again in this step. */
  left(member: Member): void {
    this.#left.push(member);
  }

  /** The step is over. */
  end(): void {
    for (const member of this.changed) member.changed = undefined;
    for (const member of this.#left) this.derived.members.sweep(member);
  }
}

/** The value of a reading; undefined while it is unknown or stale. */
export const known = (row: ReadingRow | undefined): Value | undefined =>
  row === undefined || row.why !== null || row.value === null ? undefined : row.value;
