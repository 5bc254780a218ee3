/** Makes the actuators that the manager file names, and those that every manager has. */
import { join } from 'node:path';
import { type ActuatorDocument, DEFAULT_PLACE } from './documents/manager.ts';
import type { Actuator, ActuatorContext, ActuatorKind } from './execute/actuators/actuator.ts';
import { ACTUATOR_KINDS } from './execute/actuators/index.ts';

/** Actuators that every manager has. */
const BUILT_IN = { log: { kind: 'log' }, set: { kind: 'set' } } as const;

/** `context`: what each is lent, but for what is its own: its name, its log, and its folder below `folder`. `place`: only those that are there. */
export function makeActuators(
  documents: Readonly<Record<string, ActuatorDocument>> | undefined,
  { folder, log, ...context }: Omit<ActuatorContext, 'name'>,
  place?: string,
): Map<string, Actuator> {
  const made = new Map<string, Actuator>();
  for (const [name, { kind: kindName, at = DEFAULT_PLACE, ...options }] of Object.entries<ActuatorDocument>({
    ...BUILT_IN,
    ...documents,
  })) {
    if (place !== undefined && at !== place) continue;
    const kind = ACTUATOR_KINDS.find((k) => k.kind === kindName) as ActuatorKind<unknown>;
    made.set(name, kind.create(options, { ...context, name, folder: join(folder, 'actuators', name), log: log.child({ actuator: name }) }));
  }
  return made;
}
