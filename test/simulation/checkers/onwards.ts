/** Steps, time and terms never go back; and no actuator hears of a term lower than one it has heard of. */
import type { Checker } from '../trace.ts';
import { stepOf } from './stream.ts';

export const onwards: Checker = {
  name: 'onwards',
  check: ({ steps, entries }) => {
    let [number, now, term] = [0, 0, 0];
    for (const { record, changes } of steps) {
      if (record.step !== number + 1) return { step: record.step, message: `step ${record.step} follows step ${number}` };
      if (record.now < now) return { step: record.step, message: `now went back from ${now} to ${record.now}` };
      const meta = changes.find(({ key }) => key === 'meta\tmeta')?.text;
      const newTerm = meta == null ? term : (JSON.parse(meta) as { term: number }).term;
      if (newTerm < term) return { step: record.step, message: `the term went back from ${term} to ${newTerm}` };
      [number, now, term] = [record.step, record.now, newTerm];
    }
    let highest = 0;
    /** The term of each life that has sent anything. */
    const lives = new Map<number, number>();
    for (const entry of entries) {
      if (entry.kind !== 'execute') continue;
      const { id, term: sent } = entry.command;
      if (sent < highest) return { step: stepOf(id), message: `${id} was sent under term ${sent}, after ${highest}` };
      const other = [...lives].find(([life, t]) => life !== entry.life && t === sent);
      if (other !== undefined)
        return {
          step: stepOf(id),
          message: `life ${entry.life} sent ${id} under term ${sent}, and so did life ${other[0]}: neither fences the other`,
        };
      lives.set(entry.life, sent);
      highest = sent;
    }
    return undefined;
  },
};
