/** What the plan writes down so that the pace of policies can be judged later: moves, proposals, what pauses held, and who was told of breakers. */
import type { Candidate } from '../analyze/gates/gate.ts';
import { pauseOf } from '../analyze/gates/paused.ts';
import { commandType } from '../compile/types.ts';
import type { Action, Policy } from '../knowledge/blueprint.ts';
import { type Lane, ofPolicy, ofTarget, recordMove } from '../knowledge/moves.ts';
import { proposalMemoryMs } from '../knowledge/pace.ts';
import { proposedKey, recordProposal } from '../knowledge/proposed.ts';
import type { SymptomRow } from '../knowledge/state.ts';
import { modeOf } from '../knowledge/tunings.ts';
import type { Turn } from '../knowledge/turn.ts';
import type { Commit } from './commit.ts';
import { moveOf } from './direction.ts';
import { candidateOf } from './plan.ts';
import { type Proposal, propose } from './propose.ts';

/** What a raised symptom proposes now, held back or not, for the proposals to come to be stabilised by. `actions`: those whose turn it is. */
export function remember(turn: Turn, policy: Policy, symptom: SymptomRow, actions: readonly Action[]): void {
  if (policy.pace.stabilise === undefined) return;
  for (const action of policy.actions) {
    const candidate = actions.includes(action) ? candidateOf(turn, policy, symptom, action, false) : undefined;
    const proposing = candidate === undefined || 'gate' in candidate ? undefined : candidate;
    const value = proposing === undefined ? null : proposedValue(turn, proposing);
    const key = proposedKey(policy.name, symptom.element, action.index);
    recordProposal(turn.state, key, proposing?.target ?? null, turn.now, value, proposalMemoryMs(policy.pace));
  }
}

/** A value that is there already is a proposal too: to leave it as it is. */
function proposedValue(turn: Turn, candidate: Candidate): number | null {
  const { command, target } = candidate;
  const proposal = propose(candidate, turn);
  const unchanged = 'gate' in proposal && proposal.gate === 'unchanged' && command.property !== undefined;
  const value = unchanged ? turn.fact(target, command.property!) : 'gate' in proposal ? null : proposal.params.to;
  return typeof value === 'number' ? value : null;
}

/** A cooldown starts at the commit, and so does the period of a rate (exact rule 3). `serves`: all that rest after it. `id`: of the command; null: it only would have been. */
export function noteMove(turn: Turn, proposal: Proposal, serves: readonly Proposal[], lane: Lane, id: string | null): void {
  const { policy, symptom, target, command, otherwise } = proposal.candidate;
  const { state, now, blueprint } = turn;
  const move = moveOf(proposal, turn);
  const delta = move === undefined ? 0 : move.to - move.from;
  const rested = new Set<string>();
  for (const { candidate } of serves) {
    const own = candidate.policy.pace.cooldown;
    const key = ofPolicy(lane, candidate.policy.name, candidate.symptom.element);
    // Two actions of one policy may have been merged: that is one move.
    if ((candidate.otherwise && !candidate.repeats) || own?.per !== 'policy' || rested.has(key)) continue;
    rested.add(key);
    recordMove(state, key, now, delta, Math.max(own.upMs, own.downMs));
  }
  recordMove(state, ofTarget(lane, target, command.resource), now, delta, blueprint.targetMemoryMs);
  const breaker = symptom.broken && !otherwise && id !== null ? state.breakers.get(symptom.key) : undefined;
  if (breaker === undefined) return;
  breaker.trial = id;
  state.breakers.touch(breaker);
  turn.note(
    'breaker',
    `${policy.name} on ${symptom.element} is half open: ${id} is let through to see whether it helps`,
    { policy: policy.name, element: symptom.element, command: id! },
    { is: 'halfOpen', misses: symptom.misses },
  );
}

/** What a pause holds back is counted once each time a symptom comes to be held by it. */
export function countHeld(turn: Turn, pause: string): void {
  const row = turn.state.pauses.get(pause);
  if (row === undefined) return;
  row.held = (row.held ?? 0) + 1;
  turn.state.pauses.touch(row);
}

/**
 * A word to people that goes with no budget and conflicts with nothing, on each policy and element apart: that a breaker has opened. Only a pause
 * holds it, and then it goes when the pause ends.
 */
export function tellOpened(turn: Turn, commit: Commit): void {
  for (const row of turn.state.breakers.rows()) {
    if (row.told) continue;
    const symptom = turn.state.symptoms.get(row.key);
    const policy = symptom && turn.policy(symptom.policy, symptom.element);
    if (symptom === undefined || policy === undefined) continue;
    const text = `${policy.name} on ${symptom.element} is stopped after ${symptom.misses} commands without the expected effect; when the cause is gone: homeostat resume --policy ${policy.name} --element ${symptom.element}`;
    const action: Action = { index: policy.actions.length, command: 'notify', pointer: '', target: 'self', params: {}, while: false };
    const command = commandType('notify', { actuator: 'log', idempotent: true, deadline: '10s', resource: `breaker:${policy.name}` });
    const candidate: Candidate = {
      policy,
      symptom,
      action,
      target: symptom.element,
      command,
      spending: symptom.acted,
      priority: policy.priority,
      otherwise: true,
      repeats: false,
      given: undefined,
    };
    if (pauseOf(candidate, turn, undefined) !== undefined || pauseOf(candidate, turn, 'up') !== undefined) continue;
    row.told = true;
    turn.state.breakers.touch(row);
    if (modeOf(turn, policy) === 'observe') continue;
    const proposal: Proposal = { candidate, params: { level: 'error', text }, pulls: {}, serviceWeight: 0 };
    commit.act({ proposal, budgets: [], serves: [proposal], merged: [] });
  }
}
