/** H211: conditions that nothing can satisfy. */
import type { Condition } from '../../analyze/conditions.ts';
import type { Place } from '../../compile/report.ts';
import { type Clause, clausesOf } from '../clauses.ts';
import { isPossible } from '../possible.ts';
import { type Analysis, type Found, placeOf } from '../subject.ts';

export const never: Analysis = {
  code: 'H211',
  severity: 'error',
  find: ({ policies }) =>
    policies.flatMap((policy) => [
      ...impossible(policy.condition, placeOf(policy, 'conditions'), 'can never hold'),
      ...(policy.expect?.condition === undefined
        ? []
        : impossible(policy.expect.condition, placeOf(policy, 'expect', 'conditions'), 'is an effect that can never be seen')),
    ]),
};

function impossible(condition: Condition, place: Place, what: string): Found[] {
  const clauses = clausesOf(condition);
  if (clauses === undefined || clauses.some(isPossible)) return [];
  return [
    {
      places: [place],
      message: `${what}: ${clauses.length === 1 ? reason(clauses[0]!) : `none of its ${clauses.length} alternatives is possible, the first since ${reason(clauses[0]!)}`}`,
      remedy: 'widen one of the comparisons, or write "any" where "all" stands',
    },
  ];
}

/** The fewest comparisons that exclude each other, as a person would name them. */
function reason(clause: Clause): string {
  let core = clause;
  for (const literal of clause) {
    const less = core.filter((other) => other !== literal);
    if (less.length > 0 && !isPossible(less)) core = less;
  }
  const said = core.map(({ test, holds }) => {
    const value = 'fact' in test.value ? test.value.fact : JSON.stringify(test.value.literal);
    return `${holds ? '' : 'not '}${test.fact} ${test.operator} ${value}`;
  });
  return said.length === 1 ? `nothing satisfies ${said[0]}` : `${said.slice(0, -1).join(', ')} and ${said.at(-1)} exclude each other`;
}
