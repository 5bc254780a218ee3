/** Conditions of Drools' rulebooks (the conditions of ansible-rulebook, as JSON) as `where` of patterns. */
import type { ConditionDocument } from '../../src/documents/condition.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Fields = { readonly [key: string]: Json };
/** A condition over events, which may be an expression. */
export type Where =
  | ConditionDocument
  | { readonly expression: string }
  | { readonly all?: readonly Where[]; readonly any?: readonly Where[]; readonly not?: Where };

export const isFields = (x: Json | undefined): x is Fields => typeof x === 'object' && x !== null && !Array.isArray(x);
const only = (fields: Fields): readonly [key: string, value: Json] => {
  const [first, ...more] = Object.entries(fields);
  if (first === undefined || more.length > 0) throw new Error(`one key is expected: ${JSON.stringify(fields)}`);
  return first;
};

/** A part of an event: which, and the steps to it. */
interface Part {
  readonly fact: string;
  readonly steps: readonly (string | number)[];
}

const LABELS = ['Event', 'Events', 'Fact', 'Facts', 'fact', 'event'];
const LITERALS = ['Integer', 'Float', 'String', 'Boolean', 'NullType'];

/** `node["a/b"].list[1] . name` */
function stepsOf(path: string): (string | number)[] {
  return [...path.matchAll(/\[\s*"([^"]*)"\s*\]|\[\s*'([^']*)'\s*\]|\[\s*([0-9]+)\s*\]|([^.[\]]+)/g)].flatMap(
    ([, double, single, index, name]): readonly (string | number)[] => {
      if (index !== undefined) return [Number(index)];
      const text = (double ?? single ?? name ?? '').trim();
      return text === '' ? [] : [text];
    },
  );
}

const quoted = (step: string | number): string => (typeof step === 'number' ? `[${step}]` : `['${step}']`);
export const pathOf = (path: string): string => `$${stepsOf(path).map(quoted).join('')}`;

const ORDER: Readonly<Record<string, string>> = {
  EqualsExpression: 'equal',
  NotEqualsExpression: 'notEqual',
  GreaterThanExpression: 'greaterThan',
  GreaterThanOrEqualToExpression: 'greaterThanInclusive',
  LessThanExpression: 'lessThan',
  LessThanOrEqualToExpression: 'lessThanInclusive',
  ListContainsItemExpression: 'contains',
  ListNotContainsItemExpression: 'doesNotContain',
  ItemInListExpression: 'in',
  ItemNotInListExpression: 'notIn',
};
const SIGNS: Readonly<Record<string, string>> = {
  '==': 'equal',
  '!=': 'notEqual',
  '>': 'greaterThan',
  '>=': 'greaterThanInclusive',
  '<': 'lessThan',
  '<=': 'lessThanInclusive',
  in: 'in',
  'not in': 'notIn',
  contains: 'contains',
  'not contains': 'doesNotContain',
};
const CALCULATIONS: Readonly<Record<string, string>> = {
  AdditionExpression: '+',
  SubtractionExpression: '-',
  MultiplicationExpression: '*',
};
/** Comparisons in expressions, where one side calculates. */
const IN_WORDS: Readonly<Record<string, string>> = {
  equal: '==',
  notEqual: '!=',
  greaterThan: '>',
  greaterThanInclusive: '>=',
  lessThan: '<',
  lessThanInclusive: '<=',
};

/** Turns the conditions of one rule, event by event; `names` are those of the events before. */
export class Conditions {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  where(condition: Json): Where {
    if (typeof condition === 'string') return this.#written(condition);
    if (!isFields(condition)) throw new Error(`no condition: ${JSON.stringify(condition)}`);
    const [form, said] = only(condition);
    if (ORDER[form] !== undefined && isFields(said)) return this.#compared(said.lhs!, ORDER[form], said.rhs!);
    switch (form) {
      case 'AndExpression':
        return { all: [this.where((said as Fields).lhs!), this.where((said as Fields).rhs!)] };
      case 'OrExpression':
        return { any: [this.where((said as Fields).lhs!), this.where((said as Fields).rhs!)] };
      case 'NegateExpression':
        return this.#isPart(said) ? this.#test(this.#part(said), 'equal', false) : { not: this.where(said) };
      case 'IsDefinedExpression':
        return this.#test(this.#part(said), 'unknown', false);
      case 'IsNotDefinedExpression':
        return this.#test(this.#part(said), 'unknown', true);
      case 'SelectExpression':
      case 'SelectNotExpression':
        return this.#selected(said as Fields, form === 'SelectNotExpression');
      case 'SelectAttrExpression':
      case 'SelectAttrNotExpression':
        return this.#selected(said as Fields, form === 'SelectAttrNotExpression');
      case 'SearchMatchesExpression':
        return this.#searched(said as Fields);
      case 'SearchNotMatchesExpression':
        return { not: this.#searched(said as Fields) };
      default:
        if (this.#isPart(condition)) return this.#test(this.#part(condition), 'equal', true);
        throw new Error(`unknown form ${form}`);
    }
  }

  /** `sensu.data.i == 1` */
  #written(text: string): Where {
    const [, left, sign, right] = /^(.+?)\s*(==|!=|>=|<=|>|<)\s*(.+)$/.exec(text) ?? [];
    if (left === undefined) return this.#test(this.#part(text), 'equal', true);
    return this.#compared(left, SIGNS[sign!]!, { [/^-?[0-9]+$/.test(right!) ? 'Integer' : 'String']: right!.replace(/^["']|["']$/g, '') });
  }

  #isPart(said: Json): boolean {
    if (typeof said === 'string') return true;
    if (!isFields(said)) return false;
    const [label, path] = only(said);
    return typeof path === 'string' && !LITERALS.includes(label) && !label.endsWith('Expression');
  }

  /** `{ "Event": "sensu.i" }`, `{ "Events": "m_0.i" }`, `{ "sensu": "i" }` or `"i"`. */
  #part(said: Json): Part {
    if (typeof said === 'string') return { fact: 'event', steps: stepsOf(said) };
    const [label, path] = only(said as Fields);
    const steps = stepsOf(String(path));
    if (!LABELS.includes(label)) return { fact: 'event', steps: [label, ...steps] };
    const [first, ...rest] = steps;
    return typeof first === 'string' && this.#names.includes(first) ? { fact: first, steps: rest } : { fact: 'event', steps };
  }

  #test({ fact, steps }: Part, operator: string, value: unknown): ConditionDocument {
    return { fact, path: `$${steps.map(quoted).join('')}`, operator, value };
  }

  #literal(said: Json): unknown {
    if (Array.isArray(said)) return said.map((one: Json) => this.#literal(one));
    const [type, value] = only(said as Fields);
    return type === 'Integer' || type === 'Float' ? Number(value) : type === 'NullType' ? null : value;
  }

  #isCalculation = (said: Json): boolean => isFields(said) && CALCULATIONS[only(said)[0]] !== undefined;

  #compared(left: Json, operator: string, right: Json): Where {
    if (this.#isCalculation(left) || this.#isCalculation(right))
      return { expression: `${this.#cel(left)} ${IN_WORDS[operator]!} ${this.#cel(right)}` };
    const part = this.#part(left);
    if (this.#isPart(right)) {
      const other = this.#part(right);
      return this.#test(part, operator, { fact: other.fact, path: `$${other.steps.map(quoted).join('')}` });
    }
    const value = this.#literal(right);
    if (operator !== 'notEqual') return this.#test(part, operator, value);
    // Drools takes values of different types for neither equal nor different.
    if (typeof value === 'number') return { any: [this.#test(part, 'lessThan', value), this.#test(part, 'greaterThan', value)] };
    if (typeof value === 'boolean') return this.#test(part, 'equal', !value);
    return { all: [this.#test(part, 'notEqual', value), ...(typeof value === 'string' ? [this.#test(part, 'matches', '')] : [])] };
  }

  /** A side of a calculation, in CEL. */
  #cel(said: Json): string {
    if (this.#isPart(said)) {
      const { fact, steps } = this.#part(said);
      return `fact(${JSON.stringify([fact, ...steps].join('.'))})`;
    }
    const [form, inner] = only(said as Fields);
    const sign = CALCULATIONS[form];
    return sign === undefined
      ? JSON.stringify(this.#literal(said))
      : `(${this.#cel((inner as Fields).lhs!)} ${sign} ${this.#cel((inner as Fields).rhs!)})`;
  }

  /** One of a list, or of the attributes of a list of objects, wherever there are lists on the way; a single value is a list of one. */
  #selected({ lhs, rhs }: Fields, denied: boolean): Where {
    const { operator, value, key } = rhs as Fields;
    const name = `${denied ? 'not:' : ''}${SIGNS[String(this.#literal(operator!))]!}`;
    const { fact, steps } = this.#part(lhs!);
    const [first, ...rest] = [...steps, ...(key === undefined ? [] : stepsOf(String(this.#literal(key))))];
    const deep = rest.reduce<string>((path, step) => path + (typeof step === 'number' ? `[${step}]` : `..${step}`), `$.${first}`);
    const right = this.#isPart(value!)
      ? { fact: this.#part(value!).fact, path: `$${this.#part(value!).steps.map(quoted).join('')}` }
      : this.#literal(value!);
    const one = (path: string): Where[] => [
      { fact, path, operator: `someFact:${name}`, value: right },
      // A single value is no list: of a list each is in none.
      {
        all: [
          { fact, path, operator: name, value: right },
          { fact, path, operator: 'not:everyFact:notIn', value: [] },
        ],
      },
    ];
    return { any: [...one(`${deep}@scalar()`), ...one(`${deep}[*]@scalar()`)] };
  }

  /** `match` is held to the beginning, of each line if there are several; `search` and `regex` are found anywhere. */
  #searched({ lhs, rhs }: Fields): Where {
    const { kind, pattern, options = [] } = (rhs as Fields).SearchType as Fields;
    const begins = this.#literal(kind!) === 'match';
    if (!this.#isPart(lhs!)) {
      const text = JSON.stringify(this.#literal(lhs!));
      // A pattern that an event brings is taken for a plain text: nobody could have compiled it before.
      return { expression: `${text}.${begins ? 'startsWith' : 'contains'}(${this.#cel(pattern!)})` };
    }
    const chosen = (options as readonly Fields[])
      .filter((option) => this.#literal(option.value!) === true)
      .map((option) => this.#literal(option.name!));
    const flags = [...(chosen.includes('ignorecase') ? ['i'] : []), ...(chosen.includes('multiline') ? ['m'] : [])].join('');
    const source = String(this.#literal(pattern!));
    return this.#test(this.#part(lhs!), 'matches', `${flags === '' ? '' : `(?${flags})`}${begins ? `^(?:${source})` : source}`);
  }
}
