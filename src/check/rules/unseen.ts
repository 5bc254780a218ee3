/** H223: a threshold that no recorded reading has come near: the policy was never tried by what happens, or its number has a digit too many. */

import type { Policy } from '../../knowledge/blueprint.ts';
import { meaningOf, testsIn } from '../clauses.ts';
import type { Subject } from '../subject.ts';
import { type Analysis, type Found, type Past, placeOf, typesOf } from '../subject.ts';

/** Readings that must have been recorded before anything is said. */
const LEAST_READINGS = 100;
/** How many times the whole range of what was seen a threshold must lie outside of it. */
const FAR = 10;

export const unseen: Analysis = {
  code: 'H223',
  severity: 'warning',
  needsPast: true,
  find: (subject) => {
    const { past } = subject;
    return past === undefined ? [] : subject.policies.flatMap((policy) => farFrom(subject, past, policy));
  },
};

function farFrom(subject: Subject, past: Past, policy: Policy): Found[] {
  return testsIn(policy.condition).flatMap((test) => {
    const meaning = meaningOf({ test, holds: true });
    const literal = 'literal' in test.value ? test.value.literal : undefined;
    if (typeof literal !== 'number' || meaning === undefined || !/Than/.test(meaning.operator)) return [];
    const seen = typesOf(subject, policy)
      .flatMap(({ name }) => past.elements(name))
      .flatMap((element) => past.readings(element, test.fact))
      .filter((value) => typeof value === 'number');
    if (seen.length < LEAST_READINGS) return [];
    const [least, most] = seen.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [seen[0]!, seen[0]!]);
    const room = FAR * (most - least);
    if (room === 0 || (literal <= most + room && literal >= least - room)) return [];
    return [
      {
        places: [placeOf(policy, 'conditions')] as const,
        message: `the threshold ${literal} of ${test.fact} lies far outside of ${least}…${most}, between which all ${seen.length} recorded readings are`,
        remedy: 'see whether its unit or one of its digits is wrong',
      },
    ];
  });
}
