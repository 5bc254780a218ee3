/** Nothing is sent before the step that decided it is on disk; so all that was ever sent belongs to a step that survived. */
import type { Checker } from '../trace.ts';
import { moments, stepOf } from './stream.ts';

export const durable: Checker = {
  name: 'durable',
  check: ({ entries, steps }) => {
    for (const entry of entries) {
      if (entry.kind !== 'execute') continue;
      const step = stepOf(entry.command.id);
      if (!(step <= entry.flushed)) {
        return { step, message: `${entry.command.id} was sent while only steps up to ${entry.flushed} were on disk` };
      }
    }
    const committed = new Map<string, string>();
    for (const { issued } of moments(steps))
      for (const { key, element, command, params } of issued) committed.set(key, JSON.stringify([element, command, params]));
    for (const entry of entries) {
      if (entry.kind !== 'execute') continue;
      const { id, element, command, params } = entry.command;
      const stored = committed.get(id);
      const sent = JSON.stringify([element, command, params]);
      if (stored !== sent)
        return { step: stepOf(id), message: `${id} was sent as ${sent}; the step that survived holds ${stored ?? 'no such command'}` };
    }
    return undefined;
  },
};
