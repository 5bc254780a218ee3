/** Single mistakes that people make, each of which must be refused: what is accepted here was accepted silently. */
import type { Json } from './mutate.ts';
import type { Random } from './random.ts';

type Node = { [key: string]: Json };

const isNode = (x: Json | undefined): x is Node => typeof x === 'object' && x !== null && !Array.isArray(x);

/** The comparisons of a condition, whatever it nests. */
function testsOf(condition: Json | undefined): Node[] {
  if (!isNode(condition)) return [];
  const lists = [condition.all, condition.any].flatMap((list) => (Array.isArray(list) ? list : []));
  return [...(condition.fact === undefined ? [] : [condition]), ...[...lists, condition.not].flatMap((part) => testsOf(part ?? undefined))];
}

/** Each changes a policy and says what is wrong; undefined: the policy has no place for this mistake. */
const MISTAKES: readonly ((policy: Node, random: Random) => string | undefined)[] = [
  (policy) => {
    policy.cooldwn = '10s';
    return 'an unknown key of a policy';
  },
  (policy) => {
    policy.priority = 1.5;
    return 'a priority that is no whole number';
  },
  (policy) => {
    policy.for = '10 parsecs';
    return 'a duration of no known unit';
  },
  (policy) => {
    policy.actions = [];
    return 'an empty list of actions';
  },
  (policy) => {
    policy.scope = { type: 'no-such-type' };
    return 'a type that is not there';
  },
  (policy) => {
    if (!isNode(policy.conditions)) return undefined;
    policy.conditions = { any: [] };
    return 'an empty any';
  },
  (policy) => {
    if (!isNode(policy.conditions)) return undefined;
    policy.conditions = { all: [policy.conditions, { condition: 'no-such-condition' }] };
    return 'a named condition that is not there';
  },
  (policy, random) => {
    const tests = testsOf(policy.conditions);
    if (tests.length === 0) return undefined;
    random.one(tests).operator = 'greaterThen';
    return 'an unknown operator';
  },
  (policy, random) => {
    const tests = testsOf(policy.conditions);
    if (tests.length === 0) return undefined;
    random.one(tests).fact = 'noSuchFact';
    return 'an unknown fact';
  },
  (policy, random) => {
    const tests = testsOf(policy.conditions);
    if (tests.length === 0) return undefined;
    random.one(tests).vaule = 5;
    return 'an unknown key of a condition';
  },
  (policy, random) => {
    const tests = testsOf(policy.conditions).filter(({ operator }) => /^(greater|less)Than/.test(String(operator)));
    if (tests.length === 0) return undefined;
    random.one(tests).value = 'many';
    return 'a text where a number is compared';
  },
  (policy) => {
    const [action] = Array.isArray(policy.actions) ? policy.actions : [];
    if (!isNode(action)) return undefined;
    action.command = 'noSuchCommand';
    return 'an unknown command';
  },
];

/** Makes one mistake in one policy of a file; returns what is wrong with it, or undefined if the file has no place for any. */
export function spoil(document: Json, random: Random): string | undefined {
  const list = Array.isArray(document) ? document : isNode(document) ? document.policies : undefined;
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const policy = random.one(list);
  return isNode(policy) ? random.one(MISTAKES)(policy, random) : undefined;
}
