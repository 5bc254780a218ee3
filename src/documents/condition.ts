/** A condition as it is written, and the schema that lets an editor complete it. See docs/conditions.md. */
import { Duration } from '../duration.ts';
import { Type } from './schema.ts';

/**
 * A condition in the language of json-rules-engine. Its shape is checked by `analyze/parse.ts`, which can say more
 * about a mistake than a schema can; the schema is for editors.
 */
export interface ConditionDocument {
  readonly all?: readonly ConditionDocument[];
  readonly any?: readonly ConditionDocument[];
  readonly not?: ConditionDocument;
  /** The name of a condition that the file defines under `conditions`. */
  readonly condition?: string;
  readonly fact?: string;
  readonly operator?: string;
  readonly value?: unknown;
  readonly path?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly priority?: number;
}

/** By the kind of their value. A test holds this list and that of the matcher together. */
export const OPERATOR_NAMES = {
  any: ['equal', 'notEqual', 'contains', 'doesNotContain'],
  number: ['greaterThan', 'greaterThanInclusive', 'lessThan', 'lessThanInclusive'],
  list: ['in', 'notIn'],
  pair: ['between'],
  pattern: ['matches'],
  span: ['changed', 'increased', 'decreased'],
  flag: ['unknown', 'stale'],
} as const;
export const DECORATOR_NAMES = ['not', 'swap', 'someFact', 'everyFact', 'someValue', 'everyValue'] as const;

const PLAIN = [...OPERATOR_NAMES.any, ...OPERATOR_NAMES.number, ...OPERATOR_NAMES.list, ...OPERATOR_NAMES.pair, ...OPERATOR_NAMES.pattern];
const QUESTIONS = [...OPERATOR_NAMES.span, ...OPERATOR_NAMES.flag];

const FACT = {
  type: 'string',
  minLength: 1,
  description: 'a property (responseTime), of a relative (parent.capacity, children.load.mean) or of an element (shop/db.load)',
} as const;
const PATH = {
  type: 'string',
  description: 'a JSONPath into a fact that is an object, without filters; not for properties of elements',
} as const;
const PARAMS = {
  type: 'object',
  description: 'of json-rules-engine; they change nothing, for facts are values here and no functions',
} as const;

const REFERENCE = {
  type: 'object',
  description: 'the value of another fact',
  properties: { fact: FACT, path: PATH, params: PARAMS },
  required: ['fact'],
  additionalProperties: false,
} as const;
const SPAN = (Duration as { readonly pattern?: string }).pattern;
const NUMBER = { type: 'number' } as const;
const PAIR = { type: 'array', items: NUMBER, minItems: 2, maxItems: 2, description: '[low, high], both included' } as const;

/** The value that operators of one kind take, alone or after `not`. */
const takes = (names: readonly string[], value: object) => ({
  if: { required: ['operator'], properties: { operator: { pattern: `^(not:)*(${names.join('|')})$` } } },
  then: { properties: { value } },
});

export const CONDITION_DEFINITION = {
  type: 'object',
  description: 'a condition of json-rules-engine: all, any, not, a named condition, or a comparison of a fact',
  properties: {
    all: { type: 'array', items: { $ref: '#/$defs/condition' }, description: 'true if each is true' },
    any: { type: 'array', items: { $ref: '#/$defs/condition' }, description: 'true if one is true' },
    not: { $ref: '#/$defs/condition' },
    condition: { type: 'string', description: 'the name of a condition defined in this file' },
    fact: FACT,
    operator: {
      type: 'string',
      description: 'how the fact is compared; decorators stand before it, as in not:in or someFact:equal',
      anyOf: [
        { enum: [...PLAIN, ...QUESTIONS] },
        { pattern: `^((${DECORATOR_NAMES.join('|')}):)+(${PLAIN.join('|')})$` },
        { pattern: `^(not:)+(${QUESTIONS.join('|')})$` },
      ],
    },
    value: { description: 'a literal, or { "fact": … }' },
    path: PATH,
    params: PARAMS,
    name: { type: 'string', description: 'for people' },
    priority: { type: 'integer', minimum: 1, description: 'of json-rules-engine, for the order in which it asks; it changes no answer' },
  },
  allOf: [
    takes(OPERATOR_NAMES.number, { anyOf: [NUMBER, REFERENCE] }),
    takes(OPERATOR_NAMES.list, { anyOf: [{ type: 'array' }, REFERENCE] }),
    takes(OPERATOR_NAMES.pair, { anyOf: [PAIR, REFERENCE] }),
    takes(OPERATOR_NAMES.pattern, {
      type: 'string',
      maxLength: 1_000,
      description: 'a regular expression of RE2, found anywhere in the text',
    }),
    takes(OPERATOR_NAMES.span, {
      type: 'string',
      pattern: SPAN,
      description: 'within how long it must have happened: 250ms, 10s, 5m',
    }),
    takes(OPERATOR_NAMES.flag, { type: 'boolean' }),
  ],
  dependentRequired: { fact: ['operator', 'value'] },
  additionalProperties: false,
} as const;

/** Stands for `EVENT_CONDITION_DEFINITION` until the schema is published: what is wrong inside, the gauge says better. */
export const EventCondition = Type.Unsafe<ConditionDocument>({ type: 'object', title: 'event condition' } as never);

const EVENT_CONDITION = { $ref: '#/$defs/eventCondition' } as const;

/** Conditions over events, in the manager file: facts are events, and have paths. */
export const EVENT_CONDITION_DEFINITION = {
  ...CONDITION_DEFINITION,
  description: 'a condition over an event: all, any, not, a comparison of a fact, or an expression; see docs/gauges.md',
  properties: {
    all: { ...CONDITION_DEFINITION.properties.all, items: EVENT_CONDITION },
    any: { ...CONDITION_DEFINITION.properties.any, items: EVENT_CONDITION },
    not: EVENT_CONDITION,
    expression: {
      type: 'string',
      minLength: 1,
      description: 'a calculation (CEL) that is true or false, such as event.cost > 2 * first.cost; it stands alone',
    },
    fact: { type: 'string', minLength: 1, description: '`event`, or the name of an event before it' },
    operator: CONDITION_DEFINITION.properties.operator,
    value: { description: 'a literal, or { "fact": …, "path": … }' },
    path: { type: 'string', description: 'a JSONPath to the part of the event, such as $.user.name; the whole if not given' },
    name: CONDITION_DEFINITION.properties.name,
    priority: CONDITION_DEFINITION.properties.priority,
  },
} as const;
