/** The values of parameters, on the facts as they are now. What is unknown makes no command. */
import type { Clamp, ParamSource } from '../knowledge/blueprint.ts';
import type { Value } from '../messages.ts';

export type Lookup = (fact: string) => Value | undefined;
export interface Unknown {
  readonly why: string;
}

/** The value of a parameter, or why it has none. */
export function resolve(source: ParamSource, lookup: Lookup): Value | Unknown {
  const value = raw(source, lookup);
  return source.clamp === undefined || typeof value === 'object' ? value : clamped(value, source.clamp, lookup);
}

function raw(source: ParamSource, lookup: Lookup): Value | Unknown {
  if ('literal' in source) return source.literal;
  if ('fact' in source) return lookup(source.fact) ?? { why: `${source.fact} has no value` };
  const { value, why } = source.expression.evaluate(lookup);
  return value ?? { why: why ?? 'the expression has no value' };
}

/** Rounds to the nearest step from the lower bound, or from 0 where there is none; then the bounds hold it, which need not lie on a step. */
function clamped(value: Value, { min, max, step }: Clamp, lookup: Lookup): Value | Unknown {
  if (typeof value !== 'number') return { why: `${JSON.stringify(value)} is no number to hold within bounds` };
  const [low, high] = [boundOf(min, lookup), boundOf(max, lookup)];
  for (const bound of [low, high]) if (typeof bound === 'object') return bound;
  const [from, to] = [low as number | undefined, high as number | undefined];
  if (from !== undefined && to !== undefined && from > to) return { why: `its lower bound ${from} is above its upper bound ${to}` };
  const stepped = step === undefined ? value : toStep(value, from ?? 0, step);
  return Math.min(Math.max(stepped, from ?? stepped), to ?? Math.max(stepped, from ?? stepped));
}

function boundOf(bound: Clamp['min'], lookup: Lookup): number | undefined | Unknown {
  if (bound === undefined || typeof bound === 'number') return bound;
  const value = lookup(bound.fact);
  return typeof value === 'number' ? value : { why: `its bound ${bound.fact} ${value === undefined ? 'has no value' : 'is no number'}` };
}

/** Of 0.1 and 0.2 comes 0.3: what the sum of binary fractions adds beyond twelve digits is cut off. */
const toStep = (value: number, from: number, step: number): number =>
  Number((from + Math.round((value - from) / step) * step).toPrecision(12));
