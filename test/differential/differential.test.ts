import { compare, mayBeUnknown, ready } from './compare.ts';
import { differential, tell } from './differential.ts';
import { shrink } from './shrink.ts';

const CASES = 200_000;
const SEED = 20_261_121;

test('where all facts are known the truth is that of json-rules-engine', async () => {
  const { counts, failure } = await differential(CASES, SEED);
  if (failure !== undefined) throw new Error(tell(SEED, failure));
  expect(counts.cases).toBeGreaterThanOrEqual(CASES);
  // Rules that say nothing would prove nothing: each answer is frequent, and hardly any rule is refused.
  for (const share of [counts.true, counts.false, counts.unknown]) expect(share / counts.cases).toBeGreaterThan(0.15);
  expect(counts.refused / counts.rules).toBeLessThan(0.02);
  expect(counts.threw / counts.cases).toBeLessThan(0.3);
}, 600_000); // As long as the machine takes.

test('a case that differs is found, and made small', async () => {
  const rule = {
    all: [
      { fact: 'on', operator: 'equal', value: true },
      { any: [{ fact: 'load', operator: 'not:in', value: { fact: 'limit' }, priority: 2 }] },
    ],
  };
  const facts = { on: true, load: 3, limit: 4, state: 'up' };
  const both = ready(rule, {})!;
  expect(await compare(both, facts)).toEqual({ ours: undefined, theirs: undefined, wrong: undefined });
  const broken = { ...both, ours: ready({ fact: 'on', operator: 'equal', value: false }, {})!.ours };
  expect(await compare(broken, { ...facts, limit: [4] })).toEqual({
    ours: false,
    theirs: true,
    wrong: 'we say false, json-rules-engine says true',
  });
  expect(mayBeUnknown(rule, {}, { ...facts, limit: [4] })).toBe(false);
  expect(mayBeUnknown(rule, {}, { on: true, load: 3 })).toBe(true);
  // Nothing differs, so nothing is made smaller.
  expect(await shrink({ rule, named: {}, facts })).toEqual({ rule, named: {}, facts });
});
