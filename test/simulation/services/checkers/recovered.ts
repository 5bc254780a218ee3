/** When topics have been compacted, and records of steps are gone that are older than a while, what is left in the log is still the state of the last step. */
import type { ServicesChecker } from '../trace.ts';

export const recovered: ServicesChecker = {
  name: 'recovered',
  check: ({ partitions, rest }) => {
    for (const { partition, entries } of partitions) {
      const last = entries.at(-1)?.value;
      const found = rest.recovered[partition];
      const wanted = last === undefined ? 'nothing' : `step ${last.step}, hash ${last.hash}`;
      if (last !== undefined && found !== wanted)
        return { step: last.step, message: `partition ${partition} holds ${found}; its last step was ${wanted}` };
    }
    return undefined;
  },
};
