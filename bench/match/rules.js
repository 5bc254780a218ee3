/** Rules and facts that every engine is given: all of three comparisons of numbers, over three of thirty facts. */
import { random } from '../farm.js';

export const FACTS = Array.from({ length: 30 }, (_, i) => `f${String(i).padStart(2, '0')}`);

const OPERATORS = { up: ['greaterThan', 'greaterThanInclusive'], down: ['lessThan', 'lessThanInclusive'] };

/** Each comparison is true with a chance of 0.12 to 0.42, for facts that are anywhere between 0 and 100. By falling priority, then by name. */
export function rulesOf(count, seed = 1) {
  const next = random(seed);
  const rules = Array.from({ length: count }, (_, i) => ({
    name: `rule-${String(i).padStart(6, '0')}`,
    priority: 1 + Math.floor(next() * 10),
    conditions: {
      all: [...FACTS]
        .map((fact) => [next(), fact])
        .sort(([a], [b]) => a - b)
        .slice(0, 3)
        .map(([, fact]) => {
          const chance = 0.12 + 0.3 * next();
          const way = next() < 0.5 ? 'up' : 'down';
          const value = Math.round(100 * (way === 'up' ? 100 * (1 - chance) : 100 * chance)) / 100;
          return { fact, operator: OPERATORS[way][Math.floor(next() * 2)], value };
        }),
    },
  }));
  return rules.sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
}

/** The same with `any`, `not`, nesting, equality and sets; some facts are texts. */
export function mixedRulesOf(count, seed = 1) {
  const next = random(seed + 99);
  const pick = (list) => list[Math.floor(next() * list.length)];
  return rulesOf(count, seed).map((rule, i) => {
    const [a, b, c] = rule.conditions.all;
    const state = { fact: pick(STATES), operator: pick(['equal', 'notEqual']), value: pick(WORDS) };
    const set = { fact: pick(STATES), operator: pick(['in', 'notIn']), value: [pick(WORDS), pick(WORDS)] };
    const shapes = [
      { all: [{ any: [a, state] }, b, c] },
      { all: [a, { not: { any: [state, set] } }, b] },
      { any: [{ all: [a, b, c] }, { all: [state, a, set] }] },
      { all: [state, a, b] },
      { all: [set, { not: a }, b, c] },
    ];
    return { ...rule, conditions: shapes[i % shapes.length] };
  });
}

export const STATES = ['s0', 's1', 's2', 's3'];
export const WORDS = ['up', 'down', 'starting', 'draining', 'failed', 'idle', 'busy', 'gone'];

/** A value of a fact. `unknown`: the share of times that it is not known. */
export function valuesOf(next, unknown = 0) {
  return (fact) => {
    if (unknown > 0 && next() < unknown) return undefined;
    return fact.startsWith('s') ? WORDS[Math.floor(next() * WORDS.length)] : next() * 100;
  };
}
