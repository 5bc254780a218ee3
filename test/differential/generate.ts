/** Random rules in json-rules-engine's language, and random facts for them. */

import { wordsWith } from '../../src/analyze/custom.ts';
import { operatorOf, type SideType } from '../../src/analyze/operators.ts';
import type { ConditionDocument } from '../../src/documents/policy.ts';
import type { Random } from '../simulation/random.ts';
import { CUSTOM } from './custom.ts';

export type Named = Record<string, ConditionDocument>;
export type Given = Record<string, unknown>;

/** Some are names that every object has already. */
const FACTS = ['load', 'state', 'tags', 'user', 'limit', 'on', 'constructor', 'user name', 'a.b'];
const OPERATORS = [
  'equal',
  'notEqual',
  'greaterThan',
  'greaterThanInclusive',
  'lessThan',
  'lessThanInclusive',
  'in',
  'notIn',
  'contains',
  'doesNotContain',
  'startsWith',
];
const DECORATORS = ['not', 'swap', 'someFact', 'everyFact', 'someValue', 'everyValue', 'size'];
const NAMES = ['calm', 'busy', 'odd'];
const PATHS = [
  '$.a',
  '$.a.b',
  '$.list',
  '$.list[0]',
  '$.list[*]',
  '$.list[1:]',
  '$..a',
  '$',
  'a',
  "$['a']",
  '$.list.length',
  '$.gone',
  '$..*',
  '$.*',
  '$.a^',
  '$.a~',
  '$.list[-1:]',
  '$[0]',
  '$[*].a',
  '$.a@number()',
];
const WORDS = wordsWith(CUSTOM);

const SCALARS: readonly unknown[] = [
  0,
  1,
  2,
  3,
  10,
  -1,
  0.5,
  -0,
  1e21,
  9007199254740991,
  true,
  false,
  null,
  '',
  'a',
  'b',
  'up',
  '0',
  '1',
  '2',
  '10',
  '9',
  '1e1',
  ' 3 ',
  '3px',
  '-1',
  '.5',
  'NaN',
  'Infinity',
  'null',
  'true',
  '[object Object]',
  '1,2',
  'constructor',
];

const scalar = (random: Random): unknown => (random.chance(0.35) ? random.between(0, 4) : random.pick(SCALARS));
const list = (random: Random, make: (random: Random) => unknown): unknown[] =>
  Array.from({ length: random.between(0, 3) }, () => make(random));

/** Any JSON. Own keys may hide those that every object has. */
function json(random: Random, depth = 2): unknown {
  const kind = depth === 0 ? 0 : random.next();
  if (kind < 0.6) return scalar(random);
  if (kind < 0.8) return list(random, (r) => json(r, depth - 1));
  const keys = ['a', 'b', 'list', ...(random.chance(0.05) ? ['toString', 'valueOf', '__proto__', 'fact', 'length'] : [])];
  const pairs = keys.filter(() => random.chance(0.6)).map((key) => `${JSON.stringify(key)}:${JSON.stringify(json(random, depth - 1))}`);
  return JSON.parse(`{${pairs.join(',')}}`) as unknown;
}

/** Some facts are missing, most are of a kind that operators like. */
export function facts(random: Random): Given {
  const given: Given = {};
  for (const name of FACTS) {
    if (random.chance(0.12)) continue;
    if (random.chance(0.15)) given[name] = json(random);
    else if (name === 'tags') given[name] = list(random, scalar);
    else if (name === 'user')
      given[name] = {
        a: random.chance(0.5) ? scalar(random) : { b: scalar(random) },
        list: list(random, random.chance(0.5) ? scalar : (r) => ({ a: scalar(r) })),
      };
    else if (name === 'load' || name === 'limit') given[name] = random.chance(0.8) ? random.between(0, 4) : scalar(random);
    else given[name] = scalar(random);
  }
  return given;
}

export const named = (random: Random): Named =>
  // Each may name those after it, so that there is no circle.
  Object.fromEntries(NAMES.map((name, i) => [name, condition(random, 2, NAMES.slice(i + 1))]));

/** A rule's conditions: all, any, not, or a named condition on top. */
export function conditions(random: Random): ConditionDocument {
  const document = condition(random, random.between(1, 3), NAMES);
  return document.fact === undefined ? document : { all: [document] };
}

function condition(random: Random, depth: number, names: readonly string[]): ConditionDocument {
  const more = { ...(random.chance(0.1) ? { priority: random.between(1, 5) } : {}), ...(random.chance(0.05) ? { name: 'n' } : {}) };
  const kind = depth === 0 ? 1 : random.next();
  const parts = () => Array.from({ length: random.chance(0.03) ? 0 : random.between(1, 3) }, () => condition(random, depth - 1, names));
  if (kind < 0.3) return { all: parts(), ...more };
  if (kind < 0.6) return { any: parts(), ...more };
  if (kind < 0.75) return { not: condition(random, depth - 1, names), ...more };
  if (kind < 0.85 && names.length > 0) return { condition: random.pick(names), ...more };
  return { ...comparison(random), ...more };
}

function comparison(random: Random): ConditionDocument {
  const decorators = random.chance(0.6) ? [] : Array.from({ length: random.between(1, 3) }, () => random.pick(DECORATORS));
  const operator = [...decorators, random.pick(OPERATORS)].join(':');
  const { fact: factType, value: valueType } = operatorOf(operator, WORDS)!;
  return {
    ...reference(random, likes(factType)),
    operator,
    value: random.chance(0.3) ? reference(random, likes(valueType)) : fitting(random, valueType),
  } as ConditionDocument;
}

const likes = (type: SideType): readonly string[] =>
  typeof type === 'object' || type === 'list' ? ['tags', 'user'] : type === 'number' ? ['load', 'limit'] : FACTS;

function reference(random: Random, liked: readonly string[]): object {
  const fact = random.chance(0.8) ? random.pick(liked) : random.chance(0.05) ? 'no such fact' : random.pick(FACTS);
  const path = fact === 'user' ? random.chance(0.8) : random.chance(0.05);
  return {
    fact,
    ...(path ? { path: random.chance(0.02) ? '' : random.pick(PATHS) } : {}),
    ...(random.chance(0.05) ? { params: { unit: scalar(random) } } : {}),
  };
}

/** A literal that is not refused at load. */
function fitting(random: Random, type: SideType): unknown {
  if (typeof type === 'object') return list(random, (r) => fitting(r, type.listOf));
  if (type === 'number') return random.chance(0.9) ? random.between(0, 4) : random.pick([-1, 0.5, 1e21, 10]);
  if (type === 'list') return list(random, scalar);
  const value = random.chance(0.9) ? scalar(random) : json(random);
  // An object with a fact in it is no literal.
  return typeof value === 'object' && value !== null && 'fact' in value ? null : value;
}
