import type { Gate } from './gate.ts';

/** The second evaluator did not confirm this policy: it is set aside until its text changes. */
export const aside: Gate = {
  name: 'set-aside',
  holdsOtherwise: true,
  hold: ({ policy }, { state }) => {
    const row = state.aside.get(policy.name);
    return row?.version === policy.source.version ? { reason: row.reason } : undefined;
  },
};
