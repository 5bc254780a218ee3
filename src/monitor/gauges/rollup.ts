/** Children rolled up into one reading of their parent. */

import { Type } from '../../documents/schema.ts';
import { Name, type Value } from '../../messages.ts';
import type { GaugeKind, GaugeReading, RollupGauge } from './gauge.ts';
import { DEFAULT_ACCURACY, quantile } from './quantiles.ts';
import { max, mean, min, sum } from './statistics.ts';
import { closed, notANumber, numberReading } from './windowed.ts';

export type Fold = 'sum' | 'mean' | 'min' | 'max' | 'count' | 'quantile';

export interface RollupOptions {
  readonly of: string;
  readonly type?: string;
  readonly fold: Fold;
  readonly q?: number;
  readonly missing?: 'ignore' | 'unknown';
}

export const rollup: GaugeKind<RollupOptions> = {
  kind: 'rollup',
  description: 'a property of the children, folded into one',
  options: Type.Object(
    {
      of: Type.Unsafe<string>({ ...Name, description: "the children's property" }),
      type: Type.Optional(Type.Unsafe<string>({ ...Name, description: 'only children of this type' })),
      fold: Type.Enum(['sum', 'mean', 'min', 'max', 'count', 'quantile'], { description: 'how the values become one' }),
      q: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'for quantile: 0.5 is the median, which is the default' })),
      missing: Type.Optional(
        Type.Enum(['ignore', 'unknown'], {
          description:
            'a child without a value is left out, or makes the whole unknown; "unknown" for sum, "ignore" for the others if not given',
        }),
      ),
    },
    closed,
  ),
  create: (options) => rollUp(options),
};

/** The gauge that folds the values of children. A child whose value is no number counts as one without (but for `count`). */
export function rollUp({ of, type, fold, q = 0.5, missing = fold === 'sum' ? 'unknown' : 'ignore' }: RollupOptions): RollupGauge {
  const read = (values: readonly (Value | undefined)[]): GaugeReading => {
    const known = values.filter((v) => (fold === 'count' ? v !== undefined : typeof v === 'number'));
    if (missing === 'unknown' && known.length < values.length) return { why: missingWhy(values, known.length) };
    if (fold === 'count') return { value: known.length };
    // A sum over no children is 0, whereas a sum over children of which none is known is unknown.
    if (fold === 'sum' && values.length === 0) return { value: 0 };
    if (known.length === 0) return { why: values.length === 0 ? 'it has no children' : missingWhy(values, 0) };
    return numberReading(folded(fold, known as number[], q), known.length / values.length);
  };
  return { over: 'children', of, ...(type === undefined ? {} : { type }), read };
}

/** The gauge behind the fact `children.count`: how many there are. */
export const countChildren = (): RollupGauge => rollUp({ of: '', fold: 'count' });

/** The gauge behind a fact such as `children.load.mean`, `children.latency.p95` or `.p999`; undefined: there is no such fold. */
export function foldChildren(of: string, fold: string): RollupGauge | undefined {
  if (['sum', 'mean', 'min', 'max', 'count'].includes(fold)) return rollUp({ of, fold: fold as Fold });
  const digits = /^p([1-9][0-9]|99[0-9]{1,2})$/.exec(fold)?.[1];
  return digits === undefined ? undefined : rollUp({ of, fold: 'quantile', q: Number(`0.${digits}`) });
}

function folded(fold: Exclude<Fold, 'count'>, numbers: readonly number[], q: number): number {
  switch (fold) {
    case 'sum':
      return sum(numbers);
    case 'mean':
      return mean(numbers);
    case 'min':
      return min(numbers);
    case 'max':
      return max(numbers);
    case 'quantile':
      return quantile(numbers, q, DEFAULT_ACCURACY);
  }
}

function missingWhy(values: readonly (Value | undefined)[], known: number): string {
  const odd = values.find((v) => v !== undefined && typeof v !== 'number');
  return odd === undefined ? `${values.length - known} of ${values.length} children have no value` : `of a child: ${notANumber(odd)}`;
}
