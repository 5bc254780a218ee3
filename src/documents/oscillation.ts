/** When commands that undo each other are told of, and whether their policies are held. See docs/gates.md. */

import { Duration } from '../duration.ts';
import { type Static, Type } from './schema.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });

export const OscillationDocument = Type.Union(
  [
    Type.Object(
      {
        within: Type.Optional(described(Duration, 'how far back commands count; 10m if not given')),
        reversals: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 20,
            description: 'how often a command may turn back what the one before moved, until it is told; 4 if not given',
          }),
        ),
        freeze: Type.Optional(
          Type.Union([Duration, Type.Literal(false)], {
            description: 'how long the two policies are then held on that element; false, if not given: it is only told',
          }),
        ),
      },
      closed,
    ),
    Type.Literal(false),
  ],
  { description: 'commands that undo each other; false: nobody watches for them' },
);
export type OscillationDocument = Readonly<Static<typeof OscillationDocument>>;
