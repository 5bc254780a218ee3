/** An attempt is marked in the log before it begins, so that whoever comes after knows of it; and nothing is begun that is done. */
import { stepOf } from '../../checkers/stream.ts';
import type { ServicesChecker } from '../trace.ts';

export const begun: ServicesChecker = {
  name: 'begun',
  check: ({ entries, partitions }) => {
    const marks = new Map<string, { begunAt?: number; doneAt?: number }>();
    for (const { attempts } of partitions) {
      for (const { record, value } of attempts) {
        const id = record.key?.split('\t')[1];
        if (id === undefined || value === null) continue;
        const mark = marks.get(id) ?? {};
        if (value.state === 'begun') {
          if (mark.begunAt !== undefined) return { step: stepOf(id), message: `${id} was marked as begun twice` };
          mark.begunAt = record.decidedAt;
        } else if (value.state === 'done') {
          if (mark.doneAt !== undefined) return { step: stepOf(id), message: `${id} was marked as done twice` };
          mark.doneAt = record.decidedAt;
        }
        marks.set(id, mark);
      }
    }
    for (const entry of entries) {
      if (entry.kind !== 'execute') continue;
      const { id } = entry.command;
      const mark = marks.get(id);
      if (mark?.begunAt === undefined || mark.begunAt > entry.at)
        return { step: stepOf(id), message: `${id} was carried out before it was marked as begun` };
    }
    return undefined;
  },
};
