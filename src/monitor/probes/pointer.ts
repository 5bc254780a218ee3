/** JSON pointers (RFC 6901), and values read by them from a JSON document. */

import { Type } from '../../documents/schema.ts';
import { NAME_PATTERN } from '../../messages.ts';
import type { Measurement, Sample } from './probe.ts';
import { isValue } from './values.ts';

export const POINTER_PATTERN = '^(/([^~/]|~[01])*)*$';

/** Which value of a JSON document becomes which property. */
export const Pointers = Type.Record(Type.String({ pattern: NAME_PATTERN }), Type.String({ pattern: POINTER_PATTERN }), {
  minProperties: 1,
  additionalProperties: false,
  description: 'property → JSON pointer of its value, a number, text or truth value: { "pending": "/queue/pending" }',
});

/** The pointers of a configuration, cut into their tokens: few, and read again with every message. */
const cut = new Map<string, readonly string[]>();
const CUT_POINTERS = 10_000;

function tokensOf(pointer: string): readonly string[] {
  let tokens = cut.get(pointer);
  if (tokens === undefined) {
    tokens = pointer
      .split('/')
      .slice(1)
      .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (cut.size >= CUT_POINTERS) cut.clear();
    cut.set(pointer, tokens);
  }
  return tokens;
}

/** What stands at a pointer; undefined: nothing does. */
export function at(document: unknown, pointer: string): unknown {
  let here = document;
  for (const key of tokensOf(pointer)) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Readonly<Record<string, unknown>>)[key];
  }
  return here;
}

/** The value at each pointer; those that are missing, or are no value, are named in `wrong`. */
export function readPointers(document: unknown, pointers: Readonly<Record<string, string>>): Measurement {
  const samples: Sample[] = [];
  const wrong: string[] = [];
  for (const [property, pointer] of Object.entries(pointers)) {
    const value = at(document, pointer);
    if (isValue(value)) samples.push({ property, value });
    else wrong.push(value === undefined ? `nothing at ${pointer}` : `${pointer || 'the whole'} is ${nameOf(value)}, not a single value`);
  }
  return wrong.length === 0 ? { samples } : { samples, wrong: wrong.join('; ') };
}

const nameOf = (thing: unknown): string => (thing === null ? 'null' : Array.isArray(thing) ? 'a list' : 'an object');
