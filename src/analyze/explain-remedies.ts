/** How far a policy with remedies has come on an element: which was tried, which is next, and what worked before. */
import type { Policy } from '../knowledge/blueprint.ts';
import type { SymptomRow } from '../knowledge/state.ts';
import type { Turn } from '../knowledge/turn.ts';
import { courseOf, guardOf, isRaised, ranked, workedOf } from './remedies.ts';

export interface ExplainedRemedy {
  readonly name: string;
  /** `next`: its turn, or under way. `missed`: tried in this raise, and did not help. `waits`: it comes later, or its guard does not let it. */
  readonly is: 'next' | 'missed' | 'waits';
  /** null: unknown. Without a guard it is true. */
  readonly guard: boolean | null;
  /** On all elements of the type, as far as the effect was known. */
  readonly tries: number;
  readonly worked: number;
}

/** In the order in which they are to be tried; null: the policy has none. */
export function explainRemedies(turn: Turn, policy: Policy, symptom: SymptomRow | undefined, element: string): ExplainedRemedy[] | null {
  if (policy.means.remedies === undefined) return null;
  const next = symptom !== undefined && isRaised(turn, symptom) ? courseOf(turn, policy, symptom).remedy : undefined;
  return ranked(turn, policy, element).map((remedy) => {
    const { tries, seen } = workedOf(turn, policy, element, remedy.name);
    const missed = symptom?.trying?.missed.includes(remedy.name) === true;
    return {
      name: remedy.name,
      is: remedy === next ? 'next' : missed ? 'missed' : 'waits',
      guard: guardOf(turn, policy, remedy, element) ?? null,
      tries,
      worked: seen,
    };
  });
}
