/** One comparison: a fact, an operator and a value. */
import { type ErrorCode, HomeostatError, messageOf } from '../errors.ts';
import { isObject, shown } from '../json.ts';
import { compilePath, type Reach } from '../path.ts';
import { nearest } from '../suggest.ts';
import type { Operand, Test } from './conditions.ts';
import { MAX_DECORATORS, misfit, type Operator, operatorOf, prepare, takesPattern, takesPatternFromFact } from './operators.ts';
import type { Reading } from './parse.ts';
import { isTemporal, spanOf, TEMPORAL, translate } from './temporal.ts';

type Mistake = (code: ErrorCode, at: string, message: string, remedy?: string) => void;

export function parseTest(reading: Reading, document: Record<string, unknown>, pointer: string): Test | undefined {
  let wrong = false;
  const mistake: Mistake = (code, at, message, remedy) => {
    wrong = true;
    reading.report(code, `${pointer}${at}`, message, remedy);
  };
  const { fact, operator: name, value } = document;
  if (typeof fact !== 'string' || fact === '')
    mistake('H102', '/fact', `found ${shown(fact)} where the name of a fact must be`, 'write the name of a property, such as "load"');
  if (typeof name === 'string' && isTemporal(name.slice(name.lastIndexOf(':') + 1))) {
    checkTemporal(document, mistake);
    const asked = wrong ? undefined : translate(fact, name, value);
    return (
      asked && {
        kind: 'test',
        fact: asked.fact,
        operator: asked.operator,
        compare: operatorOf(asked.operator)!.compare,
        value: { literal: asked.value },
        at: pointer,
        said: { fact: fact as string, operator: name, value },
      }
    );
  }
  const operator = findOperator(reading, name, mistake);
  const reach = reachOf(reading, document, '', mistake);
  const operand = operandOf(reading, value, operator, name, mistake);
  if (wrong || operator === undefined || operand === undefined) return undefined;
  const test: Test = {
    kind: 'test',
    fact: fact as string,
    operator: name as string,
    compare: operator.compare,
    value: operand,
    at: pointer,
  };
  return reach === undefined ? test : { ...test, reach, path: document.path as string };
}

function findOperator({ words }: Reading, name: unknown, mistake: Mistake): Operator | undefined {
  const example = 'write one such as "greaterThan", "in" or "not:contains"';
  if (typeof name !== 'string') {
    mistake(
      'H104',
      name === undefined ? '' : '/operator',
      name === undefined ? 'a comparison needs an operator' : `found ${shown(name)} where an operator must be`,
      example,
    );
    return undefined;
  }
  const operator = operatorOf(name, words);
  if (operator !== undefined) {
    if (!takesPatternFromFact(operator)) return operator;
    mistake(
      'H104',
      '/operator',
      `"${name}" would take the regular expression from the fact`,
      'write the expression as the value: it is compiled before anything runs',
    );
    return undefined;
  }
  const parts = name.split(':');
  const last = parts.pop()!;
  const stranger = parts.find((part) => !Object.hasOwn(words.decorators, part));
  if (!Object.hasOwn(words.operators, last))
    mistake(
      'H104',
      '/operator',
      `unknown operator ${shown(name)}${nearest(last, [...Object.keys(words.operators), ...Object.keys(TEMPORAL)])}`,
      'take the suggested one; they are listed in docs/conditions.md',
    );
  else if (stranger !== undefined)
    mistake(
      'H104',
      '/operator',
      `unknown decorator "${stranger}" in ${shown(name)}${nearest(stranger, Object.keys(words.decorators))}`,
      'take the suggested one; they are listed in docs/conditions.md',
    );
  else
    mistake(
      'H104',
      '/operator',
      `found ${parts.length} decorators before "${last}"; at most ${MAX_DECORATORS} may be there`,
      'leave out those that cancel each other',
    );
  return undefined;
}

function reachOf({ paths }: Reading, { path, params }: Record<string, unknown>, at: string, mistake: Mistake): Reach | undefined {
  if (params !== undefined && !isObject(params))
    mistake('H102', `${at}/params`, `found ${shown(params)} where params must be an object`, 'write { … }, or remove it');
  // json-rules-engine takes an empty path for none.
  if (path === undefined || path === '') return undefined;
  if (typeof path !== 'string') {
    mistake('H121', `${at}/path`, `found ${shown(path)} where a path must be a text`, 'write a JSONPath such as "$.address.city"');
    return undefined;
  }
  if (!paths) {
    mistake(
      'H123',
      `${at}/path`,
      `the path ${shown(path)} leads nowhere: properties of elements are numbers, texts, true and false`,
      'remove the path, and give the part a property of its own',
    );
    return undefined;
  }
  try {
    return compilePath(path);
  } catch (thrown) {
    if (!(thrown instanceof HomeostatError)) throw thrown;
    mistake(
      thrown.code,
      `${at}/path`,
      messageOf(thrown),
      'write a plain JSONPath such as "$.address.city", and compare what it leads to by an operator',
    );
    return undefined;
  }
}

const FACT_KEYS = ['fact', 'path', 'params'];

function operandOf(reading: Reading, value: unknown, operator: Operator | undefined, name: unknown, mistake: Mistake): Operand | undefined {
  if (value === undefined) {
    mistake('H102', '', 'a comparison needs a value', 'add "value": a literal, or { "fact": … }');
    return undefined;
  }
  if (isObject(value) && Object.hasOwn(value, 'fact')) return factOperand(reading, value, operator, name, mistake);
  if (operator === undefined) return undefined;
  const wanted = misfit(value, operator.value);
  if (wanted !== undefined) {
    const remedy = takesPattern(operator) ? `write ${wanted}` : `write ${wanted}, or { "fact": … }`;
    mistake('H105', '/value', `${name} needs ${wanted}; found ${shown(value)}`, remedy);
    return undefined;
  }
  try {
    const ready = prepare(value, operator.value);
    return ready === value ? { literal: value } : { literal: value, ready };
  } catch (thrown) {
    if (!(thrown instanceof HomeostatError)) throw thrown;
    mistake(thrown.code, '/value', messageOf(thrown), 'write it in the syntax of RE2, which has no look-around and no back-references');
    return undefined;
  }
}

function factOperand(
  reading: Reading,
  value: Record<string, unknown>,
  operator: Operator | undefined,
  name: unknown,
  mistake: Mistake,
): Operand | undefined {
  for (const key of Object.keys(value))
    if (!FACT_KEYS.includes(key))
      mistake(
        'H004',
        `/value/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        `unknown key "${key}" beside a fact${nearest(key, FACT_KEYS)}`,
        'remove the key',
      );
  const { fact, path } = value;
  if (typeof fact !== 'string' || fact === '') {
    mistake(
      'H102',
      '/value/fact',
      `found ${shown(fact)} where the name of a fact must be`,
      'write the name of a property, such as "limit"',
    );
    return undefined;
  }
  if (operator !== undefined && takesPattern(operator)) {
    mistake(
      'H105',
      '/value',
      `${name} needs its regular expression written down; found a fact`,
      'write the expression as the value: it is compiled before anything runs',
    );
    return undefined;
  }
  const reach = reachOf(reading, value, '/value', mistake);
  return { fact, ...(reach === undefined ? {} : { reach, path: path as string }) };
}

/** What is wrong with a question about a fact's past or about its being known. */
function checkTemporal({ operator, value, path, params }: Record<string, unknown>, mistake: Mistake): void {
  const parts = (operator as string).split(':');
  const asks = parts.pop()! as keyof typeof TEMPORAL;
  const wrong = parts.find((part) => part !== 'not');
  if (wrong !== undefined)
    mistake('H104', '/operator', `"${wrong}" cannot stand before "${asks}"; only "not" can`, `write "${asks}" or "not:${asks}"`);
  else if (parts.length > MAX_DECORATORS)
    mistake(
      'H104',
      '/operator',
      `found ${parts.length} decorators; at most ${MAX_DECORATORS} may be there`,
      'leave out those that cancel each other',
    );
  if (TEMPORAL[asks].value === 'flag') {
    if (typeof value !== 'boolean')
      mistake('H105', '/value', `${operator} needs true or false; found ${shown(value)}`, 'write true or false');
  } else if (spanOf(value) === undefined) {
    mistake(
      'H105',
      '/value',
      `${operator} needs a span of time; found ${shown(value)}`,
      'write within how long it must have happened, such as "10s" or "5m"',
    );
  }
  for (const [key, found] of Object.entries({ path, params }))
    if (found !== undefined)
      mistake('H004', `/${key}`, `"${key}" means nothing beside "${operator}", which asks about the fact as a whole`, 'remove it');
}
