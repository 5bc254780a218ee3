import fc from 'fast-check';
import { HomeostatError } from '../src/errors.ts';
import { compileExpression, MAX_EXPRESSION_LENGTH } from '../src/expression.ts';
import type { Value } from '../src/messages.ts';

const FACTS: Readonly<Record<string, Value>> = {
  busy: 5,
  zero: 0,
  name: 'shop',
  on: true,
  'parent.capacity': 4,
  'children.load.mean': 0.5,
  'shop/db.load': 3,
  'response-time': 120,
};
const evaluate = (text: string, facts: Readonly<Record<string, Value>> = FACTS) => compileExpression(text).evaluate((fact) => facts[fact]);

function refusal(text: string): string {
  try {
    compileExpression(text);
  } catch (thrown) {
    if (thrown instanceof HomeostatError) return `${thrown.code} ${thrown.message}`;
    throw thrown;
  }
  return 'taken';
}

test.each<[string, Value]>([
  ['1 / 2', 0.5],
  ['busy / 2 + 1', 3.5],
  ['busy * 3', 15],
  ['3 - -2', 5],
  ['busy % 3', 2],
  ['-busy', -5],
  ['0xff + 1e3 + 0.5', 1255.5],
  ['1.0 == 1', true],
  ['busy == 5 && busy == 5.0', true],
  ['busy > 4 && busy >= 5 && 4.5 < busy', true],
  ['on ? 1 : 2.5', 1],
  ['busy in [1, 5.0]', true],
  ['100000000000000000000 + 0', 1e20],
])('integers and fractions mix without ceremony: %s', (text, value) => {
  expect(evaluate(text)).toEqual({ value });
});

test.each<[string, Value]>([
  ['min(3, busy, 4.5)', 3],
  ['max(3, busy)', 5],
  ['abs(-2)', 2],
  ['round(2.5) + floor(2.9) + ceil(2.1)', 8],
  ['clamp(busy, 1, 3)', 3],
  ['sqrt(9) + exp(0) + log(1)', 4],
  ['double("1.5") * 2', 3],
  ['string(busy) + "!"', '5!'],
  ['name.startsWith("sh") && name.contains("o") && !name.endsWith("x")', true],
])('it has the usual functions: %s', (text, value) => {
  expect(evaluate(text)).toEqual({ value });
});

test.each<[string, Value]>([
  [`"1/2 busy 3" + ' + 4'`, '1/2 busy 3 + 4'],
  [`"a\\"5\\"\\n" + r'\\d'`, 'a"5"\n\\d'],
  ['"é\u2028 ok"', 'é\u2028 ok'],
])('texts are left as they are: %s', (text, value) => {
  expect(evaluate(text)).toEqual({ value });
});

test('facts are plain names, names with dots, and any name by fact("…")', () => {
  const { facts, evaluate: run } = compileExpression(
    'parent.capacity + children.load.mean * busy + fact("shop/db.load") + fact("response-time") + fact("busy")',
  );
  expect(facts).toEqual(['busy', 'children.load.mean', 'parent.capacity', 'response-time', 'shop/db.load']);
  expect(run((fact) => FACTS[fact])).toEqual({ value: 4 + 2.5 + 3 + 120 + 5 });
});

test('known asks whether a fact has a value, and is never unknown itself', () => {
  expect(evaluate('known(load) ? load : 0')).toEqual({ value: 0 });
  expect(evaluate('known(busy) ? busy : 0')).toEqual({ value: 5 });
  expect(evaluate('known(parent.capacity) && !known(parent.load) && known(fact("shop/db.load"))')).toEqual({ value: true });
  expect(evaluate('known(load)')).toEqual({ value: false });
  expect(evaluate('known(busy) ? load : 0')).toEqual({ why: 'load is unknown' });
  expect(compileExpression('known(load) ? 1 : busy').facts).toEqual(['busy', 'load']);
  expect(refusal('known(1)')).toMatch('H107 known takes one fact, such as known(parent.capacity), at character 1');
  expect(refusal('known(busy, load)')).toMatch('known takes one fact');
});

test('a fact may have the name of a function, and facts may begin alike', () => {
  const facts = { min: 1, parent: 2, 'parent.min': 3, f0: 4 };
  expect(evaluate('min + parent + parent.min + f0 + min(f0, 9)', facts)).toEqual({ value: 14 });
});

test('an unknown fact makes the result unknown, and says which', () => {
  expect(evaluate('busy + missing')).toEqual({ why: 'missing is unknown' });
  expect(evaluate('missing > 1 && on')).toEqual({ why: 'missing is unknown' });
  expect(evaluate('!missing')).toEqual({ why: 'missing is unknown' });
  expect(evaluate('missing ? 1 : 1')).toEqual({ why: 'missing is unknown' });
});

type Logic = { text: string; truth: boolean | undefined };

test('and, or and not follow Kleene: what is known decides where it can, on either side', () => {
  const { logic } = fc.letrec<{ logic: Logic }>((tie) => ({
    logic: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<Logic>({ text: 't', truth: true }, { text: 'f', truth: false }, { text: 'u', truth: undefined }),
      tie('logic').map(({ text, truth }) => ({ text: `!(${text})`, truth: truth === undefined ? undefined : !truth })),
      fc.tuple(tie('logic'), tie('logic')).map(([a, b]) => ({
        text: `(${a.text} && ${b.text})`,
        truth: a.truth === false || b.truth === false ? false : a.truth === undefined || b.truth === undefined ? undefined : true,
      })),
      fc.tuple(tie('logic'), tie('logic')).map(([a, b]) => ({
        text: `(${a.text} || ${b.text})`,
        truth: a.truth === true || b.truth === true ? true : a.truth === undefined || b.truth === undefined ? undefined : false,
      })),
    ),
  }));
  fc.assert(
    fc.property(logic, ({ text, truth }) => {
      if (text.length > 400) return;
      expect(evaluate(text, { t: true, f: false })).toEqual(truth === undefined ? { why: 'u is unknown' } : { value: truth });
    }),
    { numRuns: 300 },
  );
});

test('arithmetic is that of JavaScript numbers', () => {
  const compute = (a: number, op: string, b: number) => (op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : a / b);
  const sums = fc.letrec<{ sum: { text: string; of: number } }>((tie) => ({
    sum: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.integer({ min: 0, max: 1_000 }).map((n) => ({ text: `${n}`, of: n })),
      fc.double({ min: 0, max: 1e6, noNaN: true }).map((x) => ({ text: `${x}`, of: x })),
      fc.constant({ text: 'busy', of: 5 }),
      fc.tuple(tie('sum'), fc.constantFrom('+', '-', '*', '/'), tie('sum')).map(([a, op, b]) => ({
        text: `(${a.text} ${op} ${b.text})`,
        // What is not finite on the way stays so: 0 / (1 / 0) would be 0 to JavaScript.
        of: Number.isFinite(a.of) && Number.isFinite(b.of) ? compute(a.of, op, b.of) : Number.NaN,
      })),
    ),
  })).sum;
  fc.assert(
    fc.property(sums, ({ text, of }) => {
      if (text.length > 400) return;
      const { value, why } = evaluate(text);
      if (Number.isFinite(of)) expect(value).toBe(of + 0);
      else expect(why).toBe('a calculation has no finite result');
    }),
    { numRuns: 300 },
  );
});

test('what has no finite result is unknown, inside of a comparison too', () => {
  const why = 'a calculation has no finite result';
  for (const text of [
    'busy / zero',
    'zero / zero > 1',
    '!(zero / zero > 1)',
    'log(zero)',
    'sqrt(-1) < 5',
    'exp(1000) > 1',
    'busy % zero',
    'double("inf") > 1',
  ]) {
    expect(evaluate(text)).toEqual({ why });
  }
});

test('a value of the wrong type makes the result unknown', () => {
  expect(evaluate('name > 1').why).toMatch(/no such overload: .*string.* > double/);
  expect(evaluate('busy && on').why).toMatch(/requires bool/);
  expect(evaluate('min(name, 1)').why).toMatch(/no matching overload/);
});

test('minus zero is zero, for JSON has no other', () => {
  expect(Object.is(evaluate('-zero').value, 0)).toBe(true);
});

test.each([
  ['', /^H107 Unexpected token: EOF, at character 1 of ""/],
  ['busy +', /Unexpected token: EOF, at character 7 of "busy \+"/],
  ['busy + minn(1, 2)', /unknown function "minn"; did you mean "min"\?, at character 8/],
  ['1 + "a"', /no such overload: double \+ string, at character 1/],
  ['busy + (1 && true)', /requires bool operands, got 'double', at character 9/],
  ['on ? 1 : "x"', /Ternary branches must have the same type/],
  ['[1, 2]', /the result is not a number, a text, true or false/],
  ['null', /a literal is a number, a text, true or false, at character 1/],
  ['5u', /a literal is a number/],
  ['fact(name)', /fact takes one name in quotes, such as fact\("shop\/db.load"\), at character 1/],
  ['if + 1', /Reserved identifier: if/],
  ['1e400', /Invalid number/],
])('a wrong expression is refused with what is wrong, and where: %s', (text, message) => {
  expect(refusal(text)).toMatch(message);
});

test.each([
  '[1, 2].map(x, x * 2)',
  '[1].all(x, x > 0)',
  'name.matches("(a+)+b")',
  'timestamp("2020-01-01T00:00:00Z")',
  'duration("1s")',
  'has(a.b)',
  '{"a": 1}["a"]',
])('what could stall, or depend on anything but facts, is no part of the language: %s', (text) => {
  expect(refusal(text)).toMatch(/^H107 /);
});

test('the length and the depth are bounded', () => {
  expect(refusal(`${'1+'.repeat(MAX_EXPRESSION_LENGTH / 2)}1`)).toBe('H107 an expression has at most 1000 characters, and this one 1001');
  expect(refusal(`${'('.repeat(400)}1${')'.repeat(400)}`)).toMatch(/Exceeded maxDepth/);
  expect(refusal(`${'!'.repeat(900)}on`)).toMatch(/^H107 the expression nests too deeply/);
  expect(refusal(`${'1+'.repeat(400)}1`)).toMatch(/^H107 the expression nests too deeply/);
  expect(evaluate(`${'1+'.repeat(100)}1`)).toEqual({ value: 101 });
});
