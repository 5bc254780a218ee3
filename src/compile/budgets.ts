/** Budgets: those of the manager file, and the policies' own. */
import type { Budget, Policy, Setup } from '../knowledge/blueprint.ts';
import { nearest } from '../suggest.ts';
import { at, type Findings, type Place } from './report.ts';

/** The name of a policy's own budget. A blank cannot stand in a name, so it is that of no other. */
const ownBudget = (policy: string): string => `policy ${policy}`;

/** `challengers`: other versions of some of the policies, whose own budgets hold for them alone, on one account with those that they are to follow. */
export function budgetsOf(
  setup: Setup,
  policies: readonly Policy[],
  challengers: readonly Policy[],
  place: Place,
  findings: Findings,
): readonly Budget[] {
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
  const own = new Map<string, Budget>();
  for (const { name, source, raising } of [...policies, ...challengers]) {
    const policy = raising.family?.name ?? name;
    const version = challengers.length === 0 ? {} : { version: source.version };
    if (source.document.budget !== undefined)
      own.set(`${policy} ${source.version}`, {
        ...source.document.budget,
        name: ownBudget(policy),
        scope: { policy },
        ...version,
      } as Budget);
  }
  return own.size === 0 ? setup.budgets : [...setup.budgets, ...own.values()];
}
