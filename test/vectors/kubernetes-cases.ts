/** From the inputs of Kubernetes' cases, as the file has them, to autoscalers. What the neighbour expects has no place in these types. */
import type { Autoscaler, Measured, Pod } from './kubernetes-autoscaler.ts';
import type { Completed } from './kubernetes-completed.ts';
import type { Metric } from './kubernetes-metrics.ts';

interface PodStates {
  readonly podReady?: readonly string[];
  readonly podStart?: readonly string[];
  readonly podPhase?: readonly string[];
  readonly podDeleting?: readonly string[];
  readonly podNames?: readonly string[];
}

export interface CalculatorInput extends PodStates {
  readonly currentReplicas: number;
  readonly resource?: {
    readonly cpuRequestsPerContainer: readonly string[];
    readonly levelsMilli: readonly number[];
    readonly targetUtilizationPct: number;
  };
  readonly metric?: {
    readonly levelsMilli: readonly number[];
    readonly targetMilli: number | null;
    readonly perPodTargetMilli: number | null;
    readonly type: string;
  };
}

export interface ControllerInput extends Omit<Completed, 'metric'> {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly initialReplicas: number;
  readonly CPUTarget?: number;
  readonly reportedLevels: readonly number[];
  readonly reportedPodReadiness?: readonly string[];
  readonly reportedPodPhase?: readonly string[];
  readonly podStartHot?: readonly boolean[];
}

export interface StabilisedInput {
  readonly windowSeconds: number;
  readonly recommendations: readonly { readonly replicas: number; readonly ageSeconds: number }[];
  readonly proposed: number;
}

export interface RulesInput {
  readonly current: number;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
}

/** A pod that was just started, and one that was started three minutes ago: `hotCpuCreationTime` and `coolCpuCreationTime` of the tests. */
const [HOT, COOL] = [0, 180];
/** The tests of the controller let it become eight times as many at once (`scaleUpLimitFactor`); in production, and in the cases of its rules, it is two. */
const [UP_IN_TESTS, UP] = [8, 2];
/** The least time between two looks, in seconds. */
const LOOK = 15;

const milli = (cores: string): number => Math.round(Number(cores) * 1_000);
const now = (levels: Measured['levels']): Measured => ({ age: 0, levels });
const PLAIN = { retold: true, updateFails: false } as const;

function podsOf(count: number, requests: readonly (string | undefined)[], states: PodStates): Pod[] {
  return Array.from({ length: count }, (_, i): Pod => {
    const request = requests[i];
    return {
      ...(request === undefined ? {} : { request: milli(request) }),
      ready: states.podReady?.[i] !== 'False',
      age: states.podStart?.[i]?.startsWith('hot') === true ? HOT : COOL,
      phase: states.podPhase?.[i] ?? 'Running',
      deleting: states.podDeleting?.[i] === 'true',
    };
  });
}

export function calculatorOf({ currentReplicas, resource, metric, ...states }: CalculatorInput): Autoscaler {
  // Failed pods and those that are deleted are not among the replicas.
  const count = Math.max(currentReplicas, states.podPhase?.length ?? 0);
  const common = { ...PLAIN, replicas: currentReplicas, ...(states.podNames === undefined ? {} : { podNames: states.podNames }) };
  if (resource !== undefined)
    return {
      ...common,
      metrics: [{ kind: 'cpu', target: resource.targetUtilizationPct }],
      pods: podsOf(count, resource.cpuRequestsPerContainer, states),
      measured: [now({ 0: resource.levelsMilli })],
    };
  const { type, levelsMilli, targetMilli, perPodTargetMilli } = metric!;
  const ofPods = type === 'podMetric';
  const target = targetMilli ?? perPodTargetMilli!;
  return {
    ...common,
    metrics: [{ kind: ofPods ? 'pods' : targetMilli === null ? 'each' : 'whole', target }],
    pods: podsOf(count, [], states),
    measured: [now({ 0: ofPods ? levelsMilli : [total(levelsMilli)] })],
  };
}

const total = (levels: readonly number[]): number => levels.reduce((sum, x) => sum + x, 0);

export function controllerOf(input: ControllerInput): Autoscaler {
  const { initialReplicas: replicas, CPUTarget = 0, reportedLevels: levels, reportedCPURequests: requests, unreadable } = input;
  const pods = podsOf(requests?.length ?? replicas, requests ?? Array(replicas).fill('1.0'), {
    podReady: input.reportedPodReadiness ?? [],
    podStart: (input.podStartHot ?? []).map((hot) => (hot ? 'hot' : 'cool')),
    podPhase: input.reportedPodPhase ?? [],
    podDeleting: input.podDeleting ?? [],
  });
  const named = (input.metricTypes ?? []).map(({ type }, i) => metricOf(type, input.metricTargetsMilli?.[i]));
  // Where nothing else is said it goes by 80 % of the cores: the default of its API.
  const metrics: Metric[] = CPUTarget > 0 || named.length === 0 ? [{ kind: 'cpu', target: CPUTarget || 80 }, ...named] : named;
  const told = metrics.map(({ kind }, i) => {
    if (kind === 'unknown' || (unreadable === 'External' && kind === 'whole')) return [];
    return [[i, kind === 'cpu' || kind === 'pods' ? levels : [total(levels)]] as const];
  });
  return {
    ...PLAIN,
    ...(unreadable === 'replicas' ? {} : { replicas }),
    min: input.minReplicas,
    max: input.maxReplicas,
    upFactor: UP_IN_TESTS,
    metrics,
    pods,
    measured: [...earlier(input.recommendations ?? [], CPUTarget, pods), now(Object.fromEntries(told.flat()))],
    updateFails: input.updateFails === true,
  };
}

function metricOf(type: string, [of, target]: readonly [string, string] = ['', '0']): Metric {
  if (type === 'Pods') return { kind: 'pods', target: Number(target) };
  if (type !== 'Object' && type !== 'External') return { kind: 'unknown' };
  return { kind: of === 'AverageValue' ? 'each' : 'whole', target: Number(target) };
}

/** What it recommended earlier: so much was used then that so many replicas would have brought it to its target. */
function earlier(recommendations: readonly (readonly [string, string, string])[], target: number, pods: readonly Pod[]): Measured[] {
  return recommendations.map(([replicas, minutes]) => ({
    age: Math.max(LOOK, -60 * Number(minutes)),
    levels: { 0: pods.map(({ request = 0 }) => (request * target * Number(replicas)) / (100 * pods.length)) },
  }));
}

/** How many there are is not said, so that there are many: what is recommended is always a way down, until it has come down. */
export const stabilisedOf = ({ recommendations, proposed }: StabilisedInput): Autoscaler => ({
  ...PLAIN,
  replicas: 100,
  metrics: [{ kind: 'given' }],
  pods: [],
  measured: [
    ...[...recommendations]
      .sort((a, b) => b.ageSeconds - a.ageSeconds)
      .map(({ replicas, ageSeconds: age }) => ({ age, levels: { 0: [replicas] } })),
    now({ 0: [proposed] }),
  ],
  retold: false,
});

export const rulesOf = ({ current, desired, min, max }: RulesInput): Autoscaler => ({
  ...PLAIN,
  replicas: current,
  min,
  max,
  upFactor: UP,
  metrics: [{ kind: 'given' }],
  pods: [],
  measured: [now({ 0: [desired] })],
});
