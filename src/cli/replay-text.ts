/** A comparison of two courses, as text. */
import type { Comparison } from '../courses/compare.ts';
import { DECISION_KINDS, DEEDS, type DecisionKind } from '../courses/decisions.ts';
import type { Line } from '../courses/line-up.ts';
import { plural, showTime, table } from './text.ts';

export interface ReplayText {
  readonly folder: string;
  readonly files: readonly string[];
  readonly comparison: Comparison;
  /** Decisions that are listed at most; those to hold back too, or only in the totals. */
  readonly limit: number;
  readonly held: boolean;
  /** What today is. */
  readonly wall: number;
}

export const KIND_NAMES: Readonly<Record<DecisionKind, string>> = {
  command: 'commands',
  would: 'would have',
  advice: 'asked',
  held: 'held back',
  lost: 'lost',
};

/** `2 decisions to act, 40 to hold back`. */
export const differencesText = ({ differences, deeds }: Pick<Comparison, 'differences' | 'deeds'>): string =>
  [
    ...(deeds > 0 ? [`${plural(deeds, 'decision')} to act`] : []),
    ...(differences > deeds ? [`${deeds > 0 ? differences - deeds : plural(differences, 'decision')} to hold back`] : []),
  ].join(', ');

export function* linesOf({ folder, files, comparison, limit, held, wall }: ReplayText): IterableIterator<string> {
  const { from, to, steps, observations, departures, lines, totals, differences } = comparison;
  yield `${folder} through ${files.join(', ')}`;
  yield `  recorded      ${showTime(from, wall)} to ${showTime(to, wall)}, ${plural(steps, 'step')}, ${plural(observations, 'observation')}`;
  yield `  differences   ${differences === 0 ? 'none: the same would have been decided' : differencesText(comparison)}`;
  const taken = [
    ...(departures.modelled > 0
      ? [
          `${plural(departures.modelled, 'command')} that ${departures.modelled === 1 ? 'was' : 'were'} never sent, taken to have succeeded at once`,
        ]
      : []),
    ...(departures.outcomes > 0 ? [`${plural(departures.outcomes, 'recorded outcome')} left out, whose commands are not given here`] : []),
    ...(departures.answers > 0 ? [`${plural(departures.answers, 'answer')} left out, to what is not asked here`] : []),
  ];
  for (const [i, text] of taken.entries()) yield `  ${i === 0 ? 'assumed      ' : '             '} ${text}`;
  if (differences > 0) yield '  what was measured is as it was: it does not react to what would have been done';
  const told = lines.filter(({ kind }) => held || DEEDS.includes(kind));
  if (told.length > 0 && limit > 0) {
    yield '';
    yield* table(
      [['', 'time', 'element', 'policy', 'was done', 'would have been done'], ...told.slice(0, limit).map((line) => rowOf(line, wall))],
      '',
    );
  }
  if (told.length > limit) yield `and ${plural(told.length - limit, 'decision')} more; --limit N shows more, --json all`;
  if (totals.length === 0) return;
  yield '';
  yield* table(
    [
      ['policy', '', 'was', 'would be', 'both'],
      ...totals.flatMap(({ policy, counts }) =>
        DECISION_KINDS.filter((kind) => counts[kind].recorded + counts[kind].other > 0).map((kind, i) => {
          const { recorded, other, both } = counts[kind];
          return [i === 0 ? policy : '', KIND_NAMES[kind], String(recorded), String(other), String(both)];
        }),
      ),
    ],
    '',
  );
}

function rowOf({ time, element, policy, kind, what, recorded, other }: Line, wall: number): string[] {
  const words = wordsOf(kind, what);
  const sign = recorded === undefined ? '+' : other === undefined ? '-' : '=';
  return [sign, showTime(time, wall), element, policy, recorded === undefined ? '·' : words, other === undefined ? '·' : words];
}

/** `scale to 2`, `asks to scale to 2`, `held back by cooldown`. */
export function wordsOf(kind: DecisionKind, what: string): string {
  switch (kind) {
    case 'command':
      return what;
    case 'would':
      return `would ${what}`;
    case 'advice':
      return `asks to ${what}`;
    case 'held':
      return `held back by ${what}`;
    default:
      return `lost by ${what}`;
  }
}
