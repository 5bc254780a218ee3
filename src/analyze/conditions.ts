/** Conditions: from the words of a policy to a tree that can be judged and explained. */
import type { ConditionDocument } from '../documents/policy.ts';
import type { ErrorCode } from '../errors.ts';
import { nearest } from '../suggest.ts';
import { type Compare, combine, DECORATORS, not, OPERATORS, operatorOf, type Truth } from './operators.ts';

/** What a comparison is made with. */
export type Operand = { readonly literal: unknown } | { readonly fact: string };

export type Condition =
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'test'; readonly fact: string; readonly operator: string; readonly compare: Compare; readonly value: Operand };

/** The value of a fact; undefined: unknown. */
export type Facts = (name: string) => unknown;

/** True, false, or undefined for unknown. Every part is judged in the same order, and stops early where the answer is sure. */
export function judge(condition: Condition, facts: Facts): Truth {
  switch (condition.kind) {
    case 'test': {
      const fact = facts(condition.fact);
      const value = 'fact' in condition.value ? facts(condition.value.fact) : condition.value.literal;
      return fact === undefined || value === undefined ? undefined : condition.compare(fact, value);
    }
    case 'not':
      return not(judge(condition.part, facts));
    default: {
      const sure = condition.kind === 'any';
      let result: Truth = !sure;
      for (const part of condition.parts) {
        const truth = judge(part, facts);
        if (truth === sure) return sure;
        if (truth === undefined) result = undefined;
      }
      return result;
    }
  }
}

/** A condition with its truth and, for a comparison, what was compared. */
export type Judged =
  | { readonly kind: 'all' | 'any' | 'not'; readonly truth: Truth; readonly parts: readonly Judged[] }
  | {
      readonly kind: 'test';
      readonly truth: Truth;
      readonly fact: string;
      readonly operator: string;
      readonly actual: unknown;
      readonly expected: unknown;
      /** The fact that the right side came from. */
      readonly expectedFact?: string;
    };

/** Like `judge`, with the whole tree judged and shown. */
export function judgeAll(condition: Condition, facts: Facts): Judged {
  if (condition.kind === 'test') {
    const expected = 'fact' in condition.value ? facts(condition.value.fact) : condition.value.literal;
    return {
      kind: 'test',
      truth: judge(condition, facts),
      fact: condition.fact,
      operator: condition.operator,
      actual: facts(condition.fact),
      expected,
      ...('fact' in condition.value ? { expectedFact: condition.value.fact } : {}),
    };
  }
  const parts = (condition.kind === 'not' ? [condition.part] : condition.parts).map((part) => judgeAll(part, facts));
  const truths = parts.map((part) => part.truth);
  return { kind: condition.kind, truth: condition.kind === 'not' ? not(truths[0]) : combine[condition.kind](truths), parts };
}

/** The facts that a condition reads, in order. */
export function factsOf(condition: Condition): string[] {
  const names = new Set<string>();
  const visit = (c: Condition): void => {
    if (c.kind === 'not') visit(c.part);
    else if (c.kind !== 'test') c.parts.forEach(visit);
    else {
      names.add(c.fact);
      if ('fact' in c.value) names.add(c.value.fact);
    }
  };
  visit(condition);
  return [...names].sort();
}

/** Takes a mistake: its code, the pointer to it from the condition's own root, what is wrong, and the remedy. */
export type Report = (code: ErrorCode, pointer: string, message: string, remedy?: string) => void;

const KEYS = ['all', 'any', 'not', 'condition', 'fact', 'operator', 'value', 'path', 'params', 'name', 'priority'];
const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);
const show = (x: unknown): string => JSON.stringify(x) ?? 'nothing';

/**
 * Reads a condition, with the named conditions of its file. Every mistake is reported; the result is undefined if there was one.
 * json-rules-engine finds most of these only when it meets them, or never.
 */
export function parseCondition(
  document: unknown,
  named: Readonly<Record<string, ConditionDocument>>,
  report: Report,
  pointer = '',
  within: readonly string[] = [],
): Condition | undefined {
  if (!isObject(document)) {
    report('H102', pointer, `found ${show(document)} where a condition must be`, 'write an object with all, any, not, condition or fact');
    return undefined;
  }
  for (const key of Object.keys(document)) {
    if (!KEYS.includes(key)) report('H004', `${pointer}/${key}`, `unknown key "${key}" in a condition${nearest(key, KEYS)}`);
  }
  const forms = ['all', 'any', 'not', 'condition', 'fact'].filter((key) => document[key] !== undefined);
  if (forms.length !== 1) {
    report('H102', pointer, `a condition must have exactly one of all, any, not, condition and fact; found ${forms.join(', ') || 'none'}`);
    return undefined;
  }
  const form = forms[0]!;
  if (form === 'fact') return parseTest(document, report, pointer);
  if (form === 'not') {
    const part = parseCondition(document.not, named, report, `${pointer}/not`, within);
    return part && { kind: 'not', part };
  }
  if (form === 'condition') return parseNamed(document.condition, named, report, pointer, within);
  return parseList(form as 'all' | 'any', document[form], named, report, pointer, within);
}

function parseList(
  kind: 'all' | 'any',
  list: unknown,
  named: Readonly<Record<string, ConditionDocument>>,
  report: Report,
  pointer: string,
  within: readonly string[],
): Condition | undefined {
  if (!Array.isArray(list) || list.length === 0) {
    const found = Array.isArray(list) ? 'an empty list, which json-rules-engine takes for true' : show(list);
    report('H102', `${pointer}/${kind}`, `found ${found} where "${kind}" needs a list of conditions`);
    return undefined;
  }
  const parts = list.map((part, i) => parseCondition(part, named, report, `${pointer}/${kind}/${i}`, within));
  return parts.every((part) => part !== undefined) ? { kind, parts } : undefined;
}

function parseNamed(
  name: unknown,
  named: Readonly<Record<string, ConditionDocument>>,
  report: Report,
  pointer: string,
  within: readonly string[],
): Condition | undefined {
  if (typeof name !== 'string' || !Object.hasOwn(named, name)) {
    report('H005', `${pointer}/condition`, `no condition is named ${show(name)} in this file${nearest(String(name), Object.keys(named))}`);
    return undefined;
  }
  if (within.includes(name)) {
    report('H106', `${pointer}/condition`, `the named condition "${name}" contains itself: ${[...within, name].join(' → ')}`);
    return undefined;
  }
  return parseCondition(named[name], named, report, `${pointer}/condition`, [...within, name]);
}

function parseTest(document: Record<string, unknown>, report: Report, pointer: string): Condition | undefined {
  const { fact, operator: name, value } = document;
  let wrong = false;
  const mistake = (code: ErrorCode, at: string, message: string, remedy?: string): void => {
    wrong = true;
    report(code, `${pointer}${at}`, message, remedy);
  };
  if (typeof fact !== 'string' || fact === '') mistake('H102', '/fact', `found ${show(fact)} where the name of a fact must be`);
  const operator = typeof name === 'string' ? operatorOf(name) : undefined;
  if (operator === undefined) {
    const known = Object.keys(OPERATORS);
    const last = String(name).split(':').at(-1)!;
    const hint = known.includes(last) ? ` (decorators: ${Object.keys(DECORATORS).join(', ')})` : nearest(last, known);
    mistake('H104', '/operator', name === undefined ? 'a comparison needs an operator' : `unknown operator ${show(name)}${hint}`);
  }
  if (value === undefined) mistake('H102', '/value', 'a comparison needs a value');
  const operand: Operand = isObject(value) && typeof value.fact === 'string' ? { fact: value.fact } : { literal: value };
  if (operator !== undefined && value !== undefined && 'literal' in operand) {
    if (operator.value === 'number' && typeof value !== 'number') {
      mistake('H105', '/value', `${name} compares numbers; found ${show(value)}`, 'write a number, or { "fact": … }');
    } else if (operator.value === 'list' && !Array.isArray(value)) {
      mistake('H105', '/value', `${name} needs a list; found ${show(value)}`, 'write a list of values, or { "fact": … }');
    }
  }
  return wrong ? undefined : { kind: 'test', fact: fact as string, operator: name as string, compare: operator!.compare, value: operand };
}
