/** What a policies file may say of what a policy does: commands, their parameters, and what follows when they do not help. See docs/actions.md. */

import { Duration } from '../duration.ts';
import { Name, Value } from '../messages.ts';
import type { ConditionDocument } from './policy.ts';
import { type Static, Type } from './schema.ts';

const closed = { additionalProperties: false } as const;

/** A number, or the fact that has it. */
export const Limit = Type.Union([Type.Number(), Type.Object({ fact: Type.String() }, closed)]);
export type Limit = Readonly<Static<typeof Limit>>;

/** Keeps a calculated number within what makes sense. */
const clamp = {
  min: Type.Optional(Type.Union(Limit.anyOf, { description: 'the lowest value it may have: a number or { "fact": … }' })),
  max: Type.Optional(Type.Union(Limit.anyOf, { description: 'the highest value it may have: a number or { "fact": … }' })),
  step: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      description: 'it is rounded to the nearest multiple of this, counted from min or else from 0, before min and max hold it',
    }),
  ),
};

export const FactReference = Type.Object({ fact: Type.String({ description: 'the value of a fact' }), ...clamp }, closed);
export const ExpressionReference = Type.Object(
  { expression: Type.String({ description: 'CEL over the facts of the element' }), ...clamp },
  closed,
);
export const ValueReference = Type.Object(
  { value: Type.Union(Value.anyOf, { description: 'a literal that is to be clamped' }), ...clamp },
  closed,
);

/** A parameter: a literal, the value of a fact, or an expression over facts; the object forms with bounds where wanted. */
export const Param = Type.Union([Value, FactReference, ExpressionReference, ValueReference]);
export type Param = Readonly<Static<typeof Param>>;

export const ActionDocument = Type.Object(
  {
    command: Name,
    target: Type.Optional(
      Type.String({
        description: 'self (default), parent, the id of an element, or homeostat: setPoint, switchSuite, setMode, setInterval',
      }),
    ),
    params: Type.Optional(Type.Record(Type.String(), Param)),
    while: Type.Optional(
      Type.Literal(true, { description: 'of an action on homeostat: what it sets lasts only as long as the symptom is raised' }),
    ),
  },
  closed,
);
export type ActionDocument = Readonly<Static<typeof ActionDocument>>;

/** Stands for a condition until the schema is published: what is wrong inside, the reader of conditions says better. */
const Condition = Type.Unsafe<ConditionDocument>({ type: 'object', title: 'condition' });

const Actions = Type.Array(ActionDocument, { minItems: 1 });

/** What is done when the expected effect was not seen: an action, or one of the ways to go on. */
export const OtherwiseDocument = Type.Union([
  ActionDocument,
  Type.Object(
    {
      retry: Type.Integer({
        minimum: 1,
        maximum: 100,
        description: 'the same command again, at most so many times while the symptom is raised; its effect is awaited each time',
      }),
    },
    closed,
  ),
  Type.Object(
    {
      escalate: Type.Object(
        { priority: Type.Integer({ minimum: 1, description: 'higher than that of the policy' }), actions: Actions },
        { ...closed, description: 'actions that are proposed with a higher priority' },
      ),
    },
    closed,
  ),
  Type.Object({ compensate: Type.Array(ActionDocument, { minItems: 1, description: 'actions that undo what the command did' }) }, closed),
  Type.Object(
    { rollBack: Type.Literal(true, { description: 'the property that the command set gets the value that it had before' }) },
    closed,
  ),
]);
export type OtherwiseDocument = Readonly<Static<typeof OtherwiseDocument>>;

export const Expectation = Type.Object(
  {
    within: Duration,
    conditions: Condition,
    otherwise: Type.Optional(
      Type.Array(OtherwiseDocument, {
        description: 'actions, retry, escalate, compensate, rollBack; retries come first, then all the rest',
      }),
    ),
    on: Type.Optional(
      Type.Array(Type.Union([Type.Literal('missed'), Type.Literal('failed')]), {
        minItems: 1,
        uniqueItems: true,
        description: 'what leads to otherwise: the effect was missed (default), the command failed or timed out',
      }),
    ),
  },
  closed,
);
export type Expectation = Readonly<Static<typeof Expectation>>;

/** One of several things that may help, tried in turn. */
export const RemedyDocument = Type.Object(
  {
    name: Name,
    if: Type.Optional(Condition),
    actions: Actions,
    expect: Type.Optional(Expectation),
  },
  closed,
);
export type RemedyDocument = Readonly<Static<typeof RemedyDocument>>;
