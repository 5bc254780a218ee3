/** The newest value. What a property has if it states no gauge. */
import { Type } from '../../documents/schema.ts';
import type { GaugeKind, Memo } from './gauge.ts';
import { closed, Of } from './windowed.ts';

interface Options {
  readonly of?: string;
}

export const last: GaugeKind<Options> = {
  kind: 'last',
  description: 'the newest value, of whatever type',
  options: Type.Object({ of: Of }, closed),
  create: ({ of }) => ({
    over: 'series',
    ...(of === undefined ? {} : { of }),
    start: (): Memo => ({ value: null }),
    observe: (memo, { value, late }) => {
      // Exact rule 9. Adding 0 makes 0 of -0, which JSON cannot keep.
      if (!late) memo.value = typeof value === 'number' ? value + 0 : value;
    },
    read: ({ value }) => (value === null ? { why: 'nothing has been observed yet' } : { value: value as string | number | boolean }),
  }),
};
