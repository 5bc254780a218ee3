/** A small shop for the tests of the manager: it opens a till when it is busy, again every three seconds while it stays so. */
import type { Given } from '../step/world.ts';

export const SHOP: Given = {
  types: {
    shop: { properties: { load: { stale: '1h' } }, commands: { open: { deadline: '2s' } } },
    desk: { properties: { load: {} }, commands: { open: { deadline: '2s' } } },
  },
  elements: { shop: { type: 'shop' } },
  policies: [
    {
      name: 'busy',
      scope: { type: 'shop' },
      conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 5 }] },
      cooldown: '3s',
      actions: [{ command: 'open' }],
    },
    {
      name: 'busy-desk',
      scope: { type: 'desk' },
      conditions: { all: [{ fact: 'load', operator: 'greaterThan', value: 5 }] },
      cooldown: '3s',
      actions: [{ command: 'open' }],
    },
  ],
};
