/** A calculation over other readings of the element and its relatives. */

import { Type } from '../../documents/schema.ts';
import { compileExpression, MAX_EXPRESSION_LENGTH } from '../../expression.ts';
import type { GaugeKind } from './gauge.ts';
import { closed } from './windowed.ts';

interface Options {
  readonly expression: string;
}

export const expression: GaugeKind<Options> = {
  kind: 'expression',
  description: 'a calculation (CEL) over other readings',
  options: Type.Object(
    {
      expression: Type.String({
        minLength: 1,
        maxLength: MAX_EXPRESSION_LENGTH,
        description: 'CEL over facts, such as busy / parent.capacity; the unit is that of the result',
      }),
    },
    closed,
  ),
  create: ({ expression: text }) => {
    const { facts, evaluate } = compileExpression(text);
    return { over: 'readings', facts, read: evaluate };
  },
};
