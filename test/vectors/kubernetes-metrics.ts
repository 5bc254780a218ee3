/**
 * The metrics of a horizontal pod autoscaler as gauges. Of the metric with index i there are `level` (what is measured), `usage` (what is told of it),
 * `ratio` (how many times its target that is) and `wants` (how many replicas would bring it there), each with i at its end.
 */
import type { PropertyDocument } from '../../src/documents/manager.ts';

export type Metric =
  /** Share of the cores asked for that the pods use, in percent. */
  | { readonly kind: 'cpu'; readonly target: number }
  /** Mean of a metric of the pods. */
  | { readonly kind: 'pods'; readonly target: number }
  /** A metric of something else, as a whole, and for each replica. */
  | { readonly kind: 'whole'; readonly target: number }
  | { readonly kind: 'each'; readonly target: number }
  /** A number of replicas that somebody else worked out. */
  | { readonly kind: 'given' }
  /** Something that nobody measures. */
  | { readonly kind: 'unknown' };

type Properties = Readonly<Record<string, PropertyDocument>>;

const gauge = (expression: string): PropertyDocument => ({ gauge: { kind: 'expression', expression } });
const sumOf = (of: string): PropertyDocument => ({ gauge: { kind: 'rollup', of, type: 'pod', fold: 'sum' } });

/** The properties that a metric takes, of the app and of each pod. `stale`: how long a measurement counts. */
export function properties(metric: Metric, i: number, stale: string): { readonly app: Properties; readonly pod: Properties } {
  const level: Properties = { [`level${i}`]: { stale } };
  switch (metric.kind) {
    case 'cpu':
      return { app: cpu(i, metric.target), pod: { ...level, ...cpuOfPod(i) } };
    case 'pods':
      return { app: ofPods(i, metric.target), pod: { ...level, ...plainOfPod(i) } };
    case 'whole':
      return {
        app: {
          ...level,
          [`usage${i}`]: gauge(`level${i} + 0`),
          [`ratio${i}`]: gauge(`level${i} / ${metric.target}`),
          [`wants${i}`]: gauge(`ceil(ratio${i} * serving)`),
        },
        pod: {},
      };
    case 'each':
      return {
        app: {
          ...level,
          [`usage${i}`]: gauge(`ceil(level${i} / replicas)`),
          [`ratio${i}`]: gauge(`level${i} / (${metric.target} * replicas)`),
          [`wants${i}`]: gauge(`ceil(level${i} / ${metric.target})`),
        },
        pod: {},
      };
    case 'given':
      return { app: { ...level, [`ratio${i}`]: gauge(`level${i} / replicas`), [`wants${i}`]: gauge(`level${i} + 0`) }, pod: {} };
    case 'unknown':
      return { app: { ...level, [`ratio${i}`]: gauge(`level${i} + 0`), [`wants${i}`]: gauge(`level${i} + 0`) }, pod: {} };
  }
}

/** What a pod counts as. One that warms up, or is not ready, does not count where cores are measured: it is busy with itself. */
const cpuOfPod = (i: number): Properties => ({
  [`state${i}`]: gauge(
    'phase == "Failed" || deleting ? "gone" : phase == "Pending" ? "warming" : ' +
      `!known(level${i}) ? "missing" : !ready || age < 120 ? "warming" : "counted"`,
  ),
  [`used${i}`]: gauge(`state${i} == "counted" ? level${i} : 0`),
  ...heads(i, ['counted', 'missing', 'warming']),
  ...Object.fromEntries(['counted', 'missing', 'warming'].map((is) => [`${is}Request${i}`, gauge(`state${i} == "${is}" ? request : 0`)])),
});

const plainOfPod = (i: number): Properties => ({
  [`state${i}`]: gauge(`phase == "Failed" || deleting ? "gone" : !known(level${i}) ? "missing" : "counted"`),
  [`used${i}`]: gauge(`state${i} == "counted" ? level${i} : 0`),
  ...heads(i, ['counted', 'missing']),
});

const heads = (i: number, states: readonly string[]): Properties =>
  Object.fromEntries(states.map((is) => [`${is}${i}`, gauge(`state${i} == "${is}" ? 1 : 0`)]));

/**
 * Pods that are missing are taken for what stands against the move: for all that they asked for where it would go down, for idle where it would go up;
 * those that warm up for idle where it would go up. A guess must not turn the direction: then it is as if it were on target.
 */
function cpu(i: number, target: number): Properties {
  const folded = ['used', 'counted', 'missing', 'warming', 'countedRequest', 'missingRequest', 'warmingRequest'].map(
    (name) => `${name}${i}`,
  );
  const [low, high] = [`usage${i} < ${target}`, `usage${i} > ${target}`];
  return {
    ...Object.fromEntries(folded.map((name) => [name, sumOf(name)])),
    // Whole percents, as the autoscaler has them.
    [`usage${i}`]: gauge(`floor(used${i} * 100 / countedRequest${i})`),
    [`guessedUse${i}`]: gauge(`used${i} + (${low} ? missingRequest${i} : 0)`),
    [`guessedRequest${i}`]: gauge(`countedRequest${i} + (${low} || ${high} ? missingRequest${i} : 0) + (${high} ? warmingRequest${i} : 0)`),
    [`guessed${i}`]: gauge(`floor(guessedUse${i} * 100 / guessedRequest${i})`),
    [`taken${i}`]: gauge(`counted${i} + (${low} || ${high} ? missing${i} : 0) + (${high} ? warming${i} : 0)`),
    ...settled(i, target),
  };
}

function ofPods(i: number, target: number): Properties {
  return {
    ...Object.fromEntries(['used', 'counted', 'missing'].map((name) => [`${name}${i}`, sumOf(`${name}${i}`)])),
    [`usage${i}`]: gauge(`floor(used${i} / counted${i})`),
    [`taken${i}`]: gauge(`counted${i} + missing${i}`),
    [`guessed${i}`]: gauge(`floor((used${i} + (usage${i} < ${target} ? missing${i} * ${target} : 0)) / taken${i})`),
    ...settled(i, target),
  };
}

const settled = (i: number, target: number): Properties => {
  const turned = `(usage${i} < ${target} && guessed${i} > ${target}) || (usage${i} > ${target} && guessed${i} < ${target})`;
  return {
    [`ratio${i}`]: gauge(`${turned} ? 1 : guessed${i} / ${target}`),
    [`wants${i}`]: gauge(`ceil(guessed${i} / ${target} * taken${i})`),
  };
};
