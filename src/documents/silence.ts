/** Findings of `homeostat check` that a person has looked at and wants to hear no more of. */
import { Type } from './schema.ts';

export const Silence = Type.Record(Type.String({ pattern: '^H[0-9]{3}$' }), Type.String({ minLength: 1 }), {
  additionalProperties: false,
  description: 'findings of homeostat check that are as they should be, each with the reason: { "H213": "it only grows, by law" }',
});
