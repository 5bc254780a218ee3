/** What the plan would be if it were made now: the same gates and the same arbitration, asked without changing anything. */

import type { Candidate, Hold } from '../analyze/gates/gate.ts';
import { courseOf } from '../analyze/remedies.ts';
import type { Mode } from '../documents/policy.ts';
import type { Action, Policy } from '../knowledge/blueprint.ts';
import type { SymptomRow } from '../knowledge/state.ts';
import { modeOf } from '../knowledge/tunings.ts';
import type { Turn } from '../knowledge/turn.ts';
import { acts, awaiting } from './advice.ts';
import { arbitrate } from './arbitrate.ts';
import { settle } from './limits/index.ts';
import { arbitrateObserved } from './observe.ts';
import { candidateOf } from './plan.ts';
import { asItIs, type Proposal } from './propose.ts';
import { heldTogether } from './together.ts';
import type { Accepted, Loss } from './verdict.ts';

/** What would become of one action of a raised symptom. Neither hold nor loss: it would be done, or would have been. */
export interface Prospect {
  readonly policy: Policy;
  readonly symptom: SymptomRow;
  readonly action: Action;
  /** Absent if what it would act on is not there. */
  readonly candidate?: Candidate;
  readonly hold?: Hold;
  readonly proposal?: Proposal;
  readonly loss?: Loss;
  /** What would be sent, where that is not what it asks for: others are merged into it, or a pool grants a part. */
  readonly into?: Accepted;
}

/** The prospects of all raised symptoms, by the key of the symptom. */
export function preview(turn: Turn): ReadonlyMap<string, readonly Prospect[]> {
  const prospects = [...turn.derived.raised].sort().flatMap((key) => {
    const symptom = turn.state.symptoms.get(key);
    const policy = symptom && turn.policy(symptom.policy, symptom.element);
    return symptom && policy ? prospectsOf(turn, policy, symptom) : [];
  });
  const unapproved = new Set(
    prospects.flatMap(({ policy, proposal, symptom }) =>
      policy.arbitration.together && proposal && !acts(turn, proposal) ? [symptom.key] : [],
    ),
  );
  const asOf = (policy: Policy, proposal: Proposal): Mode =>
    !unapproved.has(proposal.candidate.symptom.key) && acts(turn, proposal) ? 'act' : modeOf(turn, policy);
  const proposals = (as: Mode) =>
    prospects.flatMap(({ policy, proposal, hold }) => (proposal && !hold && asOf(policy, proposal) === as ? [proposal] : []));
  const content = (whose: (policy: Policy) => boolean) =>
    prospects.flatMap(({ policy, candidate, hold }) =>
      candidate !== undefined && hold?.gate === 'unchanged' && whose(policy) ? [asItIs(candidate, turn)] : [],
    );
  const verdict = arbitrate(
    turn,
    proposals('act'),
    [],
    content((policy) => modeOf(turn, policy) === 'act'),
  );
  const all = content(() => true);
  const asking = arbitrate(turn, proposals('advise'), verdict.accepted, all);
  const shadow = arbitrateObserved(turn, proposals('observe'), verdict.accepted, all);
  const losses = new Map(
    [...verdict.losses, ...asking.losses, ...shadow.losses].flatMap((loss) => (loss.partly ? [] : [[loss.proposal, loss] as const])),
  );
  const asked = new Map(asking.accepted.flatMap(({ serves }) => serves).map((proposal) => [proposal, awaiting(turn, proposal)]));
  const into = new Map(
    [...verdict.accepted, ...shadow.accepted].flatMap((accepted) =>
      accepted.merged.length > 0 || accepted.grant ? accepted.serves.map((proposal) => [proposal, accepted] as const) : [],
    ),
  );
  const byKey = new Map<string, Prospect[]>();
  for (const prospect of prospects) {
    const loss = prospect.proposal && losses.get(prospect.proposal);
    const hold = prospect.proposal && asked.get(prospect.proposal);
    const merged = prospect.proposal && into.get(prospect.proposal);
    const list = byKey.get(prospect.symptom.key) ?? [];
    list.push({
      ...prospect,
      ...(loss === undefined ? {} : { loss }),
      ...(hold === undefined ? {} : { hold }),
      ...(merged === undefined ? {} : { into: merged }),
    });
    byKey.set(prospect.symptom.key, list);
  }
  return byKey;
}

/** Of remedies only the one whose turn it is; where it is the turn of none, all with the reason. */
function prospectsOf(turn: Turn, policy: Policy, symptom: SymptomRow): Prospect[] {
  const { actions, hold } = courseOf(turn, policy, symptom);
  if (hold !== undefined) return policy.actions.map((action) => ({ policy, symptom, action, hold }));
  const list = actions.map((action) => prospectOf(turn, policy, symptom, action));
  const together = heldTogether(
    policy,
    actions,
    list.map((prospect) => prospect.hold ?? prospect.proposal!),
  );
  return together === undefined ? list : list.map((prospect) => (prospect.hold === undefined ? { ...prospect, hold: together } : prospect));
}

function prospectOf(turn: Turn, policy: Policy, symptom: SymptomRow, action: Action): Prospect {
  const about = { policy, symptom, action };
  const candidate = candidateOf(turn, policy, symptom, action, false);
  if ('gate' in candidate) return { ...about, hold: candidate };
  const outcome = settle(candidate, turn);
  return 'gate' in outcome ? { ...about, candidate, hold: outcome } : { ...about, candidate, proposal: outcome };
}

/** What holds an action back, in the words of status and explain: a gate, or the rule by which it lost, and to whom. */
export function heldBy({ hold, loss }: Prospect): { readonly gate: string; readonly reason: string; readonly winner?: string } | undefined {
  if (hold !== undefined) return { gate: hold.gate, reason: hold.reason };
  return loss && { gate: loss.rule, reason: loss.reason, winner: loss.winner };
}

/** What was made of a proposal that is not sent as it is: `merged by max with b on shop; pool servers grants 2 of 5`. */
export function intoText({ into, proposal }: Prospect): string | undefined {
  if (into === undefined || proposal === undefined) return undefined;
  const others = into.merged.filter((p) => p.candidate !== proposal.candidate);
  const names = others.map(({ candidate }) => `${candidate.policy.name} on ${candidate.symptom.element}`);
  const parts = names.length === 0 ? [] : [`merged by ${into.proposal.candidate.command.merge} with ${names.join(', ')}`];
  if (into.grant !== undefined) parts.push(`pool ${into.grant.pool} grants ${into.grant.granted} of ${into.grant.wanted}`);
  return parts.join('; ');
}
