/**
 * Remedies: several things that may help, tried in turn. Which is next follows from what this raise has tried already, from their guards, and,
 * where the policy says so, from what worked before on elements of the type.
 */
import type { Action, Expectation, Policy, Remedy } from '../knowledge/blueprint.ts';
import { isLatched } from '../knowledge/raising.ts';
import type { CommandRow, SymptomRow, Trying } from '../knowledge/state.ts';
import { lookupFor } from '../knowledge/tunings.ts';
import type { Turn } from '../knowledge/turn.ts';
import { judge } from './conditions.ts';
import type { Hold } from './gates/gate.ts';
import type { Truth } from './operators.ts';

/** What a raised symptom asks for now: all its policy's actions or, of remedies, those of one; none with the reason. */
interface Course {
  readonly remedy: Remedy | undefined;
  readonly actions: readonly Action[];
  readonly hold: Hold | undefined;
}

const NOTHING_TRIED = (): Trying => ({ remedy: null, commands: [], missed: [], atOnce: false, retries: {} });

/** What a raise has tried, to be changed; its row must be touched. */
export const tryingOf = (symptom: SymptomRow): Trying => {
  symptom.trying ??= NOTHING_TRIED();
  return symptom.trying;
};

/** Whether a symptom is raised: its conditions are true, or its latch keeps it. */
export const isRaised = (turn: Turn, symptom: SymptomRow): boolean => symptom.truth === true || isLatched(turn.state, symptom.key);

/** Whether its raise goes on: unknown in between does not end it. */
export const goesOn = (turn: Turn, symptom: SymptomRow): boolean => symptom.truth === null || isRaised(turn, symptom);

export function courseOf(turn: Turn, policy: Policy, symptom: SymptomRow): Course {
  const { remedies } = policy.means;
  if (remedies === undefined) return { remedy: undefined, actions: policy.actions, hold: undefined };
  const under = underWay(turn, policy, symptom);
  const remedy = under ?? left(turn, policy, symptom).find((one) => guardOf(turn, policy, one, symptom.element) === true);
  if (remedy !== undefined) return { remedy, actions: remedy.actions, hold: undefined };
  return { remedy: undefined, actions: [], hold: { gate: 'remedy', reason: whyNone(turn, policy, symptom) } };
}

/** A remedy is not left for another while what came of its commands is not known. */
function underWay(turn: Turn, policy: Policy, { trying }: SymptomRow): Remedy | undefined {
  if (trying == null || !trying.commands.some((id) => turn.state.commands.get(id) !== undefined)) return undefined;
  return policy.means.remedies?.find(({ name }) => name === trying.remedy && !trying.missed.includes(name));
}

/** Those that this raise has not tried in vain, in the order in which they are to be tried. */
function left(turn: Turn, policy: Policy, symptom: SymptomRow): Remedy[] {
  const all = ranked(turn, policy, symptom.element);
  return all.filter(({ name }) => symptom.trying == null || !symptom.trying.missed.includes(name));
}

/** By the share of effects seen, as if one more had been seen and one more missed (Laplace's rule of succession); ties stay in order. */
export function ranked(turn: Turn, policy: Policy, element: string): readonly Remedy[] {
  const remedies = policy.means.remedies ?? [];
  if (!policy.means.byWorked) return remedies;
  const share = (remedy: Remedy): number => {
    const { tries, seen } = workedOf(turn, policy, element, remedy.name);
    return (seen + 1) / (tries + 2);
  };
  return [...remedies].sort((a, b) => share(b) - share(a));
}

const tallyKey = (turn: Turn, policy: Policy, element: string, remedy: string): string =>
  `${policy.name}\t${turn.state.elements.get(element)?.document.type ?? ''}\t${remedy}`;

/** How often a remedy was tried on elements of the same type, and how often its effect was seen. */
export function workedOf(turn: Turn, policy: Policy, element: string, remedy: string): { readonly tries: number; readonly seen: number } {
  const row = turn.state.remedies.get(tallyKey(turn, policy, element, remedy));
  return { tries: row?.tries ?? 0, seen: row?.seen ?? 0 };
}

/** Counts a command of a remedy whose effect was seen, or which failed or missed it. What cannot be known counts for nothing. */
export function tally(turn: Turn, policy: Policy, row: CommandRow, seen: boolean): void {
  const remedy = row.otherwise ? undefined : remedyOf(policy, row.action);
  if (remedy === undefined || turn.state.elements.get(row.origin) === undefined) return;
  const key = tallyKey(turn, policy, row.origin, remedy.name);
  const counts = turn.state.remedies.get(key) ?? turn.state.remedies.put({ key, tries: 0, seen: 0 });
  counts.tries++;
  if (seen) counts.seen++;
  turn.state.remedies.touch(counts);
}

/** The remedy that an action is part of. */
export const remedyOf = (policy: Policy, action: number): Remedy | undefined =>
  policy.means.remedies?.find(({ actions }) => actions.some(({ index }) => index === action));

/** What is expected of a command. */
export const expectationOf = (policy: Policy | undefined, row: Pick<CommandRow, 'action' | 'otherwise'>): Expectation | undefined =>
  policy === undefined || row.otherwise
    ? undefined
    : policy.means.remedies === undefined
      ? policy.expect
      : remedyOf(policy, row.action)?.expect;

/** True where there is no guard; a guard that is unknown does not let its remedy be tried. */
export const guardOf = (turn: Turn, policy: Policy, { guard }: Remedy, element: string): Truth =>
  guard === undefined ? true : judge(guard, lookupFor(turn, policy, element));

function whyNone(turn: Turn, policy: Policy, symptom: SymptomRow): string {
  const missed = symptom.trying?.missed ?? [];
  const tried = missed.length === 0 ? '' : `${missed.join(', ')} did not help`;
  const open = left(turn, policy, symptom).map((remedy) => {
    const truth = guardOf(turn, policy, remedy, symptom.element);
    return `the guard of ${remedy.name} ${truth === undefined ? 'is unknown' : 'does not hold'}`;
  });
  if (open.length === 0) return `${tried}, and nothing is left to try: a person must look`;
  return [...(tried === '' ? [] : [tried]), ...open].join('; ');
}

/** A command of a raise: what is tried, and that it has had its turn. */
export function begin(turn: Turn, policy: Policy, symptom: SymptomRow, action: number, command: string): void {
  const remedy = remedyOf(policy, action);
  if (remedy === undefined) return;
  const trying = tryingOf(symptom);
  trying.commands = [
    ...trying.commands.filter((id) => trying.remedy === remedy.name && turn.state.commands.get(id) !== undefined),
    command,
  ];
  trying.remedy = remedy.name;
  trying.atOnce = false;
}

/** A remedy did not help: the next one has its turn, without waiting for the cooldown; where there is none a person is told. */
export function pass(turn: Turn, policy: Policy, symptom: SymptomRow, remedy: Remedy): void {
  const trying = tryingOf(symptom);
  if (trying.missed.includes(remedy.name)) return;
  trying.missed.push(remedy.name);
  trying.commands = [];
  trying.atOnce = true;
  turn.state.symptoms.touch(symptom);
  turn.derived.raised.wake(symptom.key);
  const course = courseOf(turn, policy, symptom);
  const about = { policy: policy.name, element: symptom.element };
  const data = { missed: [...trying.missed], next: course.remedy?.name ?? null };
  if (course.remedy !== undefined) {
    turn.note('remedy', `${remedy.name} did not help ${symptom.element}; ${policy.name} goes on to ${course.remedy.name}`, about, data);
    return;
  }
  turn.state.count('remedies.exhausted');
  turn.note('remedy', `${policy.name} has nothing left to try on ${symptom.element}: ${course.hold!.reason}`, about, data);
}
