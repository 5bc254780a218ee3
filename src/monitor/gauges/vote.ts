/**
 * What several sensors of one thing agree on: the value of the largest group that does, if it is large enough. A sensor that fails by saying something
 * wrong is outvoted. J. von Neumann 1956; inexact voting as in P. R. Lorczak, A. K. Caglayan, D. E. Eckhardt, "A Theoretical Investigation of Generalized Voters for Redundant Systems", FTCS 1989.
 */

import { Type } from '../../documents/schema.ts';
import { HomeostatError } from '../../errors.ts';
import { Name, type Value } from '../../messages.ts';
import type { Gauge, GaugeKind, GaugeReading } from './gauge.ts';
import { median } from './statistics.ts';
import { closed } from './windowed.ts';

interface Options {
  readonly of: string | readonly string[];
  readonly type?: string;
  readonly k?: number;
  readonly tolerance?: number;
}

/** Most facts that vote; children are as many as there are. */
const MOST_FACTS = 100;

export const vote: GaugeKind<Options> = {
  kind: 'vote',
  description:
    'the value that at least k of several sensors agree on, the median of those that do; the confidence is the share that agrees',
  options: Type.Object(
    {
      of: Type.Union(
        [
          Type.Unsafe<string>({ ...Name, description: "the children's property" }),
          Type.Array(Type.String({ minLength: 1 }), { minItems: 2, maxItems: MOST_FACTS, uniqueItems: true }),
        ],
        {
          description:
            'the sensors: facts of the element, as ["front", "back", "parent.outside"]; or the name of a property of its children',
        },
      ),
      type: Type.Optional(Type.Unsafe<string>({ ...Name, description: 'only children of this type' })),
      k: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 100_000, description: 'how many must agree; more than half of them all if not given' }),
      ),
      tolerance: Type.Optional(
        Type.Number({
          minimum: 0,
          default: 0,
          description: 'how far apart numbers may be, the largest from the smallest, and agree all the same',
        }),
      ),
    },
    closed,
  ),
  create: ({ of, type, k, tolerance = 0 }): Gauge => {
    const read = (values: readonly (Value | undefined)[]): GaugeReading =>
      agreed(values, k ?? Math.floor(values.length / 2) + 1, tolerance);
    if (typeof of === 'string') return { over: 'children', of, ...(type === undefined ? {} : { type }), read };
    if (type !== undefined) throw new HomeostatError('H007', 'vote: "type" is of children, and "of" names facts of the element itself');
    if (k !== undefined && k > of.length)
      throw new HomeostatError('H007', `vote: ${k} of ${of.length} can never agree; let k be ${of.length} at most`);
    return { over: 'readings', facts: of, read: (lookup) => read(of.map(lookup)) };
  },
};

/** Values that agree, and how far apart they are. */
interface Group {
  readonly value: Value;
  readonly size: number;
  readonly spread: number;
}

/** Unknown values count among all, and agree with none. */
function agreed(values: readonly (Value | undefined)[], k: number, tolerance: number): GaugeReading {
  if (values.length === 0) return { why: 'it has no children' };
  const groups = [...groupsOfNumbers(values, tolerance), ...groupsOfOthers(values)];
  const best = groups.sort((a, b) => b.size - a.size || a.spread - b.spread)[0];
  const unknown = values.filter((value) => value === undefined).length;
  const those = unknown === 0 ? '' : `; ${unknown} have no value`;
  if (best === undefined || best.size < k) return { why: `only ${best?.size ?? 0} of ${values.length} agree, and ${k} must${those}` };
  // Two answers of the same weight are none.
  const other = groups.find((group) => group.size === best.size && group.spread === best.spread && group.value !== best.value);
  if (other !== undefined) return { why: `${best.size} of ${values.length} say ${best.value}, and as many ${other.value}${those}` };
  const confidence = best.size / values.length;
  return confidence === 1 ? { value: best.value } : { value: best.value, confidence };
}

/** For each number, those from it upwards within the tolerance. */
function groupsOfNumbers(values: readonly (Value | undefined)[], tolerance: number): Group[] {
  const sorted = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  let end = 0;
  return sorted.map((low, start) => {
    while (end < sorted.length && sorted[end]! - low <= tolerance) end++;
    return { value: median(sorted.slice(start, end)) + 0, size: end - start, spread: sorted[end - 1]! - low };
  });
}

/** Texts and truths agree if they are the same. */
function groupsOfOthers(values: readonly (Value | undefined)[]): Group[] {
  const counts = new Map<Value, number>();
  for (const value of values) if (value !== undefined && typeof value !== 'number') counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, size]) => ({ value, size, spread: 0 }));
}
