/** The actuator of Homeostat's own parts that the step cannot set by itself: the intervals of probes, which the shell runs. */
import { isDuration } from './duration.ts';
import type { Actuator } from './execute/actuators/actuator.ts';
import { refused, succeeded } from './execute/actuators/results.ts';

/** What sets an interval. Returns why it cannot; undefined: it is set. */
export type SetInterval = (probe: string, every: string) => string | undefined;

export const ownActuator = (set: SetInterval): Actuator => ({
  execute: async ({ command: { params } }) => {
    const { probe, every } = params;
    if (typeof probe !== 'string' || typeof every !== 'string' || !isDuration(every)) return refused('it needs a probe and a span of time');
    const wrong = set(probe, every);
    return wrong === undefined ? succeeded(`${probe} measures every ${every}`) : refused(wrong);
  },
  // Setting it twice is setting it once.
  inquire: async () => undefined,
  close: async () => {},
});
