/** Kubernetes' horizontal pod autoscaler: the replica calculator, the controller, the stabilisation of the way down, and the bounds. */
import { type Case, type Family, inputsOf, readData } from './family.ts';
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

function calculatorCase(one: CalculatorCase): Case {
  const { test, currentReplicas, expectedReplicas, expectedError } = one;
  const input = inputsOf<CalculatorInput>(one);
  const { metric, podNames } = COMPLETED[test] ?? {};
  const completed = {
    ...input,
    ...(input.metric === undefined ? {} : { metric: { ...input.metric, ...metric } }),
    ...(podNames === undefined ? {} : { podNames }),
  };
  return named(
    test,
    () => writtenAutoscaler(calculatorOf(completed)),
    (played) => {
      if (expectedError !== null)
        return [...differs('commands', played.sent.length, 0), ...differs('what it wants is', played.decidedOn(APP, 'wants0'), undefined)];
      const usage = one.resource?.expectedUtilizationPct ?? one.metric?.expectedMilli ?? null;
      return [
        ...differs('replicas', replicasAfter(played, currentReplicas), expectedReplicas),
        ...(usage === null ? [] : differs('usage', played.decidedOn(APP, 'usage0'), usage)),
      ];
    },
  );
}

function controllerCase(one: ControllerCase): Case {
  const { metric: _, ...added } = COMPLETED[one.test] ?? {};
  return named(
    one.test,
    () => writtenAutoscaler(controllerOf({ ...inputsOf<ControllerInput>(one), ...added })),
    (played) => differs('replicas', replicasAfter(played, one.initialReplicas), one.expectedDesiredReplicas),
  );
}

const stabilisedCase = (one: StabilisedCase): Case =>
  named(
    `downscaleStabilisation: ${one.name}`,
    () => writtenAutoscaler(stabilisedOf(inputsOf<StabilisedInput>(one))),
    (played) => differs('replicas', replicasAfter(played, Number.NaN), one.expectedStabilized),
    'the length of its log is not compared: ours keeps changes',
  );

const rulesCase = (one: RulesCase): Case =>
  named(
    `convertDesiredReplicasWithRules: ${one.current} to ${one.desired} within ${one.min} to ${one.max}`,
    () => writtenAutoscaler(rulesOf(inputsOf<RulesInput>(one))),
    (played) => differs('replicas', replicasAfter(played, one.current), one.expected),
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
