/** What json-rules-engine finds late or never is an error at load, with its very place, what was found, and the remedy. */

import { judge } from '../../src/analyze/conditions.ts';
import { checkNamed, type ParseOptions, parseCondition } from '../../src/analyze/parse.ts';
import type { ConditionDocument } from '../../src/documents/policy.ts';

type Mistake = [code: string, pointer: string, message: string, remedy: string | undefined];
type Named = Record<string, ConditionDocument>;

function mistakes(document: unknown, named: Named = {}, options: ParseOptions = {}): Mistake[] {
  const found: Mistake[] = [];
  const condition = parseCondition(document, named, (...said) => found.push(said as unknown as Mistake), '/policies/3/conditions', options);
  expect(condition === undefined).toBe(found.length > 0);
  return found;
}
const short = (document: unknown, named: Named = {}, options: ParseOptions = {}): string[] =>
  mistakes(document, named, options).map(([code, pointer, message, remedy]) => {
    expect(typeof remedy).toBe('string');
    return `${code} ${pointer.replace('/policies/3/conditions', '')}: ${message}`;
  });

const load = (operator: string, value: unknown, more: object = {}) => ({ fact: 'load', operator, value, ...more });

test.each<[string, unknown, string]>([
  ['an unknown operator', load('greaterThen', 1), 'H104 /operator: unknown operator "greaterThen"; did you mean "greaterThan"?'],
  ['an operator of ours, misspelt', load('chagned', '1s'), 'H104 /operator: unknown operator "chagned"; did you mean "changed"?'],
  [
    'an unknown decorator',
    load('sumFact:equal', 1),
    'H104 /operator: unknown decorator "sumFact" in "sumFact:equal"; did you mean "someFact"?',
  ],
  [
    'too many decorators',
    load(`${'not:'.repeat(11)}equal`, 1),
    'H104 /operator: found 11 decorators before "equal"; at most 10 may be there',
  ],
  ['no operator', { fact: 'load', value: 1 }, 'H104 : a comparison needs an operator'],
  ['an operator that is no text', { fact: 'load', operator: 5, value: 1 }, 'H104 /operator: found 5 where an operator must be'],
  ['no value', { fact: 'load', operator: 'equal' }, 'H102 : a comparison needs a value'],
  ['a fact that is no name', { fact: 7, operator: 'equal', value: 1 }, 'H102 /fact: found 7 where the name of a fact must be'],
  ['a value that refers to no name', load('equal', { fact: 7 }), 'H102 /value/fact: found 7 where the name of a fact must be'],
  [
    'a stray key beside a fact',
    load('equal', { fact: 'a', paath: '$' }),
    'H004 /value/paath: unknown key "paath" beside a fact; did you mean "path"?',
  ],
  ['an unknown key', load('equal', 1, { oprator: 1 }), 'H004 /oprator: unknown key "oprator" in a condition; did you mean "operator"?'],
  [
    'a key that means nothing there',
    { all: [load('equal', 1)], operator: 'equal' },
    'H004 /operator: "operator" means nothing beside "all"',
  ],
  [
    'two forms at once',
    { any: [load('equal', 1)], not: load('equal', 1) },
    'H102 : a condition must have exactly one of all, any, not, condition and fact; found any, not',
  ],
  ['no form', {}, 'H102 : a condition must have exactly one of all, any, not, condition and fact; found none'],
  ['no condition', { all: [3] }, 'H102 /all/0: found 3 where a condition must be'],
  [
    'no list',
    { any: load('equal', 1) },
    'H102 /any: found {"fact":"load","operator":"equal","value":1} where "any" needs a list of conditions',
  ],
  ['an empty any', { any: [] }, 'H102 /any: found an empty list, which json-rules-engine takes for true, where "any" needs conditions'],
  ['a list under not', { not: [] }, 'H102 /not: found [] where a condition must be'],
  ['a text for a number', load('lessThan', '5'), 'H105 /value: lessThan needs a number; found "5"'],
  ['no list for in', load('notIn', 'abc'), 'H105 /value: notIn needs a list; found "abc"'],
  ['no list for someValue', load('someValue:equal', 1), 'H105 /value: someValue:equal needs a list; found 1'],
  [
    'a list of the wrong kind',
    load('everyValue:lessThan', [1, 'b']),
    'H105 /value: everyValue:lessThan needs a list, each of it a number; found [1,"b"]',
  ],
  ['a fact side that swap made the value', load('swap:contains', 1), 'H105 /value: swap:contains needs a list; found 1'],
  [
    'a band upside down',
    load('between', [3, 1]),
    'H105 /value: between needs a list [low, high] of two numbers, low not above high; found [3,1]',
  ],
  ['half a band', load('between', [3]), 'H105 /value: between needs a list [low, high] of two numbers, low not above high; found [3]'],
  ['a pattern that is none', load('matches', 7), 'H105 /value: matches needs a text with a regular expression; found 7'],
  ['a pattern from a fact', load('matches', { fact: 'x' }), 'H105 /value: matches needs its regular expression written down; found a fact'],
  ['a pattern from the left', load('swap:matches', 'x'), 'H104 /operator: "swap:matches" would take the regular expression from the fact'],
  ['a span that is none', load('changed', 10), 'H105 /value: changed needs a span of time; found 10'],
  ['a span of nothing', load('increased', '0s'), 'H105 /value: increased needs a span of time; found "0s"'],
  ['no flag', load('stale', 'yes'), 'H105 /value: stale needs true or false; found "yes"'],
  [
    'a decorator before a question',
    load('someFact:changed', '1s'),
    'H104 /operator: "someFact" cannot stand before "changed"; only "not" can',
  ],
  [
    'a path beside a question',
    load('changed', '1s', { path: '$.a' }),
    'H004 /path: "path" means nothing beside "changed", which asks about the fact as a whole',
  ],
  [
    'a priority that is no whole number',
    load('equal', 1, { priority: 1.5 }),
    'H003 /priority: found 1.5 where a priority must be a whole number from 1 on',
  ],
  [
    'a priority that is a text',
    { all: [load('equal', 1)], priority: '1' },
    'H003 /priority: found "1" where a priority must be a whole number from 1 on',
  ],
  ['params that are no object', load('equal', 1, { params: [1] }), 'H102 /params: found [1] where params must be an object'],
  [
    'a path with a filter',
    load('equal', 1, { path: '$.a[?(@.b > 1)]' }),
    'H121 /path: the path "$.a[?(@.b > 1)]" holds a script: filters and expressions in parentheses are refused',
  ],
  [
    'a path with an expression',
    load('equal', { fact: 'x', path: '$.a[(@.length-1)]' }),
    'H121 /value/path: the path "$.a[(@.length-1)]" holds a script: filters and expressions in parentheses are refused',
  ],
  ['a path that is no text', load('equal', 1, { path: 3 }), 'H121 /path: found 3 where a path must be a text'],
  [
    'an unknown named condition',
    { condition: 'bussy' },
    'H005 /condition: no condition is named "bussy" in this file; did you mean "busy"?',
  ],
])('%s', (_what, document, expected) => {
  expect(short(document, { busy: load('equal', 1) as ConditionDocument })).toEqual([expected]);
});

test('a wrong regular expression is told in the words of the library', () => {
  expect(short(load('matches', '(a'))[0]).toMatch(/^H122 \/value: the regular expression "\(a" is wrong: .*missing/);
});

test('a path into a property is refused, for properties are no objects', () => {
  expect(short(load('equal', 1, { path: '$.a' }), {}, { paths: false })[0]).toMatch(/^H123 \/path: the path "\$.a" leads nowhere/);
  expect(short(load('equal', { fact: 'x', path: '$.a' }), {}, { paths: false })[0]).toMatch(/^H123 \/value\/path/);
});

test('named conditions that contain themselves are told with the circle, and where it closes', () => {
  const named = { a: { not: { condition: 'b' } }, 'b/c': { all: [] }, b: { any: [{ condition: 'a' }] } } as Named;
  expect(short({ all: [{ condition: 'a' }] }, named)).toEqual([
    'H106 /conditions/b/any/0/condition: the named condition "a" contains itself: a → b → a',
  ]);
  const found: string[] = [];
  checkNamed({ ...named, 'b/c': { not: { fact: 'x', operator: 'over', value: 1 } } } as Named, (code, pointer) =>
    found.push(`${code} ${pointer}`),
  );
  expect(found).toEqual(['H106 /conditions/b/any/0/condition', 'H104 /conditions/b~1c/not/operator']);
});

test('named conditions that multiply are refused before they take for ever', () => {
  const named: Named = { n0: load('equal', 1) as ConditionDocument };
  for (let i = 1; i <= 40; i++) named[`n${i}`] = { all: [{ condition: `n${i - 1}` }, { condition: `n${i - 1}` }] };
  const found = mistakes({ condition: 'n40' }, named);
  expect(found).toHaveLength(1);
  expect(found[0]![2]).toContain('more than 10000 parts');
  // Also where there is nothing to compare.
  expect(mistakes({ condition: 'n40' }, { ...named, n0: { all: [] } }, { allowEmpty: true })).toHaveLength(1);
  let deep: ConditionDocument = load('equal', 1) as ConditionDocument;
  for (let i = 0; i < 5_000; i++) deep = { not: deep };
  expect(mistakes(deep)[0]![2]).toContain('nested more than 100 levels deep');
});

test('empty lists are true where the policy says so, as in json-rules-engine', () => {
  for (const kind of ['any', 'all']) {
    const condition = parseCondition({ [kind]: [] }, {}, () => undefined, '', { allowEmpty: true })!;
    expect(judge(condition, () => undefined)).toBe(true);
  }
});

test('every mistake is told, not only the first', () => {
  expect(short({ all: [load('over', 1), { any: [] }, load('lessThan', 'x', { priority: 0 })] }).map((text) => text.split(':')[0])).toEqual([
    'H104 /all/0/operator',
    'H102 /all/1/any',
    'H003 /all/2/priority',
    'H105 /all/2/value',
  ]);
});
