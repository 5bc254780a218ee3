/** Words that a program might bring along: pure, and defined for whatever they are given. */
import type { CustomWords } from '../../src/analyze/custom.ts';

export const CUSTOM = {
  operators: { startsWith: (fact, value) => typeof fact === 'string' && typeof value === 'string' && fact.startsWith(value) },
  decorators: { size: (fact, value, next) => (Array.isArray(fact) ? next(fact.length, value) : false) },
} satisfies CustomWords;
