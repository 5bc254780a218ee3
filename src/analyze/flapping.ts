/**
 * Flapping: the share of changes between raised and not raised among the last judgements of a symptom. Over the high mark it flaps, until it is under
 * the low one (Nagios, "Detection and Handling of State Flapping", without its weights for newer changes). A judgement is a step in which a fact
 * of the conditions changed; one that comes to unknown tells no state, and is not counted. Judgements that were not made yet count as no change.
 */
import type { Policy } from '../knowledge/blueprint.ts';
import { isLatched } from '../knowledge/raising.ts';
import type { Turn } from '../knowledge/turn.ts';

export function changesOf(states: string): number {
  let changes = 0;
  for (let i = 1; i < states.length; i++) if (states[i] !== states[i - 1]) changes++;
  return changes;
}

/** Writes down what a judgement came to. */
export function recordJudgement({ state }: Turn, policy: Policy, element: string, key: string, truth: boolean | null): void {
  const { flapping } = policy.raising;
  if (flapping === undefined || truth === null) return;
  const row = state.flaps.get(key) ?? state.flaps.put({ key, policy: policy.name, element, states: '', flapping: false });
  row.states = (row.states + (truth || isLatched(state, key) ? '1' : '0')).slice(-flapping.history);
  const share = changesOf(row.states) / (flapping.history - 1);
  row.flapping = row.flapping ? share >= flapping.low : share > flapping.high;
  state.flaps.touch(row);
}
