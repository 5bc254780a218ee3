/**
 * Latches: a symptom that has been raised, its `for` included, stays raised for `keepFor` after its conditions ended, or until its `reset` conditions
 * are true. Unknown neither raises nor clears, neither begins to count nor stops it (exact rule 4); conditions that are true again begin anew.
 */
import { formatMs } from '../duration.ts';
import type { Policy } from '../knowledge/blueprint.ts';
import type { LatchRow } from '../knowledge/raising.ts';
import type { State, SymptomRow } from '../knowledge/state.ts';
import type { Turn } from '../knowledge/turn.ts';
import { type Facts, judge } from './conditions.ts';
import { conditionText } from './explain-conditions.ts';

/** The conditions are true: from here on, or when its `for` has passed, the symptom is latched. */
export function armLatch({ state, now }: Turn, policy: Policy, symptom: SymptomRow): void {
  if (policy.raising.latch === undefined) return;
  const row: LatchRow = state.latches.get(symptom.key) ?? {
    key: symptom.key,
    policy: symptom.policy,
    element: symptom.element,
    since: null,
    endedAt: null,
    dueAt: null,
  };
  if (row.since !== null) return;
  const at = (symptom.trueSince ?? now) + policy.forMs;
  if (now >= at) row.since = now;
  row.dueAt = now >= at ? null : at;
  state.latches.put(row);
}

/** What became of a latch: it holds as before, it holds and something about it is new, or it has let go. */
export type Hold = 'same' | 'changed' | 'over';

/** Moves the latch of a symptom that is latched to where the truth of its conditions, its reset and the time ask for. */
export function moveLatch({ state, now }: Turn, policy: Policy, row: LatchRow, truth: boolean | null, facts: Facts): Hold {
  const { latch } = policy.raising;
  if (latch === undefined) return 'over';
  const endedAt = truth === true ? null : (row.endedAt ?? (isEnd(policy, truth, facts) ? now : null));
  if (endedAt !== null && now >= endedAt + latch.keepForMs) {
    state.latches.delete(row.key);
    return 'over';
  }
  if (endedAt === row.endedAt) return 'same';
  row.endedAt = endedAt;
  row.dueAt = endedAt === null ? null : endedAt + latch.keepForMs;
  state.latches.touch(row);
  return 'changed';
}

const isEnd = ({ raising }: Policy, truth: boolean | null, facts: Facts): boolean =>
  raising.latch?.reset === undefined ? truth === false : judge(raising.latch.reset, facts) === true;

/** In words what keeps a symptom raised whose conditions are not true; undefined: nothing does, or nothing need. */
export function latchText(state: State, policy: Policy, symptom: SymptomRow, now: number): string | undefined {
  const row = state.latches.get(symptom.key);
  const { latch } = policy.raising;
  if (latch === undefined || row === undefined || row.since === null || symptom.truth === true) return undefined;
  if (row.endedAt !== null) return `raised, kept for ${formatMs(row.endedAt + latch.keepForMs - now)} more`;
  if (latch.reset === undefined) return 'raised, and unknown does not end it';
  return `raised until reset: ${conditionText(latch.reset)}`;
}

/**
 * Why a latched symptom must not act now: its conditions cannot be told, or they are false and its reset cannot be told. It stays raised, but missing
 * data does nothing.
 */
export function whatIsMissing(policy: Policy, symptom: SymptomRow, facts: Facts): string | undefined {
  const reset = policy.raising.latch?.reset;
  if (symptom.truth === true) return undefined;
  if (symptom.truth === null) return `whether its conditions still hold: no ${unknownOf(policy.facts, facts)}`;
  if (reset === undefined || judge(reset, facts) !== undefined) return undefined;
  return `whether its reset has come: no ${unknownOf(policy.raising.reads, facts)}`;
}

const unknownOf = (names: readonly string[], facts: Facts): string => names.filter((name) => facts(name) === undefined).join(', ');
