/**
 * JSON Schemas with the types of what they let through: the builders of TypeBox that we use, by its types. TypeBox makes the same plain objects, and loads three hundred files
 * for it, which took a tenth of a start. The only file that imports what `typebox` makes schemas with.
 */
import type { Type as Builders, TSchema } from 'typebox';

export type { Static, TProperties, TSchema } from 'typebox';

type Plain = Record<string, unknown>;

const OPTIONAL = '~optional';

const optional = (schema: Plain): Plain => Object.defineProperty({ ...schema }, OPTIONAL, { value: true });

function object(properties: Readonly<Record<string, Plain>>, options?: Plain): Plain {
  const required = Object.keys(properties).filter((name) => !Object.hasOwn(properties[name]!, OPTIONAL));
  return { type: 'object', ...(required.length === 0 ? {} : { required }), properties, ...options };
}

/** Of keys that any text may be, the pattern says so. */
const record = ({ pattern = '^.*$' }: { readonly pattern?: string }, value: Plain, options?: Plain): Plain => ({
  type: 'object',
  patternProperties: { [pattern]: value },
  ...options,
});

const MADE = {
  Array: (items: Plain, options?: Plain): Plain => ({ type: 'array', items, ...options }),
  Boolean: (options?: Plain): Plain => ({ type: 'boolean', ...options }),
  Enum: (values: readonly string[], options?: Plain): Plain => ({ enum: values, ...options }),
  Integer: (options?: Plain): Plain => ({ type: 'integer', ...options }),
  Intersect: (allOf: readonly Plain[], options?: Plain): Plain => ({ allOf, ...options }),
  Literal: (value: string | number | boolean, options?: Plain): Plain => ({ type: typeof value, const: value, ...options }),
  Null: (options?: Plain): Plain => ({ type: 'null', ...options }),
  Number: (options?: Plain): Plain => ({ type: 'number', ...options }),
  Object: object,
  Optional: optional,
  Record: record,
  String: (options?: Plain): Plain => ({ type: 'string', ...options }),
  Union: (anyOf: readonly Plain[], options?: Plain): Plain => ({ anyOf, ...options }),
  Unknown: (options?: Plain): Plain => ({ ...options }),
  /** The schema says one thing, and its type another. */
  Unsafe: (schema: TSchema): TSchema => schema,
};

export const Type = MADE as unknown as Pick<typeof Builders, keyof typeof MADE>;
