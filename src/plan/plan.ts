/** The plan of a step: from raised symptoms through gates, proposals and arbitration to commands, with every reason recorded. */

import type { Candidate, Hold } from '../analyze/gates/gate.ts';
import { courseOf } from '../analyze/remedies.ts';
import { factsNow } from '../analyze/symptoms.ts';
import { EVERYWHERE } from '../compile/index.ts';
import type { Action, CommandType, Policy } from '../knowledge/blueprint.ts';
import { parentOf } from '../knowledge/facts.ts';
import { HOMEOSTAT } from '../knowledge/own.ts';
import type { SymptomRow } from '../knowledge/state.ts';
import { modeOf } from '../knowledge/tunings.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Command, Firing, JournalEntry } from '../messages.ts';
import { Advice, acts } from './advice.ts';
import { arbitrate } from './arbitrate.ts';
import { Commit } from './commit.ts';
import { settle } from './limits/index.ts';
import { arbitrateObserved } from './observe.ts';
import { ownCommand } from './own.ts';
import { countHeld, remember, tellOpened } from './pacing.ts';
import { asItIs, type Proposal } from './propose.ts';
import type { Response } from './response.ts';
import { heldTogether } from './together.ts';
import type { Accepted, Loss } from './verdict.ts';

export interface Plan {
  readonly commands: readonly Command[];
  readonly firings: readonly Firing[];
}

/** What became of a symptom in this step, for its row and the journal. */
interface Fate {
  readonly symptom: SymptomRow;
  /** The first reason that held any of its actions back. */
  hold: Hold | undefined;
  until: number | null;
  /** By the index of an action: to whom it lost, and by which rule. */
  losses: Record<string, string> | undefined;
  /** What it would act on, as long as nothing but those elements' readings and its own clock can free it. */
  watch: Set<string> | undefined;
}

/** Gates that look at nothing but the symptom itself and the readings of its element and target. A remedy that did not help wakes its symptom. */
const SLEEPS = new Set(['set-aside', 'for', 'unknown', 'zone', 'dead-zone', 'tolerance', 'confidence', 'flapping', 'cooldown', 'remedy']);

/**
 * Whether what holds it back changes only as `SLEEPS` says. All gates before it must be of that kind too, or the reason would be another one
 * unnoticed: a level looks at other symptoms, and a cooldown by direction or target is asked after pauses and what settles.
 */
const sleepsOn = ({ gate }: Hold, { raising, pace }: Policy): boolean =>
  SLEEPS.has(gate) && (raising.family?.above.length ?? 0) === 0 && (gate !== 'cooldown' || pace.cooldown === undefined);

export function plan(turn: Turn, responses: readonly Response[]): Plan {
  const fates = new Map<string, Fate>();
  const advice = new Advice(turn);
  const [acting, advising, observing] = [[] as Proposal[], [] as Proposal[], [] as Proposal[]];
  /** What asks for a number that is there already: by whether it acts. */
  const content = { acting: [] as Proposal[], other: [] as Proposal[] };
  const sift = (candidate: Candidate | Hold): Proposal | Hold => ('gate' in candidate ? candidate : settle(candidate, turn));
  const enter = (policy: Policy, proposals: readonly Proposal[]): void => {
    const act = (proposal: Proposal) => acts(turn, proposal);
    // What is all or nothing is asked for as long as one of its parts is not approved.
    const all = !policy.arbitration.together || proposals.every(act);
    for (const proposal of proposals)
      (all && act(proposal) ? acting : modeOf(turn, policy) === 'advise' ? advising : observing).push(proposal);
  };
  const consider = (policy: Policy, symptom: SymptomRow, action: Action, fate: Fate): Proposal | Hold => {
    const candidate = candidateOf(turn, policy, symptom, action, false);
    const outcome = sift(candidate);
    const held = 'gate' in outcome;
    if (held && sleepsOn(outcome, policy) && 'target' in candidate) fate.watch?.add(candidate.target);
    else fate.watch = undefined;
    if (held) {
      holdBack(fate, outcome);
      advice.held(symptom, action, outcome);
      if (outcome.gate === 'unchanged' && 'target' in candidate)
        (modeOf(turn, policy) === 'act' ? content.acting : content.other).push(asItIs(candidate, turn));
    }
    return outcome;
  };
  // What is repeated is not proposed afresh beside it.
  const repeated = new Set(responses.filter(({ attempts }) => attempts.some((a) => a.repeats)).map(({ symptom }) => symptom.key));
  for (const key of turn.derived.raised.awake()) {
    if (repeated.has(key)) continue;
    const symptom = turn.state.symptoms.get(key);
    const policy = symptom === undefined ? undefined : turn.policy(symptom.policy, symptom.element);
    if (symptom === undefined || policy === undefined) continue;
    const fate: Fate = { symptom, hold: undefined, until: null, losses: undefined, watch: new Set([symptom.element]) };
    fates.set(key, fate);
    const course = courseOf(turn, policy, symptom);
    advice.turnsTo(symptom, course.actions);
    remember(turn, policy, symptom, course.actions);
    if (course.hold !== undefined) holdBack(fate, course.hold);
    const outcomes = course.actions.map((action) => consider(policy, symptom, action, fate));
    const proposals = outcomes.filter((outcome) => !('gate' in outcome)) as Proposal[];
    const together = heldTogether(policy, course.actions, outcomes);
    if (together === undefined) enter(policy, proposals);
    else for (const { candidate } of proposals) advice.held(symptom, candidate.action, together);
  }
  for (const { policy, symptom, attempts, approvedBy } of responses) {
    for (const { action, repeats, given } of attempts) {
      const candidate = candidateOf(turn, policy, symptom, action, true);
      const outcome = sift('gate' in candidate ? candidate : { ...candidate, repeats, given, approvedBy });
      if ('gate' in outcome) noteHeld(turn, symptom, outcome, { otherwise: action.command });
      else enter(policy, [outcome]);
    }
  }

  const verdict = arbitrate(turn, acting, [], content.acting);
  // Neither what is only asked nor what is only observed stands in the way of the other. Both are judged before anything is taken, by the plan that acts.
  const all = [...content.acting, ...content.other];
  const asking = arbitrate(turn, advising, verdict.accepted, all);
  const shadow = arbitrateObserved(turn, observing, verdict.accepted, all);
  const commit = new Commit(turn);
  for (const accepted of verdict.accepted) commit.act(accepted);
  tellOpened(turn, commit);
  for (const proposal of asking.accepted.flatMap(({ serves }) => serves)) {
    const fate = fates.get(proposal.candidate.symptom.key);
    const hold = advice.ask(proposal);
    if (fate !== undefined) holdBack(fate, hold);
  }
  for (const accepted of shadow.accepted) commit.observe(accepted);
  for (const loss of [...verdict.losses, ...asking.losses, ...shadow.losses]) lose(turn, fates, loss, advice);
  advice.end();
  for (const key of [...fates.keys()].sort()) {
    const fate = fates.get(key)!;
    record(turn, fate);
    if (fate.watch !== undefined) turn.derived.raised.sleep(key, [...fate.watch]);
  }
  return { commands: commit.commands, firings: firings(turn, verdict.accepted, commit) };
}

/** What an action of a symptom would act on and by which command, or why there is none. */
export function candidateOf(turn: Turn, policy: Policy, symptom: SymptomRow, action: Action, otherwise: boolean): Candidate | Hold {
  const target = targetOf(action, symptom.element);
  const command = action.target === HOMEOSTAT ? ownCommand(turn, policy, symptom, action) : commandOn(turn, target, action.command);
  if ('gate' in command) return command;
  return {
    policy,
    symptom,
    action,
    target,
    command,
    spending: modeOf(turn, policy) === 'observe' ? symptom.observed : symptom.acted,
    priority: action.priority ?? policy.priority,
    otherwise,
    repeats: false,
    given: undefined,
  };
}

/** The element that an action for an element acts on; empty: a parent that there is none of. */
export const targetOf = ({ target }: Action, element: string): string =>
  target === 'self' ? element : target === 'parent' ? (parentOf(element) ?? '') : target;

function commandOn(turn: Turn, target: string, name: string): CommandType | Hold {
  const element = turn.state.elements.get(target);
  if (element === undefined) return { gate: 'target', reason: `there is no element "${target}"` };
  const command = turn.typeOf(element)?.commands.get(name) ?? EVERYWHERE.get(name);
  return command ?? { gate: 'target', reason: `${target} has no command "${name}"` };
}

function holdBack(fate: Fate, hold: Hold): void {
  fate.hold ??= hold;
  if (hold.until !== undefined) fate.until = Math.min(fate.until ?? hold.until, hold.until);
}

/** A loss is said once for each action and winner, not at each step. */
function lose(turn: Turn, fates: Map<string, Fate>, { proposal, rule, winner, reason, until, partly }: Loss, advice: Advice): void {
  const { symptom, policy, action } = proposal.candidate;
  // An `otherwise` is made once and not again: it says nothing of what holds the symptom itself back.
  const fate = proposal.candidate.otherwise ? undefined : fates.get(symptom.key)!;
  const gate = `${rule} ${winner}`;
  const before = symptom.heldBy === null ? undefined : symptom.losses?.[action.index];
  if (fate === undefined || partly || before !== gate) {
    turn.note(
      'lost',
      `${policy.name} on ${symptom.element} lost ${partly ? 'a part ' : ''}to ${winner}: ${reason}`,
      { policy: policy.name, element: symptom.element },
      { action: action.index, rule, winner, reason, proposal: proposal.params },
    );
  }
  if (fate === undefined || partly) return;
  fate.losses = { ...fate.losses, [action.index]: gate };
  holdBack(fate, { gate, reason, ...(until === undefined ? {} : { until }) });
  advice.held(symptom, action, { gate, reason });
}

/** Writes down what holds a symptom back now; the journal hears of it when that changes, with the count of the steps before. Waiting writes nothing. */
function record(turn: Turn, { symptom, hold, until, losses }: Fate): void {
  const gate = hold?.gate ?? null;
  const lostElsewhere = JSON.stringify(losses) !== JSON.stringify(symptom.losses);
  if (losses === undefined) delete symptom.losses;
  else symptom.losses = losses;
  if (gate !== symptom.heldBy) {
    const lost = gate?.includes(' ') === true;
    if (hold !== undefined && !lost) {
      noteHeld(turn, symptom, hold, { before: symptom.heldBy, steps: symptom.heldStep === null ? 0 : turn.step - symptom.heldStep });
    }
    symptom.heldBy = gate;
    symptom.heldSince = gate === null ? null : turn.now;
    symptom.heldStep = gate === null ? null : turn.step;
  } else if (symptom.dueAt === until && !lostElsewhere) return;
  symptom.dueAt = until;
  turn.state.symptoms.touch(symptom);
}

function noteHeld(turn: Turn, { policy, element }: SymptomRow, { gate, reason, pause }: Hold, more: JournalEntry['data']): void {
  if (pause !== undefined) countHeld(turn, pause);
  turn.note('held', `${policy} on ${element} is held back by ${gate}: ${reason}`, { policy, element }, { gate, reason, ...more });
}

function firings(turn: Turn, accepted: readonly Accepted[], commit: Commit): Firing[] {
  const byKey = new Map<string, { policy: Policy; symptom: SymptomRow; commands: string[] }>();
  for (const proposal of accepted.flatMap(({ serves }) => serves)) {
    const { policy, symptom, otherwise } = proposal.candidate;
    if (otherwise) continue;
    const firing = byKey.get(symptom.key) ?? { policy, symptom, commands: [] };
    const id = commit.idOf(proposal);
    // Two actions of one policy may have been merged into one command.
    if (!firing.commands.includes(id)) firing.commands.push(id);
    byKey.set(symptom.key, firing);
  }
  return [...byKey.values()].map(({ policy, symptom, commands }) => ({
    policy: policy.name,
    element: symptom.element,
    commands,
    facts: factsNow(turn, policy, symptom.element),
    ...(symptom.truth === true ? {} : { unconfirmed: 'latched' as const }),
  }));
}
