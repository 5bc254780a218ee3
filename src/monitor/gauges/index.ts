/** Every kind of gauge, by name. How to add one: docs/gauges.md. */
import { anomaly } from './anomaly.ts';
import { count } from './count.ts';
import { derivative } from './derivative.ts';
import { ewma } from './ewma.ts';
import { expression } from './expression.ts';
import { forecast } from './forecast.ts';
import { fuzzy } from './fuzzy.ts';
import type { GaugeKind } from './gauge.ts';
import { heartbeat } from './heartbeat.ts';
import { last } from './last.ts';
import { machine } from './machine.ts';
import { max } from './max.ts';
import { mean } from './mean.ts';
import { min } from './min.ts';
import { pattern } from './pattern.ts';
import { progress } from './progress.ts';
import { quantile } from './quantile.ts';
import { rate } from './rate.ts';
import { rollup } from './rollup.ts';
import { stddev } from './stddev.ts';
import { sum } from './sum.ts';
import { suspicion } from './suspicion.ts';
import { swing } from './swing.ts';
import { timeInState } from './timeInState.ts';
import { vote } from './vote.ts';

export const GAUGE_KINDS: readonly GaugeKind[] = [
  anomaly,
  count,
  derivative,
  ewma,
  expression,
  forecast,
  fuzzy,
  heartbeat,
  last,
  machine,
  max,
  mean,
  min,
  pattern,
  progress,
  quantile,
  rate,
  rollup,
  stddev,
  sum,
  suspicion,
  swing,
  timeInState,
  vote,
];
