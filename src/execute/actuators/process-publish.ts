/** The observations that the process actuator makes: those of its option `publishes`, and the sizes of pools. */
import type { Observation, Value } from '../../messages.ts';
import type { ActuatorContext } from './actuator.ts';
import type { ProcessOptions } from './process-options.ts';

export interface Publisher {
  readonly observation: (element: string, property: string, value: Value) => Observation;
  /** What is published of an element's process; undefined: it has none. A pid that is no more grows stale, it is never zero. */
  readonly told: (element: string, pid: number | undefined) => readonly Observation[];
  /** That a process has just ended. An instant later than now, so that it is not taken for a repetition of what an outcome told in the same ms. */
  readonly exited: (element: string) => readonly Observation[];
}

export function publisher(options: ProcessOptions, context: ActuatorContext): Publisher {
  const published = new Set(options.publishes ?? []);
  const at = (time: number) => (element: string, property: string, value: Value) => ({
    element,
    property,
    value,
    time,
    source: context.name,
  });
  const observation: Publisher['observation'] = (...what) => at(context.clock.now())(...what);
  return {
    observation,
    told: (element, pid) => {
      const told: Observation[] = [];
      if (published.has('state')) told.push(observation(element, 'state', pid === undefined ? 'exited' : 'running'));
      if (published.has('pid') && pid !== undefined) told.push(observation(element, 'pid', pid));
      return told;
    },
    exited: (element) => (published.has('state') ? [at(context.clock.now() + 1)(element, 'state', 'exited')] : []),
  };
}
