/**
 * Why a policy did or did not act on an element: its conditions with the values they saw, the gates with what was missing, who won over it, and
 * what it did last. Pure: it reads the state and changes nothing.
 */

import { formatMs } from '../duration.ts';
import { HomeostatError } from '../errors.ts';
import { inScope, type Policy } from '../knowledge/blueprint.ts';
import type { Derived } from '../knowledge/derived.ts';
import { isLatched } from '../knowledge/raising.ts';
import { type State, symptomKey } from '../knowledge/state.ts';
import { policiesOn, policyNamed } from '../knowledge/trials.ts';
import { modeOf } from '../knowledge/tunings.ts';
import { Turn } from '../knowledge/turn.ts';
import type { JournalEntry, Value } from '../messages.ts';
import { LIMITS } from '../plan/limits/index.ts';
import { targetOf } from '../plan/plan.ts';
import { heldBy, intoText, type Prospect, preview } from '../plan/preview.ts';
import { nearest } from '../suggest.ts';
import { type ExplainedCondition, explainCondition, whyNot } from './explain-conditions.ts';
import { explainOscillations } from './explain-oscillation.ts';
import { type LastActed, lastActed } from './explain-past.ts';
import { type ExplainedRemedy, explainRemedies } from './explain-remedies.ts';
import { namesOf, policiesNamed } from './families.ts';
import { gatesOf } from './gates/index.ts';
import { latchText } from './latches.ts';

export interface ExplainedGate {
  readonly name: string;
  /** `notReached`: something before it holds already. */
  readonly is: 'passed' | 'holds' | 'notReached';
  /** With its number; null: there is nothing to say. */
  readonly reason: string | null;
}

export interface ExplainedAction {
  readonly command: string;
  /** The element that it would act on. */
  readonly target: string;
  /** With every value settled; null: it has not come so far. */
  readonly params: Readonly<Record<string, Value>> | null;
  readonly gates: readonly ExplainedGate[];
  readonly heldBy: { readonly gate: string; readonly reason: string; readonly winner?: string } | null;
}

export interface Explanation {
  readonly element: string;
  readonly policy: string;
  /** Where it is written. */
  readonly file: string;
  readonly pointer: string;
  readonly version: string;
  /** The version of that file; null: it is not known. */
  readonly set: string | null;
  readonly why: string | null;
  readonly mode: string;
  readonly priority: number;
  readonly now: number;
  readonly symptom: 'raised' | 'clear' | 'unknown';
  /** Since when the conditions have been true without a break. */
  readonly since: number | null;
  /** What keeps it raised although its conditions are not true now; null: nothing does, or nothing need. */
  readonly kept: string | null;
  /** The answer in one sentence. */
  readonly summary: string;
  readonly conditions: ExplainedCondition;
  readonly actions: readonly ExplainedAction[];
  /** null: the policy has none. */
  readonly remedies: readonly ExplainedRemedy[] | null;
  /** What its commands and those of others turn back on the elements that it acts on. */
  readonly oscillations: readonly string[];
  readonly lastActed: LastActed | null;
}

/** Asked after the gates, under one name each. */
const AFTER_GATES = ['value', 'arbitration'] as const;

/** The limits that a policy has: asked behind the value. */
const limitsOf = (policy: Policy): string[] => LIMITS.filter((limit) => limit.uses(policy)).map((limit) => limit.name);

/**
 * Explains one policy on an element, or all whose scope it is in.
 *
 * @param journal entries about it, oldest first: what was last done is read from them
 * @throws HomeostatError H005 if there is no such element or policy, or the one is not in the scope of the other
 */
export function explain(
  state: State,
  derived: Derived,
  element: string,
  policy: string | undefined,
  now: number,
  journal: readonly JournalEntry[],
): Explanation[] {
  const row = state.elements.get(element);
  if (row === undefined)
    throw new HomeostatError('H005', `no element is named "${element}"${nearest(element, state.elements.keys().slice(0, 1_000))}`);
  const policies = policiesOn(state, derived.blueprint, element);
  const named = policy === undefined ? undefined : policiesNamed(policies, policy);
  if (policy !== undefined && named?.length === 0)
    throw new HomeostatError(
      'H005',
      policyNamed(derived.blueprint, policy) === undefined
        ? `no policy is named "${policy}"${nearest(policy, namesOf(policies))}`
        : `${policy} is not in the version that decides about ${element}; homeostat status says which are tried`,
    );
  const covers = (p: Policy) => inScope(p.scope, element, row.document);
  if (named !== undefined && !covers(named[0]!))
    throw new HomeostatError(
      'H005',
      `${policy} is not about ${element}: its scope is ${JSON.stringify(named[0]!.scope)}, and ${element} is a ${row.document.type}`,
    );
  const turn = new Turn(state, derived, now, state.position.step);
  const prospects = preview(turn);
  const asked =
    named === undefined
      ? [...policies.values()].filter(covers).sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))
      : named;
  return asked.map((p) => explainOne(turn, p, element, prospects.get(symptomKey(p.name, element)) ?? [], journal));
}

function explainOne(
  turn: Turn,
  policy: Policy,
  element: string,
  prospects: readonly Prospect[],
  journal: readonly JournalEntry[],
): Explanation {
  const { name, source, priority, why } = policy;
  const mode = modeOf(turn, policy);
  const symptom = turn.state.symptoms.get(symptomKey(name, element));
  const conditions = explainCondition(turn, policy.condition, element, policy);
  // Without a row it was never true; whether it is false or cannot be told is to be seen.
  const truth = symptom === undefined ? (conditions.truth === null ? null : false) : symptom.truth;
  const raised = truth === true || isLatched(turn.state, symptomKey(name, element));
  const kept = symptom === undefined ? undefined : latchText(turn.state, policy, symptom, turn.now);
  const actions = raised
    ? prospects.map((prospect) => explainAction(prospect, turn))
    : policy.actions.map((action) => unreached(policy, action, turn));
  const targets = new Set([element, ...policy.actions.map((action) => targetOf(action, element))]);
  return {
    element,
    policy: name,
    file: source.file,
    pointer: source.pointer,
    version: source.version,
    set: turn.blueprint.sets.get(source.file)?.version ?? null,
    why: why ?? null,
    mode,
    priority,
    now: turn.now,
    symptom: raised ? 'raised' : truth === false ? 'clear' : 'unknown',
    since: symptom?.trueSince ?? null,
    kept: kept ?? null,
    summary: raised
      ? `${kept === undefined ? '' : `${kept}; `}${summaryOf(actions, mode)}`
      : `${truth === false ? 'not raised' : 'unknown'}: ${whyNot(conditions)}`,
    conditions,
    actions,
    remedies: explainRemedies(turn, policy, symptom, element),
    oscillations: explainOscillations(turn, policy, [...targets]),
    lastActed: lastActed(journal, name, element),
  };
}

function unreached(policy: Policy, action: Policy['actions'][number], turn: Turn): ExplainedAction {
  const gates = [...gatesOf(policy, turn).map((gate) => gate.name), AFTER_GATES[0], ...limitsOf(policy), AFTER_GATES[1]].map(
    (name): ExplainedGate => ({ name, is: 'notReached', reason: null }),
  );
  return { command: action.command, target: action.target, params: null, gates, heldBy: null };
}

function explainAction(prospect: Prospect, turn: Turn): ExplainedAction {
  const { action, candidate, proposal, policy } = prospect;
  const holds = heldBy(prospect);
  const gates: ExplainedGate[] = [];
  let held = false;
  const ask = (name: string, is: boolean, reason: string | null): void => {
    gates.push(held ? { name, is: 'notReached', reason: null } : { name, is: is ? 'holds' : 'passed', reason });
    held ||= is;
  };
  if (candidate === undefined) ask(holds?.gate ?? 'target', true, holds?.reason ?? null);
  for (const { name } of gatesOf(policy, turn))
    ask(name, holds?.gate === name, holds?.gate === name ? holds.reason : passing(name, policy));
  const limits = limitsOf(policy);
  const beyond = !held && prospect.hold !== undefined && !limits.includes(prospect.hold.gate);
  ask(beyond ? prospect.hold.gate : AFTER_GATES[0], beyond, beyond ? prospect.hold.reason : null);
  for (const name of limits) ask(name, holds?.gate === name, holds?.gate === name ? holds.reason : null);
  ask(prospect.loss?.rule ?? AFTER_GATES[1], prospect.loss !== undefined, prospect.loss?.reason ?? intoText(prospect) ?? null);
  return {
    command: action.command,
    target: candidate?.target ?? action.target,
    params: (prospect.into?.proposal ?? proposal)?.params ?? null,
    gates,
    heldBy: holds ?? null,
  };
}

/** The number by which a gate let it through. */
function passing(gate: string, { forMs, cooldownMs, pace: { cooldown } }: Policy): string | null {
  if (gate === 'for') return forMs === 0 ? null : formatMs(forMs);
  if (gate === 'cooldown' && cooldown !== undefined)
    return cooldown.upMs === cooldown.downMs ? formatMs(cooldown.upMs) : `${formatMs(cooldown.upMs)} up, ${formatMs(cooldown.downMs)} down`;
  return gate === 'cooldown' && cooldownMs !== null ? formatMs(cooldownMs) : null;
}

function summaryOf(actions: readonly ExplainedAction[], mode: string): string {
  const free = actions.filter((action) => action.heldBy === null);
  const held = actions.find((action) => action.heldBy !== null)?.heldBy;
  if (free.length > 0) {
    const what = free
      .map(({ command, params, target }) => `${[command, showParams(params ?? {})].filter((text) => text !== '').join(' ')} on ${target}`)
      .join(', ');
    return mode === 'act'
      ? `nothing holds it back: the next step will ${what}`
      : `nothing holds it back: it would ${what}, but only ${mode}s`;
  }
  return held === null || held === undefined
    ? 'it watches a canary, which it withdraws if this lasts'
    : `held back now by ${held.gate}: ${held.reason}`;
}

export const showParams = (params: Readonly<Record<string, Value>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
