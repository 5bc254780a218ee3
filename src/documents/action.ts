/** What a policies file may say of what a policy does: commands, their parameters, and what follows when they do not help. See docs/actions.md. */
import { type Static, Type } from 'typebox';
import { Name, Value } from '../messages.ts';

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
    target: Type.Optional(Type.String({ description: 'self (default), parent, or the id of an element' })),
    params: Type.Optional(Type.Record(Type.String(), Param)),
  },
  closed,
);
export type ActionDocument = Readonly<Static<typeof ActionDocument>>;
