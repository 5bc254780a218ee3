/** Keys of a policy that say when its symptom is raised, how long it stays raised, and by which readings it is held back. See docs/raising.md. */

import { Duration } from '../duration.ts';
import { Name, Value } from '../messages.ts';
import { type Static, type TSchema, Type } from './schema.ts';

const closed = { additionalProperties: false } as const;

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

/** What is done where a fact of the conditions is unknown. `action`: the schema of actions. */
export const missingKeys = <A extends TSchema>(action: A) => ({
  missing: Type.Optional(
    Type.Union(
      [
        Type.Literal('nothing'),
        Type.Object(
          {
            hold: Type.Optional(
              Type.Unsafe<Static<typeof Duration>>({ ...Duration, description: 'the last known value stands until it is this old' }),
            ),
            values: Type.Optional(
              Type.Record(Type.String(), Value, {
                description: 'by fact: the value that stands for it, after the last known one is too old',
              }),
            ),
            after: Type.Optional(
              Type.Unsafe<Static<typeof Duration>>({
                ...Duration,
                description: 'a fact has been unknown for so long: the actions are due',
              }),
            ),
            actions: Type.Optional(
              Type.Array(action, { minItems: 1, description: 'fail-safe actions, once until all facts are known again' }),
            ),
          },
          closed,
        ),
      ],
      { description: 'what is done where a fact of the conditions is unknown: nothing, if not given' },
    ),
  ),
});

/** One operating zone of a property: from `from`, inclusive, to `below`, exclusive; one that is not given is open on that side. */
export const Zone = Type.Object(
  {
    name: Name,
    from: Type.Optional(Type.Number({ description: 'the lowest value in it' })),
    below: Type.Optional(Type.Number({ description: 'the lowest value above it' })),
  },
  closed,
);
export type Zone = Readonly<Static<typeof Zone>>;

const share = (description: string) => Type.Number({ exclusiveMinimum: 0, maximum: 1, description });

/** Keys of gates that look at readings. */
export const readingKeys = {
  zone: Type.Optional(
    Type.Object(
      {
        fact: Type.String({ description: 'a property that declares zones' }),
        in: Type.Array(Name, { minItems: 1, description: 'the zones in which the policy applies' }),
      },
      { ...closed, description: 'the policy applies in these operating zones of a property only' },
    ),
  ),
  tolerance: Type.Optional(
    Type.Object(
      {
        fact: Type.String(),
        target: Type.Union([Type.Number(), Type.Object({ fact: Type.String() }, closed)], {
          description: 'what the fact should be: a number, or { "fact": … }',
        }),
        share: Type.Optional(share('how far it may be from the target, as a share of the target')),
        within: Type.Optional(Type.Number({ minimum: 0, description: 'how far it may be from the target, in the unit of the fact' })),
      },
      { ...closed, description: 'nothing is done while the fact is this near to its target; either share or within' },
    ),
  ),
  confidence: Type.Optional(
    share('nothing is done while a fact of the conditions has a reading of less confidence than this, from 0 to 1'),
  ),
  flapping: Type.Optional(
    Type.Object(
      {
        history: Type.Integer({ minimum: 3, maximum: 1_000, description: 'how many judgements are looked back on' }),
        low: share('the share of changes under which it no longer flaps'),
        high: share('the share of changes over which it flaps'),
      },
      { ...closed, description: 'nothing is done while the symptom comes and goes too often' },
    ),
  ),
};
