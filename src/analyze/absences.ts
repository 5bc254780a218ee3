/**
 * Missing data: what a policy takes in place of a fact of its conditions that is unknown, where it says so: the last value that was known, while it is
 * no older than it says, and then a value that it states. Everything that judges, records or shows its conditions reads its facts here.
 */
import { formatMs } from '../duration.ts';
import type { Policy } from '../knowledge/blueprint.ts';
import type { AbsenceRow, Stand } from '../knowledge/raising.ts';
import { symptomKey } from '../knowledge/state.ts';
import { withSetPoints } from '../knowledge/tunings.ts';
import { known, type Turn } from '../knowledge/turn.ts';
import type { Value } from '../messages.ts';

/** The facts of a policy on an element as it sees them, its set-points included; undefined: unknown. */
export const factsFor = (turn: Turn, policy: Policy, element: string): ((fact: string) => Value | undefined) =>
  withSetPoints(turn.state, policy, measuredFor(turn, policy, element));

function measuredFor(turn: Turn, policy: Policy, element: string): (fact: string) => Value | undefined {
  const member = turn.member(element);
  if (policy.raising.missing === undefined) return (fact) => known(member?.reading(fact));
  const row = turn.state.absences.get(symptomKey(policy.name, element));
  return (fact) => known(member?.reading(fact)) ?? (row === undefined ? undefined : stoodFor(policy, row.facts[fact], fact, turn.now));
}

function stoodFor(policy: Policy, stand: Stand | undefined, fact: string, now: number): Value | undefined {
  if (stand === undefined) return undefined;
  if (stand.is === 'held' && now < stand.until!) return stand.value!;
  return stand.is === 'over' && policy.raising.missing?.values[fact] === undefined ? undefined : policy.raising.missing?.values[fact];
}

/** Brings what stands for the unknown facts of a policy up to this step, and says what changed of it. */
export function settleAbsences(turn: Turn, policy: Policy, element: string): void {
  const { missing } = policy.raising;
  if (missing === undefined) return;
  const key = symptomKey(policy.name, element);
  const before = turn.state.absences.get(key);
  const facts: Record<string, Stand> = {};
  for (const fact of missing.facts) {
    const was = before?.facts[fact];
    const is = standOf(turn, policy, element, fact, was);
    if (is !== undefined) facts[fact] = is;
    // That there is nothing to hold is said where something was held.
    if (is?.is !== was?.is && [is, was].some((stand) => stand?.is === 'held' || stand?.is === 'fallback'))
      say(turn, policy, element, fact, is);
  }
  const held = Object.values(facts).flatMap(({ is, until }) => (is === 'held' ? [until!] : []));
  const row: AbsenceRow = { key, policy: policy.name, element, facts, dueAt: held.length === 0 ? null : Math.min(...held) };
  if (Object.keys(facts).length === 0) turn.state.absences.delete(key);
  else if (JSON.stringify(row) !== JSON.stringify(before)) turn.state.absences.put(row);
}

/** What stands for a fact now; undefined: it is known, or nothing can. */
function standOf(turn: Turn, policy: Policy, element: string, fact: string, was: Stand | undefined): Stand | undefined {
  const { holdMs, values } = policy.raising.missing!;
  const reading = turn.reading(element, fact);
  if (known(reading) !== undefined) return undefined;
  const last = reading?.value ?? null;
  // A value is held from the step in which it became unknown, with the age that it had then; once let go it is not held again.
  if (was?.is === 'held' && turn.now < was.until! && last !== null) return was;
  const until = reading === undefined || holdMs === null ? 0 : Math.ceil(reading.time + holdMs);
  if (was === undefined && last !== null && turn.now < until) return { is: 'held', value: last, time: reading!.time, until };
  const stated = values[fact];
  if (stated !== undefined) return { is: 'fallback', value: stated, time: null, until: null };
  return holdMs === null ? undefined : { is: 'over', value: null, time: null, until: null };
}

function say(turn: Turn, policy: Policy, element: string, fact: string, stand: Stand | undefined): void {
  const of = `${policy.name} on ${element}`;
  const text = {
    held: () =>
      `${of} holds ${fact} at ${JSON.stringify(stand!.value)}, ${formatMs(turn.now - stand!.time!)} old, for ${formatMs(stand!.until! - turn.now)} more`,
    fallback: () => `${of} takes ${fact} for ${JSON.stringify(stand!.value)} while it is unknown`,
    over: () => `${of} lets go of ${fact}, which is unknown: the last value is too old to hold`,
    known: () => `${of} knows ${fact} again`,
  }[stand?.is ?? 'known']();
  turn.note(
    'missing',
    text,
    { policy: policy.name, element },
    { fact, is: stand?.is ?? 'known', value: stand?.value ?? null, ...(stand?.is === 'held' ? { ageMs: turn.now - stand.time! } : {}) },
  );
}

/** What stood in for an unknown fact. */
export interface Substitute {
  readonly is: 'held' | 'fallback';
  readonly value: Value;
  /** Of a held value. */
  readonly ageMs?: number;
}

/** The facts that are not known, and what the policy takes in their place; undefined: it takes nothing in the place of any. */
export function substitutes(turn: Turn, policy: Policy, element: string): Readonly<Record<string, Substitute>> | undefined {
  const row = policy.raising.missing === undefined ? undefined : turn.state.absences.get(symptomKey(policy.name, element));
  if (row === undefined) return undefined;
  const taken: Record<string, Substitute> = {};
  for (const [fact, stand] of Object.entries(row.facts)) {
    const value = known(turn.reading(element, fact)) === undefined ? stoodFor(policy, stand, fact, turn.now) : undefined;
    if (value === undefined) continue;
    const isHeld = stand.is === 'held' && turn.now < stand.until!;
    taken[fact] = isHeld ? { is: 'held', value, ageMs: turn.now - stand.time! } : { is: 'fallback', value };
  }
  return Object.keys(taken).length === 0 ? undefined : taken;
}

/** For the journal: that a decision rests on values that are not known. */
export function missingData(turn: Turn, policy: Policy, element: string): { readonly missing?: Readonly<Record<string, Substitute>> } {
  const missing = substitutes(turn, policy, element);
  return missing === undefined ? {} : { missing };
}

/** The same in words, to follow a sentence. */
export function missingText(turn: Turn, policy: Policy, element: string): string {
  const taken = Object.entries(substitutes(turn, policy, element) ?? {}).map(([fact, { is, value, ageMs }]) =>
    is === 'held'
      ? `${fact} ${JSON.stringify(value)} held at an age of ${formatMs(ageMs ?? 0)}`
      : `${fact} ${JSON.stringify(value)} by fallback`,
  );
  return taken.length === 0 ? '' : ` (${taken.join('; ')})`;
}
