/** A command that must not be done twice reaches the world at most once, whatever dies; one that may be, always with the same value. */
import type { Checker, Timed } from '../trace.ts';
import { stepOf } from './stream.ts';

type Attempt = Timed & { readonly kind: 'attempt' };

const orderOf = ({ command: { element, command, resource, params, policy } }: Attempt): string =>
  JSON.stringify({ policy, element, command, resource, params });

export const once: Checker = {
  name: 'once',
  check: ({ entries }) => {
    const first = new Map<string, Attempt>();
    for (const entry of entries) {
      if (entry.kind !== 'attempt') continue;
      const { id } = entry.command;
      const before = first.get(id);
      if (before === undefined) {
        first.set(id, entry);
        continue;
      }
      if (!entry.idempotent)
        return { step: stepOf(id), message: `${id} (${entry.command.command}), which is not idempotent, was attempted a second time` };
      if (orderOf(before) !== orderOf(entry))
        return { step: stepOf(id), message: `${id} came as ${orderOf(before)}, and then as ${orderOf(entry)}` };
    }
    return undefined;
  },
};
