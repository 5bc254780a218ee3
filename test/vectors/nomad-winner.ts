/**
 * Nomad Autoscaler: several checks of one policy, of which one wins. The largest count wins; no check lowers it while another says that it is right
 * as it is; checks of a named group speak up together, and say nothing as long as one of them has something to do.
 * Source: `PreemptScalingAction` and `pickWinnerActionFromGroups`, hashicorp/nomad-autoscaler at the commit of the data.
 */
import type { Case } from './family.ts';
import type { Action } from './nomad.ts';
import { type Played, play, type Written } from './play.ts';

/** What one check found; null: its query gave nothing. */
export interface Check {
  readonly action: Action | null;
  /** Who carries it out; null: nobody. */
  readonly handler: string | null;
}

export type Groups = Readonly<Record<string, readonly Check[]>>;

/**
 * The tests say how many an action asks for and not how many there are. So there are this many: what goes up asks for as many more, and one, and
 * what goes down for its count itself. A count of 0 then is what it is there, none that was set.
 */
const THERE_ARE = 100;

/**
 * Each check is a policy, named for its handler, that asks for its count; each group has one that asks for the count as it is while all its checks are
 * content. The command of all merges them by the largest.
 */
export function writtenWinner(groups: Groups): Written {
  const checks = Object.entries(groups).flatMap(([group, list]) =>
    list.map(({ action, handler }, i) => ({ id: `${group}-${i}`, group, action, handler })),
  );
  const is = (id: string, way: string) => ({ fact: `${id}-way`, operator: 'equal', value: way });
  const policy = (name: string, conditions: readonly object[], expression: string) => ({
    name,
    scope: { type: 'job' },
    conditions: { all: conditions },
    actions: [{ command: 'scale', params: { to: { expression } } }],
  });
  return {
    manager: {
      types: {
        job: {
          properties: {
            count: { stale: 'never' },
            ...Object.fromEntries(checks.flatMap(({ id }) => [[`${id}-way`, {}] as const, [`${id}-count`, {}] as const])),
          },
          commands: { scale: { actuator: 'set', operation: 'set', property: 'count', min: 0, merge: 'max', idempotent: true } },
        },
      },
      elements: { job: { type: 'job' } },
    },
    policies: [
      ...checks.flatMap(({ id, handler }) =>
        handler === null
          ? []
          : [
              policy(`${handler} up`, [is(id, 'Up')], `count + 1 + fact("${id}-count")`),
              policy(`${handler} down`, [is(id, 'Down')], `fact("${id}-count")`),
            ],
      ),
      ...Object.keys(groups).map((group) =>
        policy(
          `${group} content`,
          checks.filter((check) => check.group === group).map(({ id }) => is(id, 'None')),
          'count',
        ),
      ),
    ],
    rounds: [
      {
        at: 1,
        seen: [
          { element: 'job', property: 'count', value: THERE_ARE },
          ...checks.flatMap(({ id, action }) => [
            { element: 'job', property: `${id}-way`, value: action?.direction ?? 'no answer' },
            ...(action === null ? [] : [{ element: 'job', property: `${id}-count`, value: action.count }]),
          ]),
        ],
      },
    ],
  };
}

/** What was commanded, in the neighbour's words, and for whom. */
export function wonBy({ sent }: Played): { readonly action: Action; readonly handler: string | undefined } {
  const [first] = sent;
  const to = first?.params.to;
  if (typeof to !== 'number') return { action: { direction: 'None', count: 0 }, handler: undefined };
  const handler = first!.policy.split(' ')[0];
  return to > THERE_ARE
    ? { action: { direction: 'Up', count: to - THERE_ARE - 1 }, handler }
    : { action: { direction: 'Down', count: to }, handler };
}

async function compare(groups: Groups, want: Action | null, wantHandler: string | null): Promise<readonly string[]> {
  const played = await play(writtenWinner(groups));
  if (played.refused.length > 0) return played.refused.map(({ message }) => `refused: ${message}`);
  const { action, handler } = wonBy(played);
  const wrong: string[] = [];
  const wanted = want ?? { direction: 'None', count: 0 };
  if (action.direction !== wanted.direction || action.count !== wanted.count)
    wrong.push(`${action.direction} ${action.count}; expected ${wanted.direction} ${wanted.count}`);
  // To leave it as it is is no command of ours, and so nobody's.
  if (wanted.direction !== 'None' && wantHandler !== null && handler !== wantHandler)
    wrong.push(`for ${handler}; expected for ${wantHandler}`);
  return wrong;
}

interface Pair {
  readonly name: string;
  readonly a: Action;
  readonly b: Action;
  readonly expected: Action;
}

interface Grouped {
  readonly name: string;
  readonly groups: Groups;
  readonly want: Action | null;
  readonly wantHandler: string | null;
}

/** The cases of two checks, each for itself, and those of groups. */
export const winnerOf = (pairs: readonly Pair[], grouped: readonly Grouped[]): Case[] => [
  ...pairs.map(({ name, a, b, expected }) => ({
    name: `two checks: ${name}`,
    play: () => compare({ a: [{ action: a, handler: 'a' }], b: [{ action: b, handler: 'b' }] }, expected, null),
  })),
  ...grouped.map(({ name, groups, want, wantHandler }) => ({ name: `groups: ${name}`, play: () => compare(groups, want, wantHandler) })),
];
