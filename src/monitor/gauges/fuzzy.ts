/**
 * Degrees of truth, small rules over them, and one number: how much to act, where a threshold would act all or nothing.
 * Zero-order Sugeno, the simplest of the standard forms: M. Sugeno, "Industrial Applications of Fuzzy Control", 1985; T. Takagi, M. Sugeno, IEEE Trans. SMC 15 (1985).
 * Sets as L. A. Zadeh, "Fuzzy Sets", Information and Control 8 (1965): `and` is the minimum.
 */

import { type Static, type TProperties, Type } from '../../documents/schema.ts';
import { HomeostatError } from '../../errors.ts';
import { nearest } from '../../suggest.ts';
import type { GaugeKind } from './gauge.ts';
import { closed, notANumber, numberReading } from './windowed.ts';

const corners = (n: number, description: string) => Type.Array(Type.Number(), { minItems: n, maxItems: n, description });
const shape = <P extends TProperties>(properties: P) => Type.Object(properties, closed);

/** A membership function, by its corners. */
const FuzzySet = Type.Union([
  shape({ below: corners(2, '[a, b]: wholly true up to a, not at all from b on') }),
  shape({ above: corners(2, '[a, b]: not at all true up to a, wholly from b on') }),
  shape({ triangle: corners(3, '[a, b, c]: wholly true at b, not at all outside of a to c') }),
  shape({ trapezoid: corners(4, '[a, b, c, d]: wholly true from b to c, not at all outside of a to d') }),
]);
type FuzzySet = Static<typeof FuzzySet>;

interface Rule {
  readonly when: Readonly<Record<string, string>>;
  readonly then: number;
}

interface Options {
  readonly inputs: Readonly<Record<string, Readonly<Record<string, FuzzySet>>>>;
  readonly rules: readonly Rule[];
}

const MOST_INPUTS = 20;
const MOST_RULES = 200;

export const fuzzy: GaugeKind<Options> = {
  kind: 'fuzzy',
  description: 'one number from rules over degrees of truth: the mean of what the rules say, each weighed by how true its conditions are',
  options: Type.Object(
    {
      inputs: Type.Record(Type.String(), Type.Record(Type.String(), FuzzySet, { minProperties: 1 }), {
        minProperties: 1,
        maxProperties: MOST_INPUTS,
        description: 'by fact, the words for it and the numbers that each is true of',
      }),
      rules: Type.Array(
        shape({
          when: Type.Record(Type.String(), Type.String(), { minProperties: 1, description: 'by fact, one of its words; all must hold' }),
          then: Type.Number({ description: 'what the reading is where this rule alone is true' }),
        }),
        { minItems: 1, maxItems: MOST_RULES, description: 'each says what the reading is to be, for as much as its words are true' },
      ),
    },
    closed,
  ),
  create: ({ inputs, rules }) => {
    const compiled = rules.map((rule, i) => compile(rule, `rules/${i}`, inputs));
    const facts = Object.keys(inputs);
    return {
      over: 'readings',
      facts,
      read: (lookup) => {
        const values = new Map<string, number>();
        for (const fact of facts) {
          const value = lookup(fact);
          if (value === undefined) return { why: `${fact} is unknown` };
          if (typeof value !== 'number') return { why: `${fact}: ${notANumber(value)}` };
          values.set(fact, value);
        }
        let [weights, sum] = [0, 0];
        for (const { parts, then } of compiled) {
          const truth = Math.min(...parts.map(({ fact, set }) => truthOf(values.get(fact)!, set)));
          weights += truth;
          sum += truth * then;
        }
        return weights === 0 ? { why: `no rule is about ${show(values)}` } : numberReading(sum / weights);
      },
    };
  },
};

const show = (values: ReadonlyMap<string, number>): string => [...values].map(([fact, value]) => `${fact} ${value}`).join(', ');

/** A trapezoid; a shoulder has its corners of one side at infinity. */
type Trapezoid = readonly [number, number, number, number];

function trapezoidOf(set: FuzzySet): Trapezoid {
  if ('below' in set) return [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, set.below[0]!, set.below[1]!];
  if ('above' in set) return [set.above[0]!, set.above[1]!, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  if ('triangle' in set) return [set.triangle[0]!, set.triangle[1]!, set.triangle[1]!, set.triangle[2]!];
  return [set.trapezoid[0]!, set.trapezoid[1]!, set.trapezoid[2]!, set.trapezoid[3]!];
}

/** How true, 0…1. */
function truthOf(x: number, [a, b, c, d]: Trapezoid): number {
  if (x < b) return x <= a ? 0 : (x - a) / (b - a);
  if (x > c) return x >= d ? 0 : (d - x) / (d - c);
  return 1;
}

function compile({ when: conditions, then }: Rule, place: string, inputs: Options['inputs']) {
  const parts = Object.entries(conditions).map(([fact, word]) => {
    const words = Object.hasOwn(inputs, fact) ? inputs[fact]! : undefined;
    if (words === undefined)
      throw new HomeostatError('H007', `fuzzy: ${place} asks for ${fact}, which is no input${nearest(fact, Object.keys(inputs))}`);
    if (!Object.hasOwn(words, word))
      throw new HomeostatError(
        'H007',
        `fuzzy: ${place} calls ${fact} "${word}", and it has no such word${nearest(word, Object.keys(words))}`,
      );
    const set = trapezoidOf(words[word]!);
    if (set.some((corner, i) => i > 0 && corner < set[i - 1]!))
      throw new HomeostatError('H007', `fuzzy: the corners of ${fact} "${word}" must not fall; found ${JSON.stringify(words[word])}`);
    return { fact, set };
  });
  return { parts, then };
}
