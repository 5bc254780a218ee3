/** Random lives of a matcher: policies, elements, facts that come, change and go, and reloads; after each the straightforward way says what must be true. */
import { type Condition, judge } from '../../src/analyze/conditions.ts';
import { wordsWith } from '../../src/analyze/custom.ts';
import { parseCondition } from '../../src/analyze/parse.ts';
import { Matcher } from '../../src/match/matcher.ts';
import { Matches } from '../../src/match/matches.ts';
import { CUSTOM } from '../differential/custom.ts';
import { conditions, facts, type Given, type Named, named } from '../differential/generate.ts';
import { Random } from '../simulation/random.ts';

const LANGUAGE = { words: wordsWith(CUSTOM), allowEmpty: true };
/** Values that are near each other, so that bounds are met exactly and passed often. */
const NEAR = [0, 1, 2, 3, 4, 0.5, -1, 10];

export interface Counts {
  sequences: number;
  changes: number;
  became: number;
  ceased: number;
  reloads: number;
}

/** A random policy's condition; undefined: it is refused. */
function condition(random: Random, names: Named): Condition | undefined {
  let wrong = false;
  const document = random.chance(0.4) ? plain(random) : conditions(random);
  const parsed = parseCondition(document, names, () => (wrong = true), '', LANGUAGE);
  return wrong ? undefined : parsed;
}

/** What most policies are: comparisons of numbers, all of which must hold, or any. */
function plain(random: Random): Record<string, unknown> {
  const operators = ['greaterThan', 'greaterThanInclusive', 'lessThan', 'lessThanInclusive', 'between', 'equal', 'notEqual', 'in', 'notIn'];
  const test = () => {
    const operator = random.pick(operators);
    const [a, b] = [random.pick(NEAR), random.pick(NEAR)].sort((x, y) => x - y);
    const value = operator === 'between' ? [a, b] : operator === 'in' || operator === 'notIn' ? [a, b] : a;
    return { fact: random.pick(['load', 'limit', 'on', 'state']), operator, value };
  };
  const parts = Array.from({ length: random.between(1, 3) }, test);
  return random.chance(0.7) ? { all: parts } : random.chance(0.5) ? { any: parts } : { not: { all: parts } };
}

/** One life. Returns what was wrong; undefined: nothing. */
export function sequence(random: Random, counts: Counts): string | undefined {
  let policies: Condition[] = [];
  const given: Given[] = Array.from({ length: random.between(1, 3) }, () => ({}));
  let matches: Matches;
  let slots: ReadonlyMap<string, number>;
  let elements: number[];
  let before: boolean[][] = [];
  const truths = (element: Given) => policies.map((policy) => judge(policy, (name) => own(element, name)) === true);
  const load = (): void => {
    const names = named(random);
    policies = Array.from({ length: random.between(1, 8) }, () => condition(random, names)).filter((policy) => policy !== undefined);
    const matcher = new Matcher(policies);
    matches = new Matches(matcher);
    slots = matcher.slots;
    elements = given.map(() => matches.add());
    before = given.map(() => policies.map(() => false));
    counts.reloads++;
    // As after a restart: of a matcher that has just been made nothing is known, and an empty `all` is true of nothing before its first fact.
    for (const [i, element] of given.entries())
      if (Object.keys(element).length > 0)
        tell(
          i,
          Object.keys(element).filter((name) => slots.has(name)),
        );
  };
  let wrong: string | undefined;
  const tell = (i: number, names: readonly string[]): void => {
    const element = given[i]!;
    const [places, values] = [names.map((name) => slots.get(name)!), names.map((name) => own(element, name))];
    if (names.length === 1 && random.chance(0.8)) matches.changeOne(elements[i]!, places[0]!, values[0]);
    else matches.change(elements[i]!, places, values);
    counts.changes++;
    const now = truths(element);
    const [was] = [before[i]!];
    const expected = (from: boolean, to: boolean) => now.flatMap((truth, p) => (was[p] === from && truth === to ? [p] : []));
    const [became, ceased] = [expected(false, true), expected(true, false)].map((list) => list.filter((p) => !always(policies[p]!)));
    const found = [matches.became, matches.ceased].map((list) => [...list].sort((a, b) => a - b).filter((p) => !always(policies[p]!)));
    counts.became += became!.length;
    counts.ceased += ceased!.length;
    if (JSON.stringify(found) !== JSON.stringify([became, ceased]))
      wrong ??= `${JSON.stringify({ names, values, element, found, became, ceased, policies })}`;
    before[i] = now;
  };
  load();
  for (let n = random.between(3, 12); n > 0 && wrong === undefined; n--) {
    if (random.chance(0.06)) {
      load();
      continue;
    }
    const i = random.between(0, given.length - 1);
    const fresh = facts(random);
    const names = [...slots!.keys()].filter(() => random.chance(random.chance(0.5) ? 0.2 : 0.9));
    if (names.length === 0) continue;
    for (const name of names) {
      if (random.chance(0.2)) delete given[i]![name];
      else given[i]![name] = random.chance(0.5) ? random.pick(NEAR) : Object.hasOwn(fresh, name) ? fresh[name] : random.pick(NEAR);
    }
    tell(i, names);
  }
  counts.sequences++;
  return wrong;
}

const own = (element: Given, name: string): unknown => (Object.hasOwn(element, name) ? element[name] : undefined);

/** What reads no fact never changes, and nothing tells of it. */
const always = (policy: Condition): boolean => judge(policy, () => undefined) !== undefined;

/** So many sequences. Returns what was wrong with its seed; undefined: nothing. */
export function sequences(count: number, seed: number, counts: Counts): string | undefined {
  for (let i = 0; i < count; i++) {
    const wrong = sequence(new Random(seed, i), counts);
    if (wrong !== undefined) return `sequence ${i} of seed ${seed}: ${wrong}`;
  }
  return undefined;
}

export const noCounts = (): Counts => ({ sequences: 0, changes: 0, became: 0, ceased: 0, reloads: 0 });
