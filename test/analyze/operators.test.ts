import { judge } from '../../src/analyze/conditions.ts';
import { type CustomWords, wordsWith } from '../../src/analyze/custom.ts';
import { WORDS } from '../../src/analyze/operators.ts';
import { parseCondition } from '../../src/analyze/parse.ts';
import { TEMPORAL } from '../../src/analyze/temporal.ts';
import { DECORATOR_NAMES, OPERATOR_NAMES } from '../../src/documents/condition.ts';
import type { HomeostatError } from '../../src/errors.ts';
import { compilePattern } from '../../src/pattern.ts';

test('the schema for editors completes exactly the words that there are', () => {
  expect(Object.values(OPERATOR_NAMES).flat().sort()).toEqual([...Object.keys(WORDS.operators), ...Object.keys(TEMPORAL)].sort());
  expect([...DECORATOR_NAMES].sort()).toEqual(Object.keys(WORDS.decorators).sort());
});

type Truth = boolean | undefined;

function truth(operator: string, fact: unknown, value: unknown, custom?: CustomWords, more: object = {}): Truth {
  const wrong: string[] = [];
  const condition = parseCondition(
    { fact: 'x', operator, value, ...more },
    {},
    (code, at, message) => wrong.push(`${code} ${at} ${message}`),
    '',
    {
      words: wordsWith(custom),
    },
  );
  if (condition === undefined) throw new Error(wrong.join('\n'));
  return judge(condition, (name) => (name === 'x' ? fact : undefined));
}

test.each<[string, unknown, unknown, Truth]>([
  ['between', 1, [1, 3], true],
  ['between', 3, [1, 3], true],
  ['between', 3.01, [1, 3], false],
  ['between', 2, [2, 2], true],
  ['between', '2', [1, 3], undefined],
  ['between', null, [1, 3], undefined],
  ['not:between', 4, [1, 3], true],
  ['not:between', 'x', [1, 3], undefined],
  ['someFact:between', [0, 'x', 2], [1, 3], true],
  ['everyFact:between', [0, 'x', 2], [1, 3], false],
  [
    'someValue:between',
    7,
    [
      [1, 3],
      [6, 9],
    ],
    true,
  ],
  ['matches', 'web-17', '^web-[0-9]+$', true],
  ['matches', 'my web-17', 'web', true],
  ['matches', 'db', '^web', false],
  ['matches', 17, '1', undefined],
  ['not:matches', 'db', '^web', true],
  ['not:matches', 17, '1', undefined],
  ['someFact:matches', ['db', 3, 'web'], '^w', true],
  ['someValue:matches', 'db', ['^w', '^d'], true],
  // json-rules-engine fails on these, or takes what is no number for a no.
  ['in', 'a', { fact: 'gone' }, undefined],
  ['not:greaterThan', 'fast', 3, undefined],
  ['someValue:equal', { toString: 1 }, [1], false],
  ['greaterThan', { toString: 1 }, 3, undefined],
])('%s of %j and %j is %s', (operator, fact, value, expected) => {
  expect(truth(operator, fact, value)).toBe(expected);
});

test('a value that is a fact is looked at when it is there', () => {
  const condition = parseCondition({ fact: 'x', operator: 'between', value: { fact: 'band' } }, {}, () => undefined)!;
  const at = (x: unknown, band: unknown) => judge(condition, (name) => (name === 'x' ? x : band));
  expect([at(2, [1, 3]), at(4, [1, 3]), at(2, [3, 1]), at(2, 3)]).toEqual([true, false, undefined, undefined]);
});

test('a path leads into a fact that is an object; of others it takes the whole', () => {
  const city = (fact: unknown) => truth('equal', fact, 'Delft', undefined, { path: '$.address.city', params: { any: 'thing' } });
  expect(city({ address: { city: 'Delft' } })).toBe(true);
  expect(city({ address: { city: 'Gent' } })).toBe(false);
  expect(city({ address: {} })).toBeUndefined();
  expect(city('Delft')).toBe(true);
  expect(truth('contains', { parts: [{ id: 1 }, { id: 2 }] }, 2, undefined, { path: '$.parts[*].id' })).toBe(true);
});

test('regular expressions take time in proportion to the text, and those that are too large are refused', () => {
  const began = performance.now();
  expect(truth('matches', `${'a'.repeat(50_000)}!`, '^(a+)+$')).toBe(false);
  expect(performance.now() - began).toBeLessThan(20_000); // A backtracking engine would not end within anybody's life.
  const refused = (source: string): string => {
    try {
      compilePattern(source);
      return 'taken';
    } catch (thrown) {
      return `${(thrown as HomeostatError).code} ${(thrown as HomeostatError).message}`;
    }
  };
  expect(refused('(a')).toMatch(/^H122 the regular expression "\(a" is wrong: .*missing/);
  expect(refused('(?=a)b')).toMatch(/^H122 /);
  expect(refused('(a)\\1')).toMatch(/^H122 /);
  expect(refused('((a{50}){50}){50}')).toMatch(/^H122 /);
  expect(refused('(a{500}){20}')).toMatch(/^H122 .*(too large|invalid repeat count)/);
  expect(refused('a'.repeat(1_001))).toMatch(/^H122 .* at most 1000 characters/);
});

describe('words of a program', () => {
  const custom: CustomWords = {
    operators: {
      startsWith: (fact, value) => typeof fact === 'string' && fact.startsWith(String(value)),
      throws: () => {
        throw new Error('no');
      },
      says: () => 'yes' as unknown as boolean,
    },
    decorators: { lower: (fact, value, next) => next(String(fact).toLowerCase(), value) },
  };

  test('operators and decorators are used like the built-in ones; what is neither true nor false is unknown', () => {
    expect(truth('startsWith', 'web-1', 'web', custom)).toBe(true);
    expect(truth('not:startsWith', 'web-1', 'web', custom)).toBe(false);
    expect(truth('lower:startsWith', 'WEB-1', 'web', custom)).toBe(true);
    expect(truth('someFact:lower:matches', ['DB', 'WEB'], '^w', custom)).toBe(true);
    expect(truth('throws', 1, 1, custom)).toBeUndefined();
    expect(truth('not:says', 1, 1, custom)).toBeUndefined();
    expect(() => truth('startsWith', 'web-1', 'web')).toThrow('H104 /operator unknown operator "startsWith"');
  });

  test('their names must be free and without a colon', () => {
    const wrong = (words: CustomWords): string => {
      try {
        wordsWith(words);
        return 'taken';
      } catch (thrown) {
        return (thrown as HomeostatError).code;
      }
    };
    const yes = () => true;
    expect([
      wrong({ operators: { equal: yes } }),
      wrong({ operators: { changed: yes } }),
      wrong({ decorators: { not: yes } }),
      wrong({ operators: { 'a:b': yes } }),
      wrong({ operators: { '': yes } }),
      wrong({ operators: { near: yes } }),
    ]).toEqual(['H006', 'H006', 'H006', 'H003', 'H003', 'taken']);
  });
});
