/** What a scenario file may say: observations in, commands and reasons out, on a virtual clock. See docs/scenarios.md. */

import { Duration } from '../duration.ts';
import { ElementDocument, PauseScope, Value } from '../messages.ts';
import { type Static, Type } from './schema.ts';

const closed = { additionalProperties: false } as const;

const ScenarioElement = Type.Object(
  {
    type: Type.String(),
    relations: ElementDocument.properties.relations,
    labels: ElementDocument.properties.labels,
    serviceClass: ElementDocument.properties.serviceClass,
  },
  { additionalProperties: true, description: 'a type, and beside it the values of its properties' },
);

const Params = Type.Record(Type.String(), Value);

const Asked = Type.Object({ policy: Type.Optional(Type.String()), element: Type.Optional(Type.String()) }, closed);

/** A person's answer to what was asked before that instant. */
const Person = Type.Object(
  {
    at: Duration,
    approve: Type.Optional({ ...Asked, description: 'which advice' }),
    reject: Type.Optional({ ...Asked, description: 'which advice' }),
    reason: Type.Optional(Type.String()),
    author: Type.Optional(Type.String()),
  },
  closed,
);

const Expected = Type.Object(
  {
    at: Type.Optional(Duration),
    from: Type.Optional(Duration),
    to: Type.Optional(Duration),
    /** What a policy is held back by, or raised or not. */
    policy: Type.Optional(Type.String()),
    element: Type.Optional(Type.String()),
    heldBy: Type.Optional(Type.String({ description: 'the gate that holds it back, or the policy or command that won over it' })),
    symptom: Type.Optional(Type.Union([Type.Literal('raised'), Type.Literal('clear'), Type.Literal('unknown')])),
    /** A command that is sent, or would be. */
    command: Type.Optional(
      Type.Object({ element: Type.Optional(Type.String()), command: Type.String(), params: Type.Optional(Params) }, closed),
    ),
    would: Type.Optional(
      Type.Object({ element: Type.Optional(Type.String()), command: Type.String(), params: Type.Optional(Params) }, closed),
    ),
    commands: Type.Optional(Type.Integer({ minimum: 0, description: 'how many commands are sent from `from` to `to`' })),
    advice: Type.Optional(
      Type.Object(
        {
          is: Type.Optional(
            Type.Union(
              (['asked', 'approved', 'rejected', 'expired', 'superseded', 'withdrawn', 'held'] as const).map((word) => Type.Literal(word)),
              { description: 'asked if not given' },
            ),
          ),
          command: Type.Optional(Type.String()),
          params: Type.Optional(Params),
        },
        { ...closed, description: 'what an advising policy asks of people, or what became of it' },
      ),
    ),
    effect: Type.Optional(Type.Union([Type.Literal('seen'), Type.Literal('missed'), Type.Literal('unknown')])),
    oscillation: Type.Optional(
      Type.Union(
        (['raised', 'frozen', 'thawed', 'cleared'] as const).map((word) => Type.Literal(word)),
        { description: 'that policies undo each other is told, they are frozen, may act again, or it is over' },
      ),
    ),
    reading: Type.Optional(
      Type.Record(Type.String(), Type.Union([Value, Type.Null()]), { description: 'values by element/property; null: unknown' }),
    ),
  },
  closed,
);
export type Expected = Readonly<Static<typeof Expected>>;

export const ScenarioDocument = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    manager: Type.Optional(Type.String({ description: 'the manager file, relative to this one; homeostat.json beside it if not given' })),
    elements: Type.Optional(Type.Record(Type.String(), ScenarioElement, { description: 'in place of the elements of the manager file' })),
    mode: Type.Optional(
      Type.Union([Type.Literal('act'), Type.Literal('advise'), Type.Literal('observe')], {
        description: 'of the manager; act if not given',
      }),
    ),
    every: Duration,
    series: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'values by element/property: `100x3` is one value held for three intervals, `_` a missing one',
      }),
    ),
    outcomes: Type.Optional(
      Type.Array(
        Type.Object(
          {
            command: Type.String(),
            element: Type.Optional(Type.String()),
            outcome: Type.Union([Type.Literal('succeeds'), Type.Literal('fails'), Type.Literal('hangs')]),
            after: Type.Optional(Duration),
            /** Properties of the element that the command changes. */
            set: Type.Optional(Params),
          },
          closed,
        ),
        {
          description:
            'what comes of commands; they succeed at once if nothing is said; only the actuator `set`, series and the `set` given here change an element',
        },
      ),
    ),
    pauses: Type.Optional(
      Type.Array(
        Type.Object(
          { at: Duration, scope: Type.Optional(PauseScope), until: Type.Optional(Duration), reason: Type.Optional(Type.String()) },
          closed,
        ),
      ),
    ),
    people: Type.Optional(Type.Array(Person, { description: 'who approves or rejects what an advising policy asks, and when' })),
    expect: Type.Array(Expected),
    /** Commands that nobody expected do not fail the scenario. */
    others: Type.Optional(Type.Literal('allowed')),
  },
  closed,
);
export type ScenarioDocument = Readonly<Static<typeof ScenarioDocument>>;
