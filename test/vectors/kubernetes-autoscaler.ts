/**
 * The horizontal pod autoscaler of Kubernetes 1.15, written as types, gauges and policies of ours. Pods are children of the element that is scaled.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
 */
import type { Value } from '../../src/messages.ts';
import { type Metric, properties } from './kubernetes-metrics.ts';
import type { Round, Seen, Written } from './play.ts';

export interface Pod {
  /** In thousandths of a core; absent: it asks for none. */
  readonly request?: number;
  readonly ready: boolean;
  /** Seconds since it was started. */
  readonly age: number;
  readonly phase: string;
  readonly deleting: boolean;
}

/** What is measured at one time. */
export interface Measured {
  /** Seconds before the end. */
  readonly age: number;
  /** What is told of the metric of that index: one value a pod for `cpu` and `pods`, or else one; of others nothing is known. */
  readonly levels: Readonly<Record<number, readonly number[]>>;
}

export interface Autoscaler {
  /** How many there are; absent: it cannot be told. */
  readonly replicas?: number;
  readonly min?: number;
  readonly max?: number;
  /** How many times as many, at least four in all, it may become at once; absent: as many as are wanted. */
  readonly upFactor?: number;
  readonly metrics: readonly Metric[];
  readonly pods: readonly Pod[];
  /** Names of pods that the levels are of, where they are not `pod-0`, `pod-1` …. */
  readonly podNames?: readonly string[];
  /** Oldest first. */
  readonly measured: readonly Measured[];
  /** Its replicas are told at each of these times, and not only at the first. */
  readonly retold: boolean;
  readonly updateFails: boolean;
}

/** The element that is scaled. */
export const APP = 'app';
/** How often it looks: `--horizontal-pod-autoscaler-sync-period`. A measurement counts until the next look, and it acts once a look. */
const SYNC = '15s';
const KEPT = { stale: 'never' } as const;
const gauge = (expression: string) => ({ gauge: { kind: 'expression', expression } });

/** What a pod is, whatever is measured of it. */
const POD = {
  phase: KEPT,
  deleting: KEPT,
  ready: KEPT,
  age: { ...KEPT, unit: 's' },
  request: KEPT,
  serving: gauge('phase == "Running" && ready && !deleting ? 1 : 0'),
};

export function writtenAutoscaler(input: Autoscaler): Written {
  const { metrics, min, max, upFactor } = input;
  const parts = metrics.map((metric, i) => properties(metric, i, SYNC));
  const ratios = metrics.map((_, i) => `(known(ratio${i}) ? ratio${i} : 0)`);
  const wishes = metrics.map((_, i) => `(known(wants${i}) ? wants${i} : 0)`);
  const largest = (of: readonly string[]): string => (of.length === 1 ? of[0]! : `max(${of.join(', ')})`);
  const bounds = {
    ...(min === undefined ? {} : { min: { fact: 'floor' } }),
    ...(max === undefined ? {} : { max: { fact: 'maxReplicas' } }),
  };
  return {
    manager: {
      types: {
        app: {
          properties: {
            replicas: KEPT,
            minReplicas: KEPT,
            maxReplicas: KEPT,
            floor: gauge('max(minReplicas, 1)'),
            serving: { gauge: { kind: 'rollup', of: 'serving', type: 'pod', fold: 'sum' } },
            ...Object.assign({}, ...parts.map(({ app }) => app)),
            allKnown: gauge(metrics.map((_, i) => `known(wants${i})`).join(' && ')),
            highestRatio: gauge(largest(ratios)),
            wants: gauge(largest(wishes)),
            ...(upFactor === undefined ? {} : { upLimit: gauge(`max(${upFactor} * replicas, 4)`) }),
          },
          commands: { scale: { actuator: 'set', operation: 'set', property: 'replicas', ...bounds, idempotent: true } },
        },
        pod: { properties: { ...POD, ...Object.assign({}, ...parts.map(({ pod }) => pod)) } },
      },
      elements: {
        [APP]: {
          type: 'app',
          properties: { ...(min === undefined ? {} : { minReplicas: min }), ...(max === undefined ? {} : { maxReplicas: max }) },
        },
        ...Object.fromEntries(input.pods.map((pod, i) => [`${APP}/pod-${i}`, { type: 'pod', properties: podProperties(pod) }])),
      },
    },
    policies: policiesOf(input),
    rounds: roundsOf(input),
    ...(input.updateFails ? { fails: ['scale'] } : {}),
  };
}

function policiesOf({ metrics, min, max, upFactor }: Autoscaler): readonly object[] {
  const scope = { type: 'app' };
  const replicas = (operator: string, value: Value | { fact: string }) => ({ fact: 'replicas', operator, value });
  const some = replicas('greaterThan', 0);
  const bound = (name: string, operator: string, fact: string) => ({
    name,
    scope,
    conditions: { all: [some, replicas(operator, { fact })] },
    actions: [{ command: 'scale', params: { to: { fact } } }],
  });
  return [
    ...(min === undefined ? [] : [bound('too-few', 'lessThan', 'minReplicas')]),
    ...(max === undefined ? [] : [bound('too-many', 'greaterThan', 'maxReplicas')]),
    {
      name: 'follow',
      scope,
      conditions: {
        all: [
          some,
          ...(min === undefined ? [] : [replicas('greaterThanInclusive', { fact: 'minReplicas' })]),
          ...(max === undefined ? [] : [replicas('lessThanInclusive', { fact: 'maxReplicas' })]),
          // A metric that is not known may have wanted more: then it goes up, and not down.
          {
            any: [
              { fact: 'allKnown', operator: 'equal', value: true },
              { fact: 'wants', operator: 'greaterThan', value: { fact: 'replicas' } },
            ],
          },
        ],
      },
      ...(metrics.every(({ kind }) => kind === 'given') ? {} : { tolerance: { fact: 'highestRatio', target: 1, share: 0.1 } }),
      stabilise: { down: { over: '5m' } },
      cooldown: SYNC,
      actions: [{ command: 'scale', params: { to: { fact: 'wants', ...(upFactor === undefined ? {} : { max: { fact: 'upLimit' } }) } } }],
    },
  ];
}

const podProperties = ({ request, ready, age, phase, deleting }: Pod): Record<string, Value> => ({
  ready,
  age,
  phase,
  deleting,
  ...(request === undefined ? {} : { request }),
});

function roundsOf({ replicas, metrics, podNames, measured, retold }: Autoscaler): Round[] {
  const first = Math.max(...measured.map(({ age }) => age));
  return measured.map(({ age, levels }, i): Round => {
    const told = replicas !== undefined && (i === 0 || retold) ? [{ element: APP, property: 'replicas', value: replicas }] : [];
    const seen = metrics.flatMap(({ kind }, of): Seen[] =>
      (levels[of] ?? []).map((value, pod) =>
        kind === 'cpu' || kind === 'pods'
          ? { element: `${APP}/${podNames?.[pod] ?? `pod-${pod}`}`, property: `level${of}`, value }
          : { element: APP, property: `level${of}`, value },
      ),
    );
    return { at: 1 + first - age, seen: [...told, ...seen] };
  });
}
