/** The straightforward way, which the matcher must agree with: whatever reads a fact that changed is judged. */
import type { Matching } from '../../src/analyze/matching.ts';
import type { ElementType, Policy } from '../../src/knowledge/blueprint.ts';

export class StraightMatching implements Matching {
  toJudge(type: ElementType, _member: unknown, facts: readonly string[] | undefined): readonly Policy[] {
    if (facts === undefined) return type.policies;
    return type.policies.filter((policy) => [...policy.facts, ...policy.raising.reads].some((fact) => facts.includes(fact)));
  }

  forget(): void {}
}
