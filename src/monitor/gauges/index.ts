/** Every kind of gauge, by name. How to add one: docs/gauges.md. */
import { expression } from './expression.ts';
import type { GaugeKind } from './gauge.ts';
import { last } from './last.ts';
import { mean } from './mean.ts';
import { rollup } from './rollup.ts';

export const GAUGE_KINDS: readonly GaugeKind[] = [expression, last, mean, rollup];
