/** A farm and the policy that adds to it. */
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Given } from '../step/world.ts';

export const slow = (limit: number, more: Partial<PolicyDocument> = {}): PolicyDocument => ({
  name: 'add',
  scope: { type: 'farm' },
  conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: limit }] },
  for: '4500ms',
  cooldown: '20s',
  actions: [{ command: 'scale', params: { by: 1 } }],
  ...more,
});

/** @param load how the property of that name is declared */
export const given = (policies: PolicyDocument[], load: object = {}): Given => ({
  types: {
    farm: {
      properties: { load, servers: { stale: 'never' } },
      commands: { scale: { resource: 'servers', property: 'servers', deadline: '10s' } },
    },
  },
  elements: { shop: { type: 'farm', properties: { servers: 1 } } },
  policies,
});
