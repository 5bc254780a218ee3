/** How two versions of a file of policies differ, policy by policy. */
import { isObject } from '../json.ts';

export interface PolicyDifference {
  /** Names of policies that only the second has, and only the first. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Policies that both have, and the keys that are not the same. */
  readonly changed: readonly { readonly name: string; readonly keys: readonly string[] }[];
  /** Named conditions that are not the same. */
  readonly conditions: readonly string[];
}

type Documents = Readonly<Record<string, unknown>>;

/** Both as JSON. Policies without a name go by their place. */
export function differenceOf(first: string, second: string): PolicyDifference {
  const [one, other] = [partsOf(first), partsOf(second)];
  const names = Object.keys(one.policies).filter((name) => other.policies[name] !== undefined);
  return {
    added: Object.keys(other.policies).filter((name) => one.policies[name] === undefined),
    removed: Object.keys(one.policies).filter((name) => other.policies[name] === undefined),
    changed: names.flatMap((name) => {
      const keys = differing(one.policies[name], other.policies[name]);
      return keys.length === 0 ? [] : [{ name, keys }];
    }),
    conditions: differing(one.conditions, other.conditions),
  };
}

function partsOf(text: string): { readonly policies: Documents; readonly conditions: Documents } {
  const document: unknown = JSON.parse(text);
  const { policies, conditions = {} } = (isObject(document) ? document : { policies: document }) as {
    policies: readonly Documents[];
    conditions?: Documents;
  };
  return { policies: Object.fromEntries(policies.map((policy, i) => [String(policy.name ?? `policy ${i + 1}`), policy])), conditions };
}

function differing(one: unknown, other: unknown): string[] {
  const [a, b] = [one, other] as [Documents, Documents];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]));
}
