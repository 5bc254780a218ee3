/**
 * A script of Kapacitor, as far as the cases have one, written as levels of ours.
 * https://docs.influxdata.com/kapacitor/v1/reference/nodes/alert_node/
 */
import type { TypeDocument } from '../../src/documents/manager.ts';
import type { Round, Written } from './play.ts';

/** What is measured: one number of one series. */
export interface Point {
  /** Seconds since the start. */
  readonly at: number;
  /** The id of the element that stands for its series. */
  readonly element: string;
  readonly value: number;
}

export interface Script {
  /** By the name of the node's property: `info`, `warnReset`, `stateCount` …, each a lambda over one field. */
  readonly conditions: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

/** In rising order, with the node's property of each. */
const LEVELS = [
  ['info', 'Info'],
  ['warn', 'Warning'],
  ['crit', 'Critical'],
] as const;

const OPERATORS: Readonly<Record<string, string>> = {
  '>': 'greaterThan',
  '>=': 'greaterThanInclusive',
  '<': 'lessThan',
  '<=': 'lessThanInclusive',
  '==': 'equal',
  '!=': 'notEqual',
};

/** `"value" > 40.0` as a condition. */
function conditionOf(lambda: string): object {
  const [, fact, operator, value] = /^"(\w+)" (>=?|<=?|==|!=) (-?[0-9.]+)$/.exec(lambda) ?? [];
  if (fact === undefined) throw new Error(`no condition of ours is known for ${lambda}`);
  return { fact, operator: OPERATORS[operator!], value: Number(value) };
}

const gauge = (expression: string) => ({ gauge: { kind: 'expression', expression } });
const setter = (property: string) => ({ actuator: 'set', operation: 'set', property, idempotent: true });
const ALL = '1d';

/** What every script reads of a series: the newest value, how many there were, and how far the newest is from their mean, in deviations. */
const SERIES = {
  value: { stale: 'never' },
  points: { gauge: { kind: 'count', of: 'value', window: ALL } },
  mean: { gauge: { kind: 'mean', of: 'value', window: ALL } },
  // Kapacitor divides by n − 1, and calls a first value no deviation.
  spread: { gauge: { kind: 'stddev', of: 'value', window: ALL } },
  sigma: gauge('points < 2 ? 0 : abs(value - mean) / (spread * sqrt(points / (points - 1)))'),
  toldPoint: { stale: 'never', initial: 0 },
} as const;

const script = (
  properties: TypeDocument['properties'],
  commands: TypeDocument['commands'],
  policies: readonly object[],
  points: readonly Point[],
  begin: object,
): Written => ({
  manager: {
    types: { series: { properties: { ...SERIES, ...properties }, commands } },
    elements: Object.fromEntries([...new Set(points.map(({ element }) => element))].map((id) => [id, { type: 'series' }])),
  },
  policies,
  rounds: roundsOf(points, begin),
});

/** Points of one instant come together. `begin`: what is so before the first of them. */
function roundsOf(points: readonly Point[], begin: object): Round[] {
  const elements = [...new Set(points.map(({ element }) => element))];
  const first = elements.flatMap((element) => Object.entries(begin).map(([property, value]) => ({ element, property, value })));
  const times = [...new Set(points.map(({ at }) => at))].sort((a, b) => a - b);
  const seenAt = (time: number) =>
    points.filter(({ at }) => at === time).map(({ element, value }) => ({ element, property: 'value', value }));
  return [{ at: 0, seen: first }, ...times.map((at) => ({ at, seen: seenAt(at) }))];
}

/**
 * An alert node: one policy with levels. An alert is told once for each point, or with `stateChangesOnly` once for each level: its command sets what was
 * told last, and what is there already is not set again. A level with a reset lasts until then, but only while it is the level that was told.
 */
export function writtenAlert({ conditions, options }: Script, points: readonly Point[]): Written {
  const onlyChanges = options.stateChangesOnly !== undefined;
  // The alert is about what its conditions are about.
  const field = /^"(\w+)"/.exec(Object.values(conditions)[0]!)![1]!;
  const tell = (level: string): object[] => [
    {
      command: 'alert',
      params: {
        to: onlyChanges ? level : { fact: 'points' },
        level,
        previous: { fact: 'told' },
        seconds: { expression: 'round(alertingFor / 1000)' },
        value: { fact: field },
      },
    },
    ...(onlyChanges ? [] : [{ command: 'note', params: { to: level } }]),
  ];
  const alerting = (to: boolean): object => ({ command: 'switch', params: { to } });
  const raised = LEVELS.flatMap(([key, level]) => {
    const condition = conditions[key];
    const reset = conditions[`${key}Reset`];
    if (condition === undefined) return [];
    return {
      level: key,
      conditions: { all: [conditionOf(condition)] },
      ...(reset === undefined ? {} : { reset: { any: [conditionOf(reset), { fact: 'told', operator: 'notEqual', value: level }] } }),
      actions: [...tell(level), alerting(true)],
    };
  });
  // Under all others: its turn comes when none of them is raised.
  const recovered = {
    level: 'ok',
    conditions: { all: [{ fact: 'alerting', operator: 'equal', value: true }] },
    actions: [...(options.noRecoveries === undefined ? tell('OK') : []), alerting(false)],
  };
  return script(
    {
      told: { stale: 'never', initial: 'OK' },
      alerting: { stale: 'never' },
      alertingFor: { unit: 'ms', gauge: { kind: 'timeInState', of: 'alerting', state: true, every: '100ms' } },
    },
    { alert: setter(onlyChanges ? 'told' : 'toldPoint'), note: setter('told'), switch: setter('alerting') },
    [{ name: 'alert', scope: { type: 'series' }, cooldown: '0s', levels: [recovered, ...raised] }],
    points,
    { alerting: false },
  );
}

/** Nodes that keep track of a state: for each point how long, or how many points in a row, its condition has been true; −1 where it is not. */
export function writtenState({ conditions }: Script, points: readonly Point[]): Written {
  const [[node, lambda] = ['', '']] = Object.entries(conditions);
  const condition = conditionOf(lambda);
  const counts = node === 'stateCount';
  const state = counts ? 'points - pointsOutside' : 'round(insideFor / 1000) * 1000';
  const tell = (to: object | number) => ({ command: 'tell', params: { to: { fact: 'points' }, state: to, value: { fact: 'value' } } });
  const inside = (to: boolean) => ({ command: 'switch', params: { to } });
  const outside = { command: 'mark', params: { to: { fact: 'points' } } };
  const policy = (name: string, of: object, actions: readonly object[]) => ({
    name,
    scope: { type: 'series' },
    conditions: of,
    cooldown: '0s',
    actions,
  });
  return script(
    {
      pointsOutside: { stale: 'never', initial: 0 },
      inside: { stale: 'never' },
      insideFor: { unit: 'ms', gauge: { kind: 'timeInState', of: 'inside', state: true, every: '100ms' } },
    },
    { tell: setter('toldPoint'), switch: setter('inside'), mark: setter('pointsOutside') },
    [
      policy('inside', { all: [condition] }, [tell({ expression: state }), inside(true)]),
      policy('outside', { not: condition }, [tell(-1), inside(false), outside]),
    ],
    points,
    { inside: false },
  );
}
