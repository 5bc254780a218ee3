/** What is claimed of conditions is never wrong: judged against the matcher itself, on random conditions and facts. */
import fc from 'fast-check';
import { type Condition, judge } from '../../src/analyze/conditions.ts';
import { OPERATORS } from '../../src/analyze/operators.ts';
import { implies } from '../../src/check/certain.ts';
import { clausesOf } from '../../src/check/clauses.ts';
import { isPossible } from '../../src/check/possible.ts';
import { witnessOf } from '../../src/check/witness.ts';

const FACTS = ['a', 'b', 'c'];
/** Few values, so that they meet; some of them read as numbers, and some only begin with one. */
const value = fc.constantFrom<unknown>(0, 1, 2, 3, 2.5, -1, '1', '2', '10', '2 apples', 'up', 'down', '', true, false);
const number = fc.constantFrom<unknown>(0, 1, 2, 3, 2.5);
const fact = fc.constantFrom(...FACTS);

const test1 = fc.oneof(
  fc.record({
    operator: fc.constantFrom('greaterThan', 'greaterThanInclusive', 'lessThan', 'lessThanInclusive'),
    value: fc.oneof(
      number,
      fact.map((f) => ({ fact: f })),
    ),
  }),
  fc.record({
    operator: fc.constantFrom('equal', 'notEqual'),
    value: fc.oneof(
      value,
      fact.map((f) => ({ fact: f })),
    ),
  }),
  fc.record({ operator: fc.constantFrom('in', 'notIn'), value: fc.array(value, { maxLength: 3 }) }),
  fc.record({ operator: fc.constant('between'), value: fc.constantFrom<unknown>([0, 2], [1, 1], [2, 3]) }),
);

const leaf: fc.Arbitrary<Condition> = fc.tuple(fact, test1).map(([name, { operator, value: right }]) => ({
  kind: 'test',
  fact: name,
  operator,
  compare: OPERATORS[operator]!.compare,
  value: typeof right === 'object' && right !== null && 'fact' in right ? (right as { fact: string }) : { literal: right },
  at: '',
}));

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('condition').map((part): Condition => ({ kind: 'not', part })),
    fc
      .tuple(fc.constantFrom('all' as const, 'all' as const, 'any' as const), fc.array(tie('condition'), { minLength: 1, maxLength: 4 }))
      .map(([kind, parts]): Condition => ({ kind, parts })),
  ),
}));
const together = fc.array(condition, { minLength: 2, maxLength: 4 }).map((parts): Condition => ({ kind: 'all', parts }));

/** Each value of a few, and unknown, for each fact. */
const SOME: readonly unknown[] = [
  undefined,
  -1,
  0,
  0.5,
  1,
  1.5,
  2,
  2.5,
  3,
  4,
  '1',
  '2',
  '10',
  '2 apples',
  '9 apples',
  'up',
  'down',
  'other',
  '',
  true,
  false,
];
const everyFacts = SOME.flatMap((a) => SOME.flatMap((b) => [undefined, 0, 1, 2, 3, '2', '2 apples', 'up', true].map((c) => ({ a, b, c }))));
type Facts = (typeof everyFacts)[number];
const lookup = (facts: Facts) => (name: string) => facts[name as keyof Facts];

test('what is said to be impossible holds on no facts, and a clause list means what the condition means', () => {
  let claimed = 0;
  fc.assert(
    fc.property(together, (written) => {
      const clauses = clausesOf(written);
      if (clauses === undefined || clauses.some(isPossible)) return;
      claimed++;
      expect(everyFacts.find((facts) => judge(written, lookup(facts)) === true)).toBeUndefined();
    }),
    { numRuns: 3_000, seed: 4 },
  );
  expect(claimed).toBeGreaterThan(100);
});

test('a witness is one: the matcher says true on it', () => {
  let found = 0;
  fc.assert(
    fc.property(condition, condition, (a, b) => {
      const witness = witnessOf([a, b]);
      if (witness === undefined) return;
      found++;
      for (const one of [a, b]) expect(judge(one, (name) => witness[name])).toBe(true);
    }),
    { numRuns: 3_000, seed: 4 },
  );
  expect(found).toBeGreaterThan(1_000);
});

test('what is said to follow from another holds wherever that holds', () => {
  let claimed = 0;
  fc.assert(
    fc.property(together, leaf, (when, then) => {
      if (implies(when, then) !== true) return;
      claimed++;
      const isWrong = (facts: Facts) => judge(when, lookup(facts)) === true && judge(then, lookup(facts)) !== true;
      expect(everyFacts.find(isWrong)).toBeUndefined();
    }),
    { numRuns: 3_000, seed: 4 },
  );
  expect(claimed).toBeGreaterThan(30);
});

test('too many alternatives are not looked into', () => {
  const [one] = fc.sample(leaf, { numRuns: 1, seed: 1 });
  const pair: Condition = { kind: 'any', parts: [one!, one!] };
  expect(clausesOf({ kind: 'all', parts: Array(9).fill(pair) })).toHaveLength(512);
  expect(clausesOf({ kind: 'all', parts: Array(10).fill(pair) })).toBeUndefined();
});
