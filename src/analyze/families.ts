/** Policies that are written as one go by the name of their family too. */
import type { Policy } from '../knowledge/blueprint.ts';

/** Whether a name that a person gives is that of a policy, or of the family it belongs to. */
export const isNamed = (policy: Pick<Policy, 'name' | 'raising'> | undefined, name: string): boolean =>
  policy !== undefined && (policy.name === name || policy.raising.family?.name === name);

/** The policies that a name stands for, lowest level first. */
export const policiesNamed = (policies: ReadonlyMap<string, Policy>, name: string): readonly Policy[] =>
  [...policies.values()].filter((policy) => isNamed(policy, name));

/** Every name that a person may give, those of families included. */
export const namesOf = (policies: ReadonlyMap<string, Policy>): string[] => [
  ...new Set([...policies.values()].flatMap(({ name, raising }) => (raising.family === undefined ? [name] : [raising.family.name, name]))),
];
