/** When a policy is ready to act: its conditions are true, and what it moves is outside of its dead zones. */
import type { Condition } from '../analyze/conditions.ts';
import { OPERATORS } from '../analyze/operators.ts';
import type { Limit } from '../documents/action.ts';
import type { Move } from './moves.ts';

interface Band {
  readonly fact: string;
  readonly low: Limit;
  readonly high: Limit;
}

/** The dead zones that hold a move back: the policy's own, or those of the properties that the command moves (as the gate has it). */
export function bandsOf({ policy, command, type, action }: Move): readonly Band[] {
  if (policy.deadZone !== undefined) return [policy.deadZone];
  if (action.target !== 'self') return [];
  return Object.keys(command?.effects ?? {}).flatMap((fact) => {
    const band = type?.properties.get(fact)?.deadZone;
    return band === undefined ? [] : [{ fact, ...band }];
  });
}

export const readyFor = (move: Move): Condition => ({ kind: 'all', parts: [move.policy.condition, ...bandsOf(move).map(outside)] });

const outside = ({ fact, low, high }: Band): Condition => ({
  kind: 'any',
  parts: [compared(fact, 'lessThan', low), compared(fact, 'greaterThan', high)],
});

/** A comparison that stands in no file. */
export const compared = (fact: string, operator: string, limit: Limit): Condition => ({
  kind: 'test',
  fact,
  operator,
  compare: OPERATORS[operator]!.compare,
  value: typeof limit === 'number' ? { literal: limit } : limit,
  at: '',
});
