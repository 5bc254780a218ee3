/** Keys of a policy that say when its symptom is raised, how long it stays raised, and by which readings it is held back. See docs/raising.md. */
import { type Static, type TSchema, Type } from 'typebox';
import { Duration } from '../duration.ts';

/** The keys about staying raised. `condition`: the schema of conditions. */
export const latchKeys = <C extends TSchema>(condition: C) => ({
  keepFor: Type.Optional(
    Type.Unsafe<Static<typeof Duration>>({
      ...Duration,
      description:
        'how long the symptom stays raised after its conditions ended, or after its reset; conditions that are true again cancel it',
    }),
  ),
  reset: Type.Optional(
    Type.Unsafe<Static<C>>({ ...condition, description: 'once raised, the symptom stays raised until these conditions are true' }),
  ),
});
