/** Holds what a scenario expects against what it did. */

import { factsFor } from '../analyze/absences.ts';
import { judge } from '../analyze/conditions.ts';
import type { CustomWords } from '../analyze/custom.ts';
import { policiesNamed } from '../analyze/families.ts';
import type { Expected, ScenarioDocument } from '../documents/scenario.ts';
import { durationMs, formatMs } from '../duration.ts';
import type { Policy, Setup } from '../knowledge/blueprint.ts';
import { isLatched } from '../knowledge/raising.ts';
import { symptomKey } from '../knowledge/state.ts';
import { policyNamed, policyOn } from '../knowledge/trials.ts';
import { known, Turn } from '../knowledge/turn.ts';
import type { Command, JournalEntry, Value } from '../messages.ts';
import { type Moment, play } from './play.ts';

/** One thing that did not come out as expected. */
export interface Miss {
  /** JSON pointer into the scenario. */
  readonly pointer: string;
  readonly message: string;
}

export interface Verdict {
  readonly expectations: number;
  readonly steps: number;
  readonly misses: readonly Miss[];
}

interface Sent {
  readonly at: number;
  readonly command: Pick<Command, 'element' | 'command' | 'params'>;
  readonly policy: string;
  /** The policy with levels that it is a part of. */
  readonly family: string | undefined;
  /** A word to people changes nothing: it need not be expected, and does not count. */
  readonly word: boolean;
  expected: boolean;
}

const ms = (text: string | undefined): number | undefined => (text === undefined ? undefined : durationMs(text));

/** Plays a scenario and judges it. `look`: told of each of its moments. @throws HomeostatError H003 for a series that cannot be read */
export async function runScenario(
  setup: Setup,
  scenario: ScenarioDocument,
  kindOf: (actuator: string) => string | undefined,
  words?: CustomWords,
  look: (moment: Moment) => void = () => {},
): Promise<Verdict> {
  const until = Math.max(0, ...scenario.expect.flatMap((e) => [ms(e.at) ?? 0, ms(e.to) ?? 0]));
  const sent: Sent[] = [];
  const would: Sent[] = [];
  const journal: (JournalEntry & { readonly at: number })[] = [];
  const misses: Miss[] = [];
  let pending = scenario.expect.flatMap((e, i) => (e.at === undefined ? [] : [{ e, i, at: durationMs(e.at) }]));
  let steps = 0;
  for await (const moment of play(setup, scenario, kindOf, until, words)) {
    steps++;
    look(moment);
    collect(moment, sent, would, journal, kindOf);
    // An instant between two steps is judged by the earlier one.
    for (const { e, i } of pending.filter((p) => p.at < moment.nextAt)) {
      const wrong = lookAt(e, moment);
      if (wrong !== undefined) misses.push({ pointer: `/expect/${i}`, message: `at ${e.at}: ${wrong}` });
    }
    pending = pending.filter((p) => p.at >= moment.nextAt);
  }
  for (const [i, e] of scenario.expect.entries()) {
    for (const wrong of lookBack(e, sent, would, journal)) misses.push({ pointer: `/expect/${i}`, message: wrong });
  }
  for (const { at, data } of journal) {
    if (data.is === 'late')
      misses.push({ pointer: `/${String(data.id)}`, message: `at ${formatMs(at)}: nothing like it was asked and open` });
  }
  if (scenario.others !== 'allowed') {
    for (const { at, command, policy, word, expected } of sent) {
      if (!expected && !word)
        misses.push({ pointer: '/expect', message: `at ${formatMs(at)}: nobody expected ${show(command)}, for ${policy}` });
    }
  }
  return { expectations: scenario.expect.length, steps, misses };
}

function collect(
  { at, journal, commands, derived }: Moment,
  sent: Sent[],
  would: Sent[],
  all: (JournalEntry & { at: number })[],
  kindOf: (actuator: string) => string | undefined,
): void {
  const familyOf = (policy: string) => policyNamed(derived.blueprint, policy)?.raising.family?.name;
  for (const command of commands)
    sent.push({
      at,
      command,
      policy: command.policy,
      family: familyOf(command.policy),
      word: kindOf(command.actuator) === 'log',
      expected: false,
    });
  for (const entry of journal) {
    all.push({ ...entry, at });
    if (entry.kind !== 'would') continue;
    const { command, params } = entry.data as { command: string; params: Command['params'] };
    would.push({
      at,
      command: { element: entry.element!, command, params },
      policy: entry.policy!,
      family: familyOf(entry.policy!),
      word: false,
      expected: false,
    });
  }
}

/** What is wrong with the state at an instant. */
function lookAt(e: Expected, moment: Moment): string | undefined {
  const { state, derived } = moment;
  for (const [name, expected] of Object.entries(e.reading ?? {})) {
    const slash = name.lastIndexOf('/');
    const row = state.readings.get(`${name.slice(0, slash)}\t${name.slice(slash + 1)}`);
    const actual: Value | null = known(row) ?? null;
    if (actual !== expected)
      return `${name} is ${actual ?? `unknown (${row?.why ?? 'no such property'})`}; expected ${expected ?? 'unknown'}`;
  }
  if (e.policy === undefined || (e.heldBy === undefined && e.symptom === undefined)) return undefined;
  const { policies } = derived.blueprint;
  const levels = policies.has(e.policy) ? [] : policiesNamed(policies, e.policy).filter(({ raising }) => raising.family?.failSafe !== true);
  // Of a policy with levels the highest that is raised speaks for it.
  if (levels.length > 0) {
    const isRaised = (policy: Policy) =>
      [...derived.raised].some((key) =>
        e.element === undefined ? key.startsWith(`${policy.name}\t`) : key === symptomKey(policy.name, e.element),
      );
    const { reading: _, ...rest } = e;
    return lookAt({ ...rest, policy: (levels.findLast(isRaised) ?? levels[0]!).name }, moment);
  }
  const rows = [...state.symptoms.rows()].filter(
    (row) => row.policy === e.policy && (e.element === undefined || row.element === e.element),
  );
  const row = e.element === undefined ? rows[0] : state.symptoms.get(symptomKey(e.policy, e.element));
  const truth =
    row !== undefined && isLatched(state, row.key) ? 'raised' : truthOf(e.policy, e.element ?? row?.element, row?.truth, moment);
  if (e.symptom !== undefined && truth !== e.symptom) return `${e.policy} is ${truth}; expected ${e.symptom}`;
  if (e.heldBy === undefined) return undefined;
  if (row?.heldBy != null && (row.heldBy === e.heldBy || row.heldBy.split(' ').includes(e.heldBy))) return undefined;
  return `${e.policy} is ${truth}${row?.heldBy == null ? ' and not held back' : ` and held back by ${row.heldBy}`}; expected to be held back by ${e.heldBy}`;
}

/** A policy that was never true has no row: whether it is clear or unknown is found out now. */
function truthOf(
  policy: string,
  element: string | undefined,
  stored: boolean | null | undefined,
  { state, derived }: Moment,
): 'raised' | 'clear' | 'unknown' {
  const known = policyOn(state, derived.blueprint, policy, element ?? '');
  const turn = new Turn(state, derived, state.position.now, state.position.step);
  const facts = known === undefined || element === undefined ? () => undefined : factsFor(turn, known, element);
  const truth = stored !== undefined || known === undefined ? stored : (judge(known.condition, facts) ?? null);
  return truth === true ? 'raised' : truth === null ? 'unknown' : 'clear';
}

/** What is wrong with what was sent and learned. */
function* lookBack(
  e: Expected,
  sent: Sent[],
  would: Sent[],
  journal: readonly (JournalEntry & { at: number })[],
): IterableIterator<string> {
  const from = ms(e.at) ?? ms(e.from) ?? 0;
  const to = ms(e.at) ?? ms(e.to) ?? Number.POSITIVE_INFINITY;
  const span = e.at === undefined ? `from ${e.from ?? 'the start'} to ${e.to ?? 'the end'}` : `at ${e.at}`;
  const inSpan = <T extends { at: number }>(list: readonly T[]): T[] => list.filter((one) => one.at >= from && one.at <= to);
  for (const [wanted, list, word] of [[e.command, sent, 'sent'] as const, [e.would, would, 'would have been sent'] as const]) {
    if (wanted === undefined) continue;
    const found = inSpan(list).find((s) => !s.expected && fits(wanted, s.command) && isOf(e, s));
    if (found !== undefined) found.expected = true;
    else
      yield `${span}: expected ${show(wanted)}; ${word}: ${
        inSpan(list)
          .map((s) => show(s.command))
          .join(', ') || 'nothing'
      }`;
  }
  if (e.commands !== undefined) {
    const counted = inSpan(sent).filter((s) => !s.word && (e.element === undefined || s.command.element === e.element) && isOf(e, s));
    if (counted.length !== e.commands)
      yield `${span}: expected ${e.commands} commands; sent: ${counted.map((s) => `${show(s.command)} at ${formatMs(s.at)}`).join(', ') || 'none'}`;
    for (const s of counted) s.expected = true;
  }
  if (e.advice !== undefined) yield* aboutAdvice(e, e.advice, span, inSpan(journal));
  if (e.oscillation !== undefined) {
    const told = inSpan(journal).filter(({ kind, data, element }) => kind === 'oscillation' && isAbout(e, element, data.policies));
    if (!told.some(({ data }) => data.is === e.oscillation))
      yield `${span}: expected an oscillation that is ${e.oscillation}; found: ${told.map(({ text }) => text).join(', ') || 'none'}`;
  }
  if (e.effect !== undefined) {
    const effects = inSpan(journal).filter((j) => j.kind === 'effect' && (e.policy === undefined || j.policy === e.policy));
    if (!effects.some((j) => j.data.effect === e.effect))
      yield `${span}: expected an effect that is ${e.effect}; found: ${effects.map((j) => String(j.data.effect)).join(', ') || 'none'}`;
  }
}

function* aboutAdvice(e: Expected, wanted: NonNullable<Expected['advice']>, span: string, journal: readonly JournalEntry[]) {
  const { is = 'asked', command, params = {} } = wanted;
  const told = journal.filter(
    (j) => j.kind === 'advice' && (e.policy === undefined || j.policy === e.policy) && (e.element === undefined || j.element === e.element),
  );
  const found = told.some(
    ({ data }) =>
      data.is === is &&
      (command === undefined || data.command === command) &&
      Object.entries(params).every(([name, value]) => (data.params as Readonly<Record<string, Value>> | undefined)?.[name] === value),
  );
  if (!found) yield `${span}: expected advice that is ${is}; found: ${told.map(({ text }) => text).join(', ') || 'none'}`;
}

const isAbout = (e: Expected, element: string | undefined, policies: unknown): boolean =>
  (e.element === undefined || e.element === element) && (e.policy === undefined || (policies as readonly string[]).includes(e.policy));

const isOf = (e: Expected, { policy, family }: Sent): boolean => e.policy === undefined || e.policy === policy || e.policy === family;

const fits = (wanted: NonNullable<Expected['command']>, command: Sent['command']): boolean =>
  wanted.command === command.command &&
  (wanted.element === undefined || wanted.element === command.element) &&
  Object.entries(wanted.params ?? {}).every(([name, value]) => command.params[name] === value);

const show = ({
  element,
  command,
  params,
}: {
  element?: string | undefined;
  command: string;
  params?: Readonly<Record<string, Value>> | undefined;
}): string =>
  `${command}${Object.entries(params ?? {})
    .map(([name, value]) => ` ${name} ${JSON.stringify(value)}`)
    .join('')}${element === undefined ? '' : ` on ${element}`}`;
