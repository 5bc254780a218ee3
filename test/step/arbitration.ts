/** Worlds in which proposals meet: elements whose commands set, pull and oppose, and policies that want one thing each. */
import type { CommandDocument } from '../../src/documents/manager.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { JournalEntry } from '../../src/messages.ts';
import { type Given, seen, type World } from './world.ts';

export const over = (fact: string, value: number) => ({ all: [{ fact, operator: 'greaterThan', value }] });

/** A policy that holds while its own fact is above 0, so that a test raises it when it wants. */
export const wants = (
  name: string,
  command: string,
  params: Record<string, number>,
  more: Partial<PolicyDocument> = {},
): PolicyDocument => ({
  name,
  scope: { type: 'farm' },
  conditions: over(name, 0),
  actions: [{ command, ...(Object.keys(params).length === 0 ? {} : { params }) }],
  ...more,
});

export function farm(commands: Record<string, CommandDocument>, policies: PolicyDocument[], more: Partial<Given> = {}): Given {
  const facts = Object.fromEntries(policies.map((policy) => [policy.name!, { stale: 'never' as const, initial: 0 }]));
  return {
    types: {
      farm: {
        properties: { ...facts, servers: { stale: 'never' }, cache: { stale: 'never' }, latency: {}, cost: {}, worth: { stale: 'never' } },
        commands,
      },
    },
    elements: { shop: { type: 'farm', properties: { servers: 2, cache: 2 } } },
    policies,
    ...more,
  };
}

/** Raises policies on an element, by setting their facts. */
export const raise = (t: number, names: readonly string[], element = 'shop') => names.map((name) => seen(element, name, 1, t));

/** Who lost, by which rule and to whom. */
export const lost = (world: World): [policy: string | undefined, rule: unknown, winner: unknown][] =>
  world.kinds('lost').map((entry: JournalEntry) => [entry.policy, entry.data.rule, entry.data.winner]);
