/** What outsiders wrote to the intake comes to the observations of its domain, at least once; what cannot be read of it comes to the dead letters. */
import { readIntake } from '../../../../src/services/intake-format.ts';
import { domainOf } from '../../../../src/services/topics.ts';
import type { ServicesChecker } from '../trace.ts';

/** What is older than this at the end of a run has been carried on, ms. */
const LONGEST_MS = 15_000;

const nameOf = (o: { element: string; property: string; source: string; time: number }): string =>
  JSON.stringify([o.element, o.property, o.source, o.time]);

export const routed: ServicesChecker = {
  name: 'routed',
  check: ({ entries, partitions, deadLetters }) => {
    const end = entries.at(-1)?.at ?? 0;
    const there = new Set<string>();
    for (const { observations, domains } of partitions)
      for (const { value } of observations)
        for (const one of value ?? []) {
          if (!domains.includes(domainOf(one.element) as (typeof domains)[number]))
            return { step: 0, message: `${one.element} came to a partition that is not its own` };
          there.add(nameOf(one));
        }
    const letters = new Set(deadLetters.map(({ value }) => (JSON.parse(value!) as { offset: number; excerpt: string }).excerpt));
    for (const { intake, partition } of partitions) {
      for (const { record, value } of intake) {
        if (end - record.seenAt < LONGEST_MS) continue;
        const { observations, rejections } = readIntake(value, record);
        for (const one of observations)
          if (!there.has(nameOf(one)))
            return { step: 0, message: `${nameOf(one)} was written to partition ${partition} of the intake, and got lost` };
        for (const { excerpt } of rejections)
          if (!letters.has(excerpt)) return { step: 0, message: `${excerpt} could not be read, and is no dead letter` };
      }
    }
    return undefined;
  },
};
