/** What the systemd actuator may be told. See docs/actuators.md. */
import { type Static, Type } from '../../documents/schema.ts';
import type { OptionMistake } from './actuator.ts';

const Published = Type.Union([Type.Literal('state'), Type.Literal('subState'), Type.Literal('pid'), Type.Literal('restarts')]);

export const SystemdOptions = Type.Object(
  {
    unit: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'the unit of the element, with placeholders, such as app@{name}.service; {name}.service if not given',
      }),
    ),
    user: Type.Optional(Type.Boolean({ description: 'units of the user’s own manager (--user), not of the system; false if not given' })),
    systemctl: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description:
          'the program that is run, with what comes before its arguments, such as ["sudo", "-n", "systemctl"]; ["systemctl"] if not given',
      }),
    ),
    set: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z]+$' }), Type.String(), {
        minProperties: 1,
        description: 'what setProperty sets, such as { "CPUQuota": "{to}%", "MemoryMax": "{memory}" }; placeholders in the values',
      }),
    ),
    runtime: Type.Optional(Type.Boolean({ description: 'what setProperty sets lasts until the machine starts anew; false if not given' })),
    publishes: Type.Optional(
      Type.Array(Published, {
        description: 'properties that the type of the elements declares and that outcomes tell, read back; none if not given',
      }),
    ),
  },
  { additionalProperties: false },
);
export type SystemdOptions = Readonly<Static<typeof SystemdOptions>>;

/** What no schema says: which options belong together. */
export function checkSystemd({ set, runtime }: SystemdOptions, operations: readonly string[]): readonly OptionMistake[] {
  const mistakes: OptionMistake[] = [];
  if (operations.includes('setProperty') && !set)
    mistakes.push({
      at: [],
      message: 'the operation setProperty needs the option "set"',
      remedy: 'say under "set" which properties get which values',
    });
  if (runtime !== undefined && !set)
    mistakes.push({ at: ['runtime'], message: 'it says how long "set" lasts, and there is none', remedy: 'add "set", or remove it' });
  return mistakes;
}
