/** H217: loop A disturbs what loop B watches, and B what A watches: two loops that are each stable may be unstable together. */

import type { Condition } from '../../analyze/conditions.ts';
import { meaningOf, type Test } from '../clauses.ts';
import { type Move, movesOf, type Way } from '../moves.ts';
import { type Analysis, type Found, overlap, placeOf, type Subject } from '../subject.ts';

/** A move that pushes a property the way in which the other's conditions become true. */
interface Link {
  readonly from: Move;
  readonly to: Move;
  readonly property: string;
  readonly way: Way;
}

/** Longer circles than this are not looked for. */
const LONGEST = 6;

export const cycle: Analysis = { code: 'H217', severity: 'warning', find: (subject) => circles(subject).map(told) };

function circles(subject: Subject): readonly (readonly Link[])[] {
  const moves = subject.policies.flatMap((policy) => movesOf(subject, policy)).filter(({ action }) => action.target === 'self');
  const links = new Map(moves.map((from) => [from, moves.flatMap((to) => linksOf(from, to))]));
  const found: (readonly Link[])[] = [];
  const told = new Set<string>();
  const follow = (first: Move, path: readonly Link[]): void => {
    for (const link of links.get(path.at(-1)?.to ?? first) ?? []) {
      const whole = [...path, link];
      if (link.to === first) {
        const key = whole
          .map(({ from }) => from.policy.name)
          .sort()
          .join('\t');
        if (isDisturbance(whole) && !told.has(key)) {
          told.add(key);
          found.push(whole);
        }
      } else if (whole.length < LONGEST && moves.indexOf(link.to) > moves.indexOf(first) && !path.some(({ from }) => from === link.to))
        follow(first, whole);
    }
  };
  for (const move of moves) follow(move, []);
  // A circle within another says the same more briefly.
  return found.filter(
    (long) => !found.some((short) => short.length < long.length && short.every(({ from }) => long.some((link) => link.from === from))),
  );
}

/** The two sides of one loop push each other on purpose; a circle leads through two resources and two properties. */
const isDisturbance = (links: readonly Link[]): boolean =>
  new Set(links.map(({ from }) => from.resource)).size > 1 && new Set(links.map(({ property }) => property)).size > 1;

function linksOf(from: Move, to: Move): Link[] {
  if (from === to || !overlap(from.policy, to.policy)) return [];
  return Object.entries(pushes(from)).flatMap(([property, way]) =>
    way !== 0 && raises(property, way, to.policy.condition) ? [{ from, to, property, way }] : [],
  );
}

/** The properties that a move carries with it: those of its effects, and the one that it sets. */
const pushes = ({ pulls, command, way }: Move): Readonly<Record<string, Way>> =>
  command?.property === undefined || way === undefined ? pulls : { [command.property]: way, ...pulls };

/** Whether a comparison becomes true as the property goes that way. */
function raises(property: string, way: Way, condition: Condition, holds = true): boolean {
  switch (condition.kind) {
    case 'test':
      return condition.fact === property && 'literal' in condition.value && leadsTo(condition, holds) === way;
    case 'not':
      return raises(property, way, condition.part, !holds);
    case 'all':
    case 'any':
      return condition.parts.some((part) => raises(property, way, part, holds));
    default:
      return false;
  }
}

function leadsTo(test: Test, holds: boolean): Way {
  const meaning = meaningOf({ test, holds });
  if (meaning?.operator === 'greaterThan' || meaning?.operator === 'greaterThanInclusive') return meaning.holds ? 1 : -1;
  return meaning?.operator === 'lessThan' || meaning?.operator === 'lessThanInclusive' ? (meaning.holds ? -1 : 1) : 0;
}

function told(links: readonly Link[]): Found {
  const [first, ...rest] = links.map(({ from }) => placeOf(from.policy));
  const steps = links.map(({ from, property, way }) => `"${from.policy.name}" ${way === 1 ? 'raises' : 'lowers'} ${property}`);
  return {
    places: [first!, ...rest],
    message: `these loops disturb each other: ${steps.join(', which raises ')}, which raises "${links[0]!.from.policy.name}" again`,
    remedy: 'let one of them act only where the other does not, or make one much slower than the other by its "for" and "cooldown"',
  };
}
