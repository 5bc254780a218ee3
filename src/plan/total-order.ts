/** The one order in which proposals are decided. */
import { byKey } from '../knowledge/table.ts';
import type { Proposal } from './propose.ts';

/** Priority, service class, age of the symptom, policy, element, index of the action: no two proposals are equal in all. */
export function inOrder(a: Proposal, b: Proposal): number {
  const [x, y] = [a.candidate, b.candidate];
  return (
    y.priority - x.priority ||
    b.serviceWeight - a.serviceWeight ||
    (x.symptom.trueSince ?? Number.MAX_SAFE_INTEGER) - (y.symptom.trueSince ?? Number.MAX_SAFE_INTEGER) ||
    byKey(x.policy.name, y.policy.name) ||
    byKey(x.symptom.element, y.symptom.element) ||
    x.action.index - y.action.index
  );
}
