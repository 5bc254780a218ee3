/** How a document names a secret: where it is to be found, never what it is. */
import { type Static, Type } from './schema.ts';

const closed = { additionalProperties: false } as const;

export const Secret = Type.Union(
  [
    Type.Object(
      { env: Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$', maxLength: 200, description: 'the environment variable that holds it' }) },
      closed,
    ),
    Type.Object(
      {
        file: Type.String({
          minLength: 1,
          maxLength: 4_000,
          description: 'the file that holds it, relative to this one; a line break at its end is not part of it',
        }),
      },
      closed,
    ),
  ],
  { description: 'where a secret is found: {"env": "NAME"} or {"file": "path"}' },
);
export type Secret = Readonly<Static<typeof Secret>>;
