/** What of the raising of symptoms outlives an edit of a policy, and what of it goes with an element. */

import type { Blueprint, Policy } from '../knowledge/blueprint.ts';
import { inScope } from '../knowledge/blueprint.ts';
import { symptomKey } from '../knowledge/state.ts';
import type { Turn } from '../knowledge/turn.ts';

/** An edit of a policy resets its latches: that it flaps is told anew from the judgements, which stay (exact rule 10). */
export function renewRaising(turn: Turn, before: Blueprint): void {
  const { state, blueprint } = turn;
  renewAbsences(turn, before);
  for (const row of [...state.flaps.rows()]) {
    const policy = blueprint.policies.get(row.policy);
    if (policy?.raising.flapping === undefined || !isAbout(turn, policy, row.element)) {
      state.flaps.delete(row.key);
    } else if (policy.source.version !== before.policies.get(row.policy)?.source.version && row.flapping) {
      row.flapping = false;
      state.flaps.touch(row);
    }
  }
}

/** An edit of a policy leaves what it holds: the age is that of the value. Whether it is still to be held, and what else stands, is told anew. */
function renewAbsences(turn: Turn, before: Blueprint): void {
  const { state, blueprint } = turn;
  for (const row of [...state.absences.rows()]) {
    const policy = blueprint.policies.get(row.policy);
    const holdMs = policy?.raising.missing?.holdMs ?? null;
    if (policy?.raising.missing === undefined || !isAbout(turn, policy, row.element)) state.absences.delete(row.key);
    else if (policy.source.version !== before.policies.get(row.policy)?.source.version) {
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
