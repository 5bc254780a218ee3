/** After each end of a life, the next begins on exactly the state of the last step that survived. */
import type { Checker } from '../trace.ts';

export const recovered: Checker = {
  name: 'recovered',
  check: ({ entries }) => {
    const surviving: { readonly step: number; readonly hash: string }[] = [];
    for (const entry of entries) {
      if (entry.kind === 'committed') {
        const before = surviving.at(-1)?.step ?? 0;
        if (entry.step !== before + 1) return { step: entry.step, message: `step ${entry.step} was committed after step ${before}` };
        surviving.push(entry);
      }
      if (entry.kind === 'lost') while ((surviving.at(-1)?.step ?? 0) > entry.after) surviving.pop();
      if (entry.kind !== 'life') continue;
      const last = surviving.at(-1);
      const wanted = last?.hash ?? '00000000'.repeat(4);
      if (entry.step !== (last?.step ?? 0) || (last !== undefined && entry.hash !== wanted)) {
        return {
          step: entry.step,
          message: `life ${entry.life} began with step ${entry.step}, hash ${entry.hash}; the last that survived was ${last?.step ?? 0}, hash ${wanted}`,
        };
      }
      if (last !== undefined && entry.contents !== wanted) {
        return { step: entry.step, message: `life ${entry.life} holds rows with hash ${entry.contents} in memory; stored was ${wanted}` };
      }
    }
    return undefined;
  },
};
