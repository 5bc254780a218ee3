/** The numbers that a clause leaves to a fact, as an interval. */
import { isPair } from '../analyze/operators.ts';
import { type Clause, meaningOf } from './clauses.ts';

export interface Bounds {
  readonly low: number;
  /** Whether `low` itself is left out. */
  readonly lowOpen: boolean;
  readonly high: number;
  readonly highOpen: boolean;
}

export const ALL: Bounds = { low: Number.NEGATIVE_INFINITY, lowOpen: true, high: Number.POSITIVE_INFINITY, highOpen: true };

export const isEmpty = ({ low, lowOpen, high, highOpen }: Bounds): boolean => low > high || (low === high && (lowOpen || highOpen));

export const isWithin = (x: number, { low, lowOpen, high, highOpen }: Bounds): boolean =>
  (lowOpen ? x > low : x >= low) && (highOpen ? x < high : x <= high);

export function intersect(a: Bounds, b: Bounds): Bounds {
  const [lower, upper] = [
    a.low > b.low || (a.low === b.low && a.lowOpen) ? a : b,
    a.high < b.high || (a.high === b.high && a.highOpen) ? a : b,
  ];
  return { low: lower.low, lowOpen: lower.lowOpen, high: upper.high, highOpen: upper.highOpen };
}

/** The smallest interval that holds both. */
export function hull(a: Bounds, b: Bounds): Bounds {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const [lower, upper] = [
    a.low < b.low || (a.low === b.low && !a.lowOpen) ? a : b,
    a.high > b.high || (a.high === b.high && !a.highOpen) ? a : b,
  ];
  return { low: lower.low, lowOpen: lower.lowOpen, high: upper.high, highOpen: upper.highOpen };
}

/** What an ordering leaves, and what is left if it is false. */
export function boundsOf(operator: string, value: number, holds: boolean): Bounds | undefined {
  switch (operator) {
    case 'greaterThan':
    case 'lessThanInclusive':
      return (operator === 'greaterThan') === holds ? { ...ALL, low: value } : { ...ALL, high: value, highOpen: false };
    case 'greaterThanInclusive':
    case 'lessThan':
      return (operator === 'greaterThanInclusive') === holds ? { ...ALL, low: value, lowOpen: false } : { ...ALL, high: value };
    default:
      return undefined;
  }
}

export interface Room {
  readonly bounds: Bounds;
  /** An ordering with a number must be true: the fact is a number, or text that reads as one. */
  readonly isNumber: boolean;
}

/** The interval that the orderings of a clause leave to a fact. */
export function roomOf(fact: string, clause: Clause): Room {
  let room: Room = { bounds: ALL, isNumber: false };
  for (const literal of clause) {
    const { test } = literal;
    const meaning = test.fact === fact ? meaningOf(literal) : undefined;
    if (meaning === undefined || !('literal' in test.value)) continue;
    const value = test.value.literal;
    if (meaning.operator === 'between' && meaning.holds && isPair(value)) {
      room = { bounds: intersect(room.bounds, { low: value[0], lowOpen: false, high: value[1], highOpen: false }), isNumber: true };
      continue;
    }
    if (typeof value !== 'number') continue;
    const bounds =
      meaning.operator === 'equal' && meaning.holds
        ? { low: value, lowOpen: false, high: value, highOpen: false }
        : boundsOf(meaning.operator, value, meaning.holds);
    if (bounds !== undefined) room = { bounds: intersect(room.bounds, bounds), isNumber: room.isNumber || meaning.holds };
  }
  return room;
}
