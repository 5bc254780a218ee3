/** The two evaluators never disagree by themselves; and what one does not confirm is never sent. */
import type { Checker } from '../trace.ts';
import { stepOf } from './stream.ts';

export const confirmed: Checker = {
  name: 'confirmed',
  check: ({ steps, entries }) => {
    const made = new Set(entries.flatMap((entry) => (entry.kind === 'disagreed' ? entry.commands : [])));
    const withheld = new Set<string>();
    for (const { record } of steps) {
      for (const { command, detail } of record.withheld) {
        if (!made.has(command)) return { step: record.step, message: `json-rules-engine and Homeostat disagree: ${detail}` };
        withheld.add(command);
      }
    }
    for (const entry of entries) {
      if (entry.kind === 'execute' && withheld.has(entry.command.id))
        return { step: stepOf(entry.command.id), message: `${entry.command.id} was sent though it was withheld` };
    }
    return undefined;
  },
};
