/** How many values a window holds. */
import type { GaugeKind } from './gauge.ts';
import { EMPTY, lost, PLAIN, seriesOf, type WindowOptions } from './windowed.ts';

export const count: GaugeKind<WindowOptions> = {
  kind: 'count',
  description: 'how many values, of whatever type, the window holds',
  options: PLAIN,
  create: (options) => ({
    ...seriesOf(options),
    // Exact rule 9: nothing came in is 0 only while who would have told is alive.
    read: (_memo, window, _now, probeAlive) => lost(window) ?? (window.size > 0 || probeAlive ? { value: window.size } : EMPTY),
  }),
};
