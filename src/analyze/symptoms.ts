/** Symptoms: which policies hold for which elements, and since when. Conditions are judged once a step, on the readings at its end (exact rule 2). */
import { inScope, type Policy } from '../knowledge/blueprint.ts';
import type { Member } from '../knowledge/members.ts';
import { endProposals } from '../knowledge/proposed.ts';
import { type Spending, type SymptomRow, symptomKey } from '../knowledge/state.ts';
import { byKey } from '../knowledge/table.ts';
import { isInForce, policyNamed } from '../knowledge/trials.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Value } from '../messages.ts';
import { factsFor, missingData, missingText, settleAbsences } from './absences.ts';
import { type Facts, judge } from './conditions.ts';
import { recordJudgement } from './flapping.ts';
import { armLatch, latchText, moveLatch } from './latches.ts';

const unspent = (): Spending => ({ committed: [], cooldownUntil: null });

export function newSymptom(policy: string, element: string): SymptomRow {
  return {
    key: symptomKey(policy, element),
    policy,
    element,
    truth: false,
    trueSince: null,
    acted: unspent(),
    observed: unspent(),
    heldBy: null,
    heldSince: null,
    heldStep: null,
    misses: 0,
    broken: false,
    dueAt: null,
    trying: null,
  };
}

/** No longer raised, and nothing holds it back; cooldowns, misses and the breaker stay. */
export function clearSymptom(row: SymptomRow): void {
  row.truth = false;
  row.trueSince = null;
  row.acted.committed = [];
  row.observed.committed = [];
  row.heldBy = null;
  row.heldSince = null;
  row.heldStep = null;
  row.dueAt = null;
  row.trying = null;
}

/** Judges the policies that may have become true, or no longer are. `all`: elements that are new, or of which the policies are. */
export function judgeSymptoms(turn: Turn, all: ReadonlySet<string>): void {
  const found: { readonly member: Member; readonly policies: readonly Policy[] }[] = [];
  const look = (member: Member | undefined, facts: readonly string[] | undefined): void => {
    const type = member?.typeIn(turn.blueprint);
    if (type === undefined) return;
    const policies = turn.derived.matching.toJudge(type, member!, facts);
    if (policies.length > 0) found.push({ member: member!, policies });
  };
  for (const member of turn.changed) if (all.size === 0 || !all.has(member.id)) look(member, member.changed);
  for (const id of all) look(turn.member(id), undefined);
  // Of many elements that change, few have anything to judge: those alone are put in order.
  found.sort((a, b) => byKey(a.member.id, b.member.id));
  for (const { member, policies } of found) judgeMember(turn, member, policies);
  for (const { policy: name, element } of [...turn.state.absences.takeDue(turn.now), ...turn.state.latches.takeDue(turn.now)]) {
    const policy = turn.policy(name, element);
    if (policy === undefined) continue;
    judgeOne(turn, policy, element);
    // No reading has changed, and yet what its gates see may have.
    turn.derived.raised.wake(symptomKey(name, element));
  }
}

function judgeMember(turn: Turn, { id, row, changed }: Member, policies: readonly Policy[]): void {
  for (const policy of policies) {
    if (!inScope(policy.scope, id, row!.document) || !isInForce(turn.state, turn.blueprint, policy, id)) continue;
    const truth = judgeOne(turn, policy, id);
    const fresh = policy.raising.flapping !== undefined && policy.facts.some((fact) => changed?.includes(fact));
    if (fresh) recordJudgement(turn, policy, id, symptomKey(policy.name, id), truth);
  }
}

/** Judges policies of certain files on elements where others decided until now, in order. */
export function judgeAnew(turn: Turn, elements: readonly string[], files: ReadonlySet<string>): void {
  for (const id of elements) {
    const member = turn.member(id);
    const policies = member?.typeIn(turn.blueprint)?.policies ?? [];
    judgeMember(
      turn,
      member!,
      policies.filter(({ source }) => files.has(source.file)),
    );
  }
}

/** Judges the policies whose set-points were set, wherever they are about. */
export function judgeRetuned(turn: Turn): void {
  for (const name of [...turn.retuned].sort()) {
    if (policyNamed(turn.blueprint, name) === undefined) continue;
    for (const element of [...turn.state.elements.rows()]) {
      const policy = turn.policy(name, element.key);
      if (policy !== undefined && inScope(policy.scope, element.key, element.document)) judgeOne(turn, policy, element.key);
    }
  }
  turn.retuned.clear();
}

/** Returns the truth of the conditions; null: unknown. */
function judgeOne(turn: Turn, policy: Policy, element: string): boolean | null {
  settleAbsences(turn, policy, element);
  const facts: Facts = factsFor(turn, policy, element);
  const truth = judge(policy.condition, facts) ?? null;
  let row = turn.symptom(policy.name, element);
  if (row === undefined) {
    // What was never true needs no row: that it is unknown can be found out at any time.
    if (truth !== true) return truth;
    row = turn.addSymptom(newSymptom(policy.name, element));
  }
  const latch = policy.raising.latch === undefined ? undefined : turn.state.latches.get(row.key);
  if (latch !== undefined && latch.since !== null) {
    const hold = moveLatch(turn, policy, latch, truth, facts);
    if (hold !== 'over') {
      keep(turn, policy, row, truth, hold === 'changed');
      return truth;
    }
    become(turn, policy, row, truth, true);
  } else if (row.truth !== truth) become(turn, policy, row, truth, false);
  if (truth === true) armLatch(turn, policy, row);
  return truth;
}

/** Its latch keeps a symptom raised, whatever the truth of its conditions is now. */
function keep(turn: Turn, policy: Policy, row: SymptomRow, truth: boolean | null, changed: boolean): void {
  if (row.truth === truth && !changed) return;
  row.truth = truth;
  turn.state.symptoms.touch(row);
  const text = latchText(turn.state, policy, row, turn.now) ?? 'raised, and its conditions are true again';
  turn.note(
    'symptom',
    `${policy.name} on ${row.element} stays ${text}${missingText(turn, policy, row.element)}`,
    { policy: policy.name, element: row.element },
    {
      is: truth === true ? 'raised' : 'kept',
      was: 'raised',
      facts: factsNow(turn, policy, row.element),
      ...missingData(turn, policy, row.element),
    },
  );
}

/**
 * A symptom is raised, cleared, or no longer known. Not true: `for` starts anew, and so does what a raise may spend (exact rules 3, 4).
 * `released`: its latch has let go, so the raise is over even if its conditions are unknown.
 */
function become(turn: Turn, policy: Policy, row: SymptomRow, truth: boolean | null, released: boolean): void {
  const was = released || row.truth;
  row.truth = truth;
  row.trueSince = truth === true ? turn.now : null;
  row.dueAt = null;
  row.heldBy = null;
  row.heldSince = null;
  row.heldStep = null;
  // An unknown in between clears nothing: the raise is over when the conditions are seen to be false.
  if (truth === false || released) {
    row.acted.committed = [];
    row.observed.committed = [];
    row.trying = null;
  }
  turn.state.symptoms.touch(row);
  if (truth === true) turn.derived.raised.add(row.key);
  else {
    turn.derived.raised.delete(row.key);
    turn.state.latches.delete(row.key);
    endProposals(turn.state, policy.name, row.element, turn.now);
  }
  if (truth === false && isBlank(row, turn.now)) turn.dropSymptom(row);
  const facts = factsNow(turn, policy, row.element);
  const word = truth === true ? 'raised' : truth === false ? 'cleared' : 'unknown';
  const missing = policy.facts.filter((fact) => facts[fact] === undefined);
  const text =
    truth === null
      ? `${policy.name} is unknown on ${row.element}: no ${missing.join(', ')}`
      : `${policy.name} is ${word} on ${row.element}${missingText(turn, policy, row.element)}`;
  turn.note(
    'symptom',
    text,
    { policy: policy.name, element: row.element },
    { is: word, was: was === true ? 'raised' : was === false ? 'cleared' : 'unknown', facts, ...missingData(turn, policy, row.element) },
  );
}

/** Whether a row says nothing that a missing one would not say: nothing is spent, and nothing is counted. */
const isBlank = ({ acted, observed, misses, broken }: SymptomRow, now: number): boolean =>
  misses === 0 && !broken && [acted, observed].every(({ cooldownUntil }) => cooldownUntil === null || cooldownUntil <= now);

/** The facts a policy reads, as it sees them; unknown ones are absent. */
export function factsNow(turn: Turn, policy: Policy, element: string): Record<string, Value> {
  const facts: Record<string, Value> = {};
  const see = factsFor(turn, policy, element);
  for (const fact of policy.facts) {
    const value = see(fact);
    if (value !== undefined) facts[fact] = value;
  }
  return facts;
}
