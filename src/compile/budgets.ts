/** Budgets: those of the manager file, and the policies' own. */
import type { BudgetDocument } from '../documents/manager.ts';
import type { Policy, Setup } from '../knowledge/blueprint.ts';
import { nearest } from '../suggest.ts';
import { at, type Findings, type Place } from './report.ts';

/** The name of a policy's own budget. A blank cannot stand in a name, so it is that of no other. */
const ownBudget = (policy: string): string => `policy ${policy}`;

export function budgetsOf(setup: Setup, policies: readonly Policy[], place: Place, findings: Findings): readonly BudgetDocument[] {
  const seen = new Set<string>();
  const known = { type: Object.keys(setup.types), policy: [...new Set([...setup.policies, ...policies].map((policy) => policy.name))] };
  for (const [i, budget] of setup.budgets.entries()) {
    const here = at(place, i);
    if (seen.has(budget.name)) findings.error('H006', at(here, 'name'), `two budgets are named "${budget.name}"`);
    seen.add(budget.name);
    if (budget.commands === undefined && budget.share === undefined)
      findings.error('H003', here, 'the budget limits nothing', 'give it "commands" or "share"');
    for (const part of ['type', 'policy'] as const) {
      const name = budget.scope?.[part];
      if (name !== undefined && !known[part].includes(name))
        findings.error('H005', at(here, 'scope', part), `no ${part} is named "${name}"${nearest(name, known[part])}`);
    }
  }
  // The levels of a policy draw on one budget.
  const own = new Map<string, BudgetDocument>();
  for (const { name, source, raising } of policies) {
    const policy = raising.family?.name ?? name;
    if (source.document.budget !== undefined)
      own.set(policy, { ...source.document.budget, name: ownBudget(policy), scope: { policy } } as BudgetDocument);
  }
  return own.size === 0 ? setup.budgets : [...setup.budgets, ...own.values()];
}
