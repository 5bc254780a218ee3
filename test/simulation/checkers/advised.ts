/**
 * Nothing of a policy that advises is done unless a person approved that very deed, or the policy says that silence approves it; and each approval
 * does one command, however often its manager dies.
 */
import type { Checker } from '../trace.ts';
import { moments } from './stream.ts';

interface Deed {
  readonly policy: string;
  readonly element: string;
  readonly what: string;
  approved: boolean;
}

const deedOf = (command: unknown, target: unknown, params: unknown): string => JSON.stringify([command, target, params]);

export const advised: Checker = {
  name: 'advised',
  check: ({ steps }) => {
    const deeds = new Map<string, Deed>();
    for (const { step, events, journal, issued, policies } of moments(steps)) {
      for (const event of events) {
        const deed = event.kind === 'answered' ? deeds.get(event.advice) : undefined;
        if (deed !== undefined && event.kind === 'answered') deed.approved = event.answer === 'approved';
        // What was withheld was not done: its approval may be used again.
      }
      for (const { kind, data, policy, element } of journal) {
        if (kind !== 'advice') continue;
        const id = String(data.id);
        if (data.is === 'asked')
          deeds.set(id, { policy: policy!, element: element!, what: deedOf(data.command, data.target, data.params), approved: false });
        if (data.is === 'expired') {
          const deed = deeds.get(id);
          if (deed !== undefined) deed.approved = data.then === 'act' && policies.get(policy!)?.advise?.otherwise === 'act';
        }
      }
      for (const row of issued) {
        if (policies.get(row.policy)?.mode !== 'advise' || row.otherwise) continue;
        const what = deedOf(row.command, row.element, row.params);
        const found = [...deeds].find(
          ([, deed]) => deed.approved && deed.policy === row.policy && deed.element === row.origin && deed.what === what,
        );
        if (found === undefined) return { step, message: `${row.key} of ${row.policy} was approved by nobody: ${what}` };
        deeds.delete(found[0]);
      }
    }
    return undefined;
  },
};
