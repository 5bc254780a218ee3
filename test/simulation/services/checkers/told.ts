/** Each command that was issued ends in the journal once: by an outcome, which its deadline brings if nothing else does, or withheld. */
import { moments } from '../../checkers/stream.ts';
import type { ServicesChecker } from '../trace.ts';

export const told: ServicesChecker = {
  name: 'told',
  check: ({ partitions, rest }) => {
    for (const { partition, steps } of partitions) {
      const now = rest.partitions[partition]?.now ?? 0;
      const open = new Map<string, number>();
      const ended = new Set<string>();
      for (const { step, issued, journal } of moments(steps)) {
        for (const row of issued) open.set(row.key, row.deadlineAt);
        for (const { kind, command } of journal) {
          if ((kind !== 'outcome' && kind !== 'withheld') || command === undefined) continue;
          if (!open.delete(command) && ended.has(command) && kind === 'withheld')
            return { step, message: `partition ${partition}: ${command} was withheld after it had ended` };
          ended.add(command);
        }
      }
      const [id] = [...open].find(([, deadlineAt]) => deadlineAt + 1_000 < now) ?? [];
      if (id !== undefined) return { step: Number(id.split('.')[1]), message: `partition ${partition}: ${id} never ended` };
    }
    return undefined;
  },
};
