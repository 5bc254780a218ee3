/**
 * Which policies must be judged when facts of an element have changed: those with a symptom there that read one of them, those that take something in the
 * place of what is missing or count how often they change, and those that have become true. A policy that is at rest on an element, and stays untrue, costs nothing.
 */
import type { ElementType, Policy } from '../knowledge/blueprint.ts';
import type { Member } from '../knowledge/members.ts';
import { isSetPoint } from '../knowledge/tunings.ts';
import { known } from '../knowledge/turn.ts';
import type { Frames } from '../match/frames.ts';
import { Matcher } from '../match/matcher.ts';

/** What a step asks. The straightforward way, which judges whatever reads a changed fact, answers too: it is the oracle in test/match. */
export interface Matching {
  /** In the order of the type. `facts`: those that changed; undefined: the element or the policies are new. */
  toJudge(type: ElementType, member: Member, facts: readonly string[] | undefined): readonly Policy[];
  /** An element has gone. */
  forget(type: ElementType, member: Member): void;
}

export class IndexedMatching implements Matching {
  /** A type is another after each reload. */
  readonly #types = new WeakMap<ElementType, TypeMatching>();

  toJudge(type: ElementType, member: Member, facts: readonly string[] | undefined): readonly Policy[] {
    return this.#of(type).toJudge(member, facts);
  }

  forget(type: ElementType, member: Member): void {
    this.#types.get(type)?.forget(member);
  }

  #of(type: ElementType): TypeMatching {
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    const made = new TypeMatching(type);
    this.#types.set(type, made);
    return made;
  }
}

class TypeMatching {
  readonly #policies: readonly Policy[];
  readonly #places: ReadonlyMap<string, number>;
  /** Of two versions of a policy the place of the other. */
  readonly #twins: ReadonlyMap<string, number>;
  readonly #facts: readonly ReadonlySet<string>[];
  readonly #matcher: Matcher;
  /** By the matcher's number: the place of the policy in the type. */
  readonly #matched: Uint32Array;
  /** Those that are judged whenever they read what has changed, by fact. */
  readonly #always = new Map<string, number[]>();
  readonly #alwaysAll: number[] = [];
  readonly #frames: Frames;
  readonly #slotNames: readonly string[];
  readonly #slots: number[] = [];
  readonly #values: unknown[] = [];

  constructor({ policies }: ElementType) {
    this.#policies = policies;
    const places = policies.map(({ name }, i) => [name, i] as const);
    this.#places = new Map(places);
    this.#twins = new Map(places.filter(([name, i]) => this.#places.get(name) !== i));
    this.#facts = policies.map(({ facts, raising }) => new Set([...facts, ...raising.reads]));
    const matched: number[] = [];
    for (const [i, policy] of policies.entries()) {
      if (isMatched(policy)) matched.push(i);
      else {
        this.#alwaysAll.push(i);
        for (const fact of this.#facts[i]!) {
          const list = this.#always.get(fact);
          if (list === undefined) this.#always.set(fact, [i]);
          else list.push(i);
        }
      }
    }
    this.#matched = Uint32Array.from(matched);
    this.#matcher = new Matcher(matched.map((i) => policies[i]!.condition));
    this.#frames = this.#matcher.frames();
    this.#slotNames = [...this.#matcher.slots.keys()];
  }

  forget(member: Member): void {
    if (member.framed !== this) return;
    member.framed = undefined;
    this.#frames.remove(member.frame);
  }

  toJudge(member: Member, facts: readonly string[] | undefined): readonly Policy[] {
    const found: number[] = [];
    for (const name of member.symptoms.keys()) {
      const place = this.#places.get(name);
      if (place !== undefined && this.#reads(place, facts)) found.push(place);
      const twin = this.#twins.size === 0 ? undefined : this.#twins.get(name);
      if (twin !== undefined && this.#reads(twin, facts)) found.push(twin);
    }
    if (facts === undefined) {
      found.push(...this.#alwaysAll);
      this.forget(member);
    } else if (this.#always.size > 0) for (const fact of facts) found.push(...(this.#always.get(fact) ?? []));
    this.#match(member, facts ?? [], found);
    if (found.length < 2) return found.map((place) => this.#policies[place]!);
    found.sort((a, b) => a - b);
    return found.filter((place, i) => place !== found[i - 1]).map((place) => this.#policies[place]!);
  }

  #reads(place: number, facts: readonly string[] | undefined): boolean {
    return facts === undefined || facts.some((fact) => this.#facts[place]!.has(fact));
  }

  /** Adds those that have become true. */
  #match(member: Member, facts: readonly string[], found: number[]): void {
    const [slots, values] = [this.#slots, this.#values];
    slots.length = 0;
    values.length = 0;
    // Of an element that is seen for the first time, as after a restart, every fact is new to the matcher.
    for (const fact of member.framed === this ? facts : this.#slotNames) {
      const slot = this.#matcher.slots.get(fact);
      if (slot === undefined) continue;
      slots.push(slot);
      values.push(known(member.reading(fact)));
    }
    if (slots.length === 0) return;
    if (member.framed !== this) {
      member.framed = this;
      member.frame = this.#frames.add();
    }
    const row = member.frame;
    const count =
      slots.length === 1
        ? this.#matcher.changeOne(this.#frames, row, slots[0]!, values[0])
        : this.#matcher.change(this.#frames, row, slots, values);
    for (let i = 0; i < count; i++) found.push(this.#matched[this.#matcher.found[i]!]!);
  }
}

/** Whether only its conditions, and only facts of the element, say when it must be judged. */
const isMatched = ({ facts, raising }: Policy): boolean =>
  raising.missing === undefined && raising.flapping === undefined && !facts.some(isSetPoint);
