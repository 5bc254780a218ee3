/** What is wrong with a policy, as `check` would say it: its schema first, then what the compiler finds. */
import { compile } from '../../src/compile/index.ts';
import { Findings } from '../../src/compile/report.ts';
import type { ManagerDocument } from '../../src/documents/manager.ts';
import { PoliciesDocument, type PolicyDocument } from '../../src/documents/policy.ts';
import type { Finding } from '../../src/errors.ts';
import { validate } from '../../src/validate.ts';
import { FOLLOW, farm } from './pace.ts';
import { setupOf } from './world.ts';

export function loadFindings(
  policy: Partial<PolicyDocument>,
  manager: Partial<Pick<ManagerDocument, 'calendars' | 'budgets'>> = {},
): readonly Finding[] {
  const findings = new Findings();
  validate(PoliciesDocument, { policies: [{ ...FOLLOW, ...policy }] }, { file: 'rules.json', pointer: '' }, findings);
  return findings.errors > 0 ? findings.list : compile(setupOf(farm([policy], manager)), 'homeostat.json').findings.list;
}
