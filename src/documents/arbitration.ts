/** What files may say of arbitration: merges, pools, and what a policy thinks of its share. See docs/arbitration.md. */

import { ElementId, Name } from '../messages.ts';
import { ExpressionReference, FactReference } from './action.ts';
import { type Static, Type } from './schema.ts';

const closed = { additionalProperties: false } as const;

/** How numeric proposals of one step for the same thing become one command. */
export const Merge = Type.Union(
  [Type.Literal('max'), Type.Literal('min'), Type.Literal('sum'), Type.Literal('mean'), Type.Literal('utility')],
  { description: 'proposals of one step for the same element and resource become one command instead of excluding each other' },
);
export type Merge = Static<typeof Merge>;

/** What several elements share: units that some have, others cannot have. */
export const PoolDocument = Type.Object(
  {
    total: Type.Union([Type.Number({ minimum: 0 }), Type.Object({ element: ElementId, property: Name }, closed)], {
      description: 'how much there is: a number, or the property of an element',
    }),
    unit: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'how much is granted at a time; 1 if not given' })),
  },
  closed,
);
export type PoolDocument = Readonly<Static<typeof PoolDocument>>;

/** What one more unit of a pool is worth. */
export const Utility = Type.Union([Type.Number(), FactReference, ExpressionReference], {
  description: 'what one more unit is worth; in an expression, `units` is how many the element would have with it',
});
export type Utility = Readonly<Static<typeof Utility>>;
