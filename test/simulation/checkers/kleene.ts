/**
 * A naive evaluator of conditions in Kleene's three values (S. C. Kleene, Introduction to Metamathematics, 1952, section 64), written for the
 * checkers alone: it shares nothing with the one that is checked. It knows the operators that the simulated policies use.
 */
import type { ConditionDocument } from '../../../src/documents/policy.ts';

export type Truth = 'true' | 'false' | 'unknown';

export function truthOf(
  condition: ConditionDocument,
  named: Readonly<Record<string, ConditionDocument>>,
  fact: (name: string) => unknown,
): Truth {
  const of = (part: ConditionDocument): Truth => truthOf(part, named, fact);
  if (condition.condition !== undefined) return of(named[condition.condition]!);
  if (condition.not !== undefined) {
    const inner = of(condition.not);
    return inner === 'unknown' ? 'unknown' : inner === 'true' ? 'false' : 'true';
  }
  if (condition.all !== undefined) {
    const parts = condition.all.map(of);
    return parts.includes('false') ? 'false' : parts.includes('unknown') ? 'unknown' : 'true';
  }
  if (condition.any !== undefined) {
    const parts = condition.any.map(of);
    return parts.includes('true') ? 'true' : parts.includes('unknown') ? 'unknown' : 'false';
  }
  return compare(condition, fact);
}

function compare({ fact: name, operator, value }: ConditionDocument, fact: (name: string) => unknown): Truth {
  if (operator === 'increased' || operator === 'unknown' || operator === 'stale') {
    // Questions about a fact are facts of their own.
    const answer = fact(operator === 'increased' ? `${name}@${operator}:${value}` : `${name}@${operator}`);
    return answer === undefined ? 'unknown' : answer === value || (operator === 'increased' && answer === true) ? 'true' : 'false';
  }
  const left = fact(name!);
  const right = typeof value === 'object' && value !== null && 'fact' in value ? fact(String(value.fact)) : value;
  if (left === undefined || right === undefined) return 'unknown';
  if (operator === 'equal') return left === right ? 'true' : 'false';
  if (operator === 'between') {
    const x = Number.parseFloat(String(left));
    const [low, high] = right as [number, number];
    return Number.isNaN(x) ? 'unknown' : low <= x && x <= high ? 'true' : 'false';
  }
  const [a, b] = [Number.parseFloat(String(left)), Number.parseFloat(String(right))];
  if (Number.isNaN(a) || Number.isNaN(b)) return 'unknown';
  if (operator === 'greaterThan') return a > b ? 'true' : 'false';
  if (operator === 'lessThan') return a < b ? 'true' : 'false';
  throw new Error(`the checker does not know the operator ${operator}`);
}
