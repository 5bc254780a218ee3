/** Kubernetes' horizontal pod autoscaler: the replica calculator, the controller, the stabilisation of the way down, and the bounds. */
import { type Case, type Family, readData } from './family.ts';
import { APP, writtenAutoscaler } from './kubernetes-autoscaler.ts';
import {
  type CalculatorInput,
  type ControllerInput,
  calculatorOf,
  controllerOf,
  type RulesInput,
  rulesOf,
  type StabilisedInput,
  stabilisedOf,
} from './kubernetes-cases.ts';
import { COMPLETED, EXCUSED } from './kubernetes-completed.ts';
import { type Played, play, type Written } from './play.ts';

interface CalculatorCase extends Omit<CalculatorInput, 'resource' | 'metric'> {
  readonly test: string;
  readonly resource?: NonNullable<CalculatorInput['resource']> & { readonly expectedUtilizationPct: number | null };
  readonly metric?: NonNullable<CalculatorInput['metric']> & { readonly expectedMilli: number | null };
  readonly expectedReplicas: number | null;
  readonly expectedError: string | null;
}

interface ControllerCase extends ControllerInput {
  readonly test: string;
  readonly expectedDesiredReplicas: number;
}

interface StabilisedCase extends StabilisedInput {
  readonly name: string;
  readonly expectedStabilized: number;
}

interface RulesCase extends RulesInput {
  readonly expected: number;
  readonly condition: string;
}

/** The number of replicas that came of it, or why there is none. */
function replicasAfter({ refused, reading }: Played, before: number): number | string {
  if (refused.length > 0) return `refused: ${refused.map(({ pointer, message }) => `${pointer} ${message}`).join('; ')}`;
  const replicas = reading(APP, 'replicas') ?? before;
  return typeof replicas === 'number' ? replicas : `${replicas}`;
}

const differs = (what: string, is: unknown, expected: unknown): readonly string[] =>
  is === expected ? [] : [`${what} ${is}; expected ${expected}`];

function named(name: string, write: () => Written, judge: (played: Played) => readonly string[], note?: string): Case {
  const added = COMPLETED[name];
  const said = added === undefined ? note : `with what the file leaves out: ${JSON.stringify(added)}`;
  return {
    name,
    ...(EXCUSED[name] === undefined ? {} : { excused: EXCUSED[name] }),
    ...(said === undefined ? {} : { note: said }),
    play: async () => judge(await play(write())),
  };
}

function calculatorCase({ test, expectedReplicas, expectedError, currentReplicas, resource, metric, ...pods }: CalculatorCase): Case {
  // What the neighbour expects is not handed on to the converter.
  const { expectedUtilizationPct, ...ofResource } = resource ?? { expectedUtilizationPct: null };
  const { expectedMilli, ...ofMetric } = metric ?? { expectedMilli: null };
  const { podNames, metric: corrected } = COMPLETED[test] ?? {};
  const input = {
    currentReplicas,
    ...('targetUtilizationPct' in ofResource ? { resource: ofResource } : {}),
    ...('levelsMilli' in ofMetric ? { metric: { ...ofMetric, ...corrected } } : {}),
    ...pods,
    ...(podNames === undefined ? {} : { podNames }),
  };
  return named(
    test,
    () => writtenAutoscaler(calculatorOf(input)),
    (played) => {
      if (expectedError !== null)
        return [...differs('commands', played.sent.length, 0), ...differs('what it wants is', played.decidedOn(APP, 'wants0'), undefined)];
      const usage = expectedUtilizationPct ?? expectedMilli;
      return [
        ...differs('replicas', replicasAfter(played, currentReplicas), expectedReplicas),
        ...(usage === null ? [] : differs('usage', played.decidedOn(APP, 'usage0'), usage)),
      ];
    },
  );
}

function controllerCase({ test, expectedDesiredReplicas, ...rest }: ControllerCase): Case {
  const { expectedConditions: _, ...given } = rest as ControllerInput & { readonly expectedConditions?: unknown };
  const { metric: _metric, ...added } = COMPLETED[test] ?? {};
  return named(
    test,
    () => writtenAutoscaler(controllerOf({ ...given, ...added })),
    (played) => differs('replicas', replicasAfter(played, given.initialReplicas), expectedDesiredReplicas),
  );
}

const stabilisedCase = ({ name, windowSeconds, recommendations, proposed, expectedStabilized }: StabilisedCase): Case =>
  named(
    `downscaleStabilisation: ${name}`,
    () => writtenAutoscaler(stabilisedOf({ windowSeconds, recommendations, proposed })),
    (played) => differs('replicas', replicasAfter(played, Number.NaN), expectedStabilized),
    'the length of its log is not compared: ours keeps changes',
  );

const rulesCase = ({ current, desired, min, max, expected, condition }: RulesCase): Case =>
  named(
    `convertDesiredReplicasWithRules: ${condition} ${current} ${desired}`,
    () => writtenAutoscaler(rulesOf({ current, desired, min, max })),
    (played) => differs('replicas', replicasAfter(played, current), expected),
  );

const FILE = 'vectors/k8s_hpa_v1_15.json';

export const kubernetes: Family = {
  name: 'Kubernetes',
  file: FILE,
  cases: (folder) => {
    const data = readData(folder, FILE) as {
      readonly replicaCalculator: readonly CalculatorCase[];
      readonly horizontalController: readonly ControllerCase[];
      readonly downscaleStabilisation: readonly StabilisedCase[];
      readonly convertDesiredReplicasWithRules: readonly RulesCase[];
    };
    return [
      ...data.replicaCalculator.map(calculatorCase),
      ...data.horizontalController.map(controllerCase),
      ...data.downscaleStabilisation.map(stabilisedCase),
      ...data.convertDesiredReplicasWithRules.map(rulesCase),
    ];
  },
};
