/** A shop with one policy, for the tests of when a symptom is raised and what holds it back. */
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Event } from '../../src/messages.ts';
import { type Given, START, seen, succeeded, type World } from './world.ts';

export const above = (fact: string, value: number) => ({ all: [{ fact, operator: 'greaterThan', value }] });
export const below = (fact: string, value: number) => ({ all: [{ fact, operator: 'lessThan', value }] });

/** Readings are stale after 30 s, so that a test may be silent between the moments it is about. */
export const shop = (policy: Partial<PolicyDocument>, more: Partial<Given> = {}): Given => ({
  types: {
    shop: {
      properties: { load: { stale: '30s' }, heat: { stale: '30s' }, workers: { stale: 'never' }, aim: { stale: 'never' } },
      commands: { ping: {}, pong: {}, scale: { property: 'workers' } },
    },
  },
  elements: { shop: { type: 'shop', properties: { workers: 1, aim: 60 } } },
  policies: [{ name: 'p', scope: { type: 'shop' }, conditions: above('load', 80), actions: [{ command: 'ping' }], ...policy }],
  ...more,
});

export const load = (value: number, seconds: number): Event => seen('shop', 'load', value, seconds);
export const heat = (value: number, seconds: number): Event => seen('shop', 'heat', value, seconds);

/** All that was sent has succeeded. */
export const done = (world: World): Event[] => [...world.state.commands.keys()].map((command) => succeeded(command));

export const isRaised = (world: World, policy = 'p'): boolean => [...world.derived.raised].includes(`${policy}\tshop`);

/** When the state next wants a step, in seconds after the start. */
export const dueAt = (world: World): number | null => {
  const due = world.state.nextDue();
  return due === null ? null : (due - START) / 1_000;
};
