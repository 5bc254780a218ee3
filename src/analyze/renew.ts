/** What of the raising of symptoms outlives an edit of a policy, and what of it goes with an element. */

import type { Policy } from '../knowledge/blueprint.ts';
import { inScope } from '../knowledge/blueprint.ts';
import { endProposals } from '../knowledge/proposed.ts';
import { symptomKey } from '../knowledge/state.ts';
import type { Turn } from '../knowledge/turn.ts';
import { clearSymptom } from './symptoms.ts';

/** The policy of a name that decided about an element until now. */
export type PolicyBefore = (name: string, element: string) => Policy | undefined;

/** An edit of a policy resets its `for` and latches only; its cooldown and breaker stay (exact rule 10). */
export function renewSymptoms(turn: Turn, was: PolicyBefore): void {
  for (const row of [...turn.state.symptoms.rows()]) {
    const is = turn.policy(row.policy, row.element);
    if (was(row.policy, row.element)?.source.version === is?.source.version && is !== undefined) continue;
    turn.derived.raised.delete(row.key);
    endProposals(turn.state, row.policy, row.element, turn.now);
    if (is === undefined) {
      turn.dropSymptom(row);
      continue;
    }
    // Of an element that is gone only a cooldown is kept, which an edit leaves alone.
    if (turn.state.elements.get(row.element) === undefined) continue;
    turn.state.latches.delete(row.key);
    clearSymptom(row);
    turn.state.symptoms.touch(row);
  }
}

/** An edit of a policy resets its latches: that it flaps is told anew from the judgements, which stay (exact rule 10). */
export function renewRaising(turn: Turn, was: PolicyBefore): void {
  const { state } = turn;
  renewAbsences(turn, was);
  for (const row of [...state.flaps.rows()]) {
    const policy = turn.policy(row.policy, row.element);
    if (policy?.raising.flapping === undefined || !isAbout(turn, policy, row.element)) {
      state.flaps.delete(row.key);
    } else if (policy.source.version !== was(row.policy, row.element)?.source.version && row.flapping) {
      row.flapping = false;
      state.flaps.touch(row);
    }
  }
}

/** An edit of a policy leaves what it holds: the age is that of the value. Whether it is still to be held, and what else stands, is told anew. */
function renewAbsences(turn: Turn, was: PolicyBefore): void {
  const { state } = turn;
  for (const row of [...state.absences.rows()]) {
    const policy = turn.policy(row.policy, row.element);
    const holdMs = policy?.raising.missing?.holdMs ?? null;
    if (policy?.raising.missing === undefined || !isAbout(turn, policy, row.element)) state.absences.delete(row.key);
    else if (policy.source.version !== was(row.policy, row.element)?.source.version) {
      const held = Object.entries(row.facts).filter(([, { is }]) => is === 'held' && holdMs !== null);
      row.facts = Object.fromEntries(held.map(([fact, stand]) => [fact, { ...stand, until: Math.ceil(stand.time! + holdMs!) }]));
      state.absences.touch(row);
    }
  }
}

/** Whether an element is there, of a type that is still known, and in the scope of a policy. */
function isAbout({ state, blueprint }: Turn, policy: Policy, id: string): boolean {
  const element = state.elements.get(id);
  return element !== undefined && blueprint.types.has(element.document.type) && inScope(policy.scope, id, element.document);
}

/** Nothing is remembered of an element that went. `policies`: those of its type. */
export function forgetRaising({ state }: Turn, element: string, policies: readonly Policy[]): void {
  for (const { name, raising } of policies) {
    if (raising.missing !== undefined) state.absences.delete(symptomKey(name, element));
    if (raising.flapping !== undefined) state.flaps.delete(symptomKey(name, element));
  }
}
