/**
 * Nomad Autoscaler: its strategies `threshold` and `target-value`, and how one of several checks wins.
 * https://developer.hashicorp.com/nomad/tools/autoscaling/plugins/strategy
 */
import type { Value } from '../../src/messages.ts';
import { type Case, type Family, inputsOf, readData } from './family.ts';
import { winnerOf } from './nomad-winner.ts';
import { type Played, play, type Written } from './play.ts';

/** What a strategy is given: the count as it is, the numbers of its query, oldest first, and its configuration as texts. */
export interface StrategyInput {
  readonly count: number;
  readonly metrics: readonly number[];
  readonly config: Readonly<Record<string, string>>;
}

/** What the neighbour decided. */
export interface Action {
  readonly direction: 'Up' | 'Down' | 'None';
  readonly count: number;
}

interface StrategyCase extends StrategyInput {
  readonly name: string;
  readonly expected?: Action;
  readonly expectedError?: string | null;
}

/** A number as it is configured; another text is left as it is, for the loader to refuse. */
const number = (text: string): Value => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text);

/** One query is one round: its numbers are a second apart, and its strategy is asked when all are there. */
const query = (count: number, metrics: readonly number[]): Written['rounds'] => [
  {
    at: metrics.length,
    seen: [
      { element: 'job', property: 'count', value: count },
      ...metrics.map((value, i) => ({ element: 'job', property: 'metric', value, at: i + 1 })),
    ],
  },
];

const COMMANDS = { scale: { actuator: 'set', operation: 'set', property: 'count', min: 0, idempotent: true } };

/** `threshold`: bounds are those of a `count`; the trigger is a condition on it, and the action a parameter. */
export function writtenThreshold({ count, metrics, config }: StrategyInput): Written {
  const { lower_bound: lower, upper_bound: upper, delta, percentage, value, within_bounds_trigger: trigger = '5' } = config;
  const bounds = {
    ...(lower === undefined ? {} : { from: number(lower) }),
    ...(upper === undefined ? {} : { below: number(upper) }),
  };
  // Away from the count as it is: upwards up, downwards down.
  const share = `count * (${percentage}) / 100`;
  const asked = {
    ...(delta === undefined ? {} : { by: number(delta) }),
    ...(percentage === undefined ? {} : { to: { expression: `count + (${share} > 0 ? ceil(${share}) : floor(${share}))` } }),
    ...(value === undefined ? {} : { to: number(value) }),
  };
  return {
    manager: {
      types: {
        job: {
          properties: {
            count: { stale: 'never' },
            metric: {},
            withinBounds: { gauge: { kind: 'count', of: 'metric', window: '1m', ...bounds } },
          },
          commands: COMMANDS,
        },
      },
      elements: { job: { type: 'job' } },
    },
    policies: [
      {
        name: 'threshold',
        scope: { type: 'job' },
        // Without a bound there is nothing to ask for.
        conditions: {
          all: Object.keys(bounds).length === 0 ? [] : [{ fact: 'withinBounds', operator: 'greaterThanInclusive', value: number(trigger) }],
        },
        actions: Object.keys(asked).length === 0 ? [] : [{ command: 'scale', params: asked }],
      },
    ],
    rounds: query(count, metrics),
  };
}

/** `target-value`: a factor, the dead band about 1, and a rate of change. */
export function writtenTargetValue({ count, metrics, config }: StrategyInput): Written {
  const { target = '', threshold = '0.01', max_scale_up: up, max_scale_down: down } = config;
  // Its limits are per evaluation, of which there is one a query.
  const limits = {
    ...(up === undefined ? {} : { up: [{ by: Number(up), per: '10s' }] }),
    ...(down === undefined ? {} : { down: [{ by: Number(down), per: '10s' }] }),
  };
  // What it did is looked at by its next evaluation, whichever of the two policies did it.
  const pace = { cooldown: { for: '10s', per: 'target' }, ...(Object.keys(limits).length === 0 ? {} : { rate: limits }) };
  return {
    manager: {
      types: {
        job: {
          properties: {
            count: { stale: 'never' },
            metric: {},
            factor: { gauge: { kind: 'expression', expression: Number(target) === 0 ? 'metric' : `metric / ${target}` } },
          },
          commands: COMMANDS,
        },
      },
      elements: { job: { type: 'job' } },
    },
    policies: [
      {
        name: 'target-value',
        scope: { type: 'job' },
        conditions: { all: [{ fact: 'count', operator: 'greaterThan', value: 0 }] },
        tolerance: { fact: 'factor', target: 1, within: Number(threshold) },
        ...pace,
        actions: [{ command: 'scale', params: { to: { expression: 'ceil(count * factor)' } } }],
      },
      {
        name: 'from-nothing',
        scope: { type: 'job' },
        conditions: {
          all: [
            { fact: 'count', operator: 'equal', value: 0 },
            { fact: 'factor', operator: 'greaterThan', value: 0 },
          ],
        },
        ...pace,
        actions: [{ command: 'scale', params: { to: { expression: 'ceil(factor)' } } }],
      },
    ],
    rounds: query(count, metrics),
  };
}

/** What was commanded, in the neighbour's words. */
export function actionOf({ sent }: Played, count: number): Action {
  const to = sent.at(-1)?.params.to;
  if (typeof to !== 'number' || to === count) return { direction: 'None', count: 0 };
  return { direction: to > count ? 'Up' : 'Down', count: to };
}

const text = ({ direction, count }: Action): string => `${direction} ${count}`;

function strategyCase(kind: string, write: (input: StrategyInput) => Written, one: StrategyCase): Case {
  const { name, count, expected, expectedError } = one;
  return {
    name: `${kind}: ${name}`,
    play: async () => {
      const played = await play(write(inputsOf<StrategyInput>(one)));
      const errors = played.refused.filter(({ severity }) => severity === 'error');
      if (typeof expectedError === 'string') return errors.length > 0 ? [] : [`the configuration is taken; expected: ${expectedError}`];
      if (errors.length > 0) return [`refused: ${errors.map(({ message }) => message).join('; ')}`];
      if (played.sent.length > 1) return [`${played.sent.length} commands for one evaluation`];
      const action = actionOf(played, count);
      // No answer at all is what it gives without numbers.
      const wanted = expected ?? { direction: 'None', count: 0 };
      return text(action) === text(wanted) ? [] : [`${text(action)}; expected ${text(wanted)}`];
    },
  };
}

const FILE = 'vectors/nomad_autoscaler.json';

export const nomad: Family = {
  name: 'Nomad',
  file: FILE,
  cases: (folder) => {
    const data = readData(folder, FILE) as {
      readonly threshold: readonly StrategyCase[];
      readonly targetValue: readonly StrategyCase[];
      readonly preemptWithinGroup: Parameters<typeof winnerOf>[0];
      readonly pickWinnerAcrossGroups: Parameters<typeof winnerOf>[1];
    };
    return [
      ...data.threshold.map((one) => strategyCase('threshold', writtenThreshold, one)),
      ...data.targetValue.map((one) => strategyCase('target-value', writtenTargetValue, one)),
      ...winnerOf(data.preemptWithinGroup, data.pickWinnerAcrossGroups),
    ];
  },
};
