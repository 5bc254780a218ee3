/**
 * Operators that ask about a fact's past or about its being known, not about its value: `changed`, `increased`, `decreased`, `unknown`, `stale`.
 * Each is a derived property of the element, such as `state@changed:10s`, that is true or false by itself and keeps its own timer; the
 * condition asks whether that property is true. So they are matched, recorded, confirmed and replayed like any other fact.
 */
import { durationMs } from '../duration.ts';

/** What is asked, and whether the value is the span of time in which it must have happened, or true or false. */
export const TEMPORAL = {
  changed: { value: 'span' },
  increased: { value: 'span' },
  decreased: { value: 'span' },
  unknown: { value: 'flag' },
  stale: { value: 'flag' },
} as const;

export type TemporalWord = keyof typeof TEMPORAL;

export const isTemporal = (word: string): word is TemporalWord => Object.hasOwn(TEMPORAL, word);

/** One question about a fact. */
export interface Question {
  readonly of: string;
  readonly asks: TemporalWord;
  /** The span, ms; 0 for `unknown` and `stale`. */
  readonly withinMs: number;
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** A span in its largest whole unit, so that 60s and 1m are one. */
function spanText(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms % size === 0)!;
  return `${ms / size}${unit}`;
}

/** The name of the property that answers: `state@changed:10s`, `load@stale`. */
const questionName = ({ of, asks, withinMs }: Question): string =>
  TEMPORAL[asks].value === 'span' ? `${of}@${asks}:${spanText(withinMs)}` : `${of}@${asks}`;

/** Reads such a name; undefined: it is the name of something else. */
export function parseQuestion(name: string): Question | undefined {
  const found = /^(.+)@(?:(changed|increased|decreased):([0-9]+(?:ms|s|m|h|d))|(unknown|stale))$/.exec(name);
  if (found === null) return undefined;
  const asks = (found[2] ?? found[4]) as TemporalWord;
  return { of: found[1]!, asks, withinMs: found[3] === undefined ? 0 : durationMs(found[3]) };
}

interface Asked {
  readonly fact: string;
  readonly operator: string;
  readonly value: boolean;
}

/**
 * A comparison with such an operator as one that json-rules-engine knows: `state changed 10s` becomes `state@changed:10s equal true`.
 * Undefined: it is none, or not well formed.
 */
export function translate(fact: unknown, operator: unknown, value: unknown): Asked | undefined {
  if (typeof fact !== 'string' || typeof operator !== 'string') return undefined;
  const parts = operator.split(':');
  const asks = parts.pop()!;
  if (!isTemporal(asks) || parts.some((part) => part !== 'not')) return undefined;
  const withinMs = TEMPORAL[asks].value === 'flag' ? 0 : spanOf(value);
  if (withinMs === undefined || (TEMPORAL[asks].value === 'flag' && typeof value !== 'boolean')) return undefined;
  return {
    fact: questionName({ of: fact, asks, withinMs }),
    operator: [...parts, 'equal'].join(':'),
    value: typeof value === 'boolean' ? value : true,
  };
}

/** The span that a text states; undefined: none, or none longer than nothing. */
export function spanOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const ms = durationMs(value);
    return ms > 0 && ms <= MAX_SPAN_MS ? ms : undefined;
  } catch {
    return undefined;
  }
}

/** Ten years. */
const MAX_SPAN_MS = 3_653 * 86_400_000;
