/** H214: two opposite policies whose thresholds touch: a value at the threshold sends the loop to and fro. */
import { ALL, type Bounds, hull, isEmpty, roomOf } from '../bounds.ts';
import { type Clause, clausesOf } from '../clauses.ts';
import { firstApart, type Move, movesOf } from '../moves.ts';
import { isPossible } from '../possible.ts';
import { readyFor } from '../ready.ts';
import { type Analysis, isPlain, overlap, pairs, placeOf } from '../subject.ts';

/** These do not keep two thresholds apart; what is not named here may. */
const IRRELEVANT = ['rate', 'budget', 'together', 'confidence', 'missing'];

export const touching: Analysis = {
  code: 'H214',
  severity: 'warning',
  find: (subject) =>
    [...pairs(subject.policies)].flatMap(([a, b]) => {
      if (!overlap(a, b) || ![a, b].every((policy) => isPlain(policy, IRRELEVANT))) return [];
      const found = firstApart(movesOf(subject, a), movesOf(subject, b));
      const touch = found === undefined || found.how === 'value' ? undefined : touchOf(found.a, found.b);
      if (touch === undefined) return [];
      return [
        {
          places: [placeOf(a, 'conditions'), placeOf(b, 'conditions')],
          message: `act in opposite ways, one above and one below ${touch.fact} ${touch.at}, with nothing in between: the loop will flap`,
          remedy: `leave a gap between the thresholds, or state a dead zone on ${touch.fact}`,
        },
      ];
    }),
};

/** The fact and value at which one policy takes over from its opposite. Other facts that must hold may keep them apart: then nothing is said. */
function touchOf(a: Move, b: Move): { readonly fact: string; readonly at: number } | undefined {
  const [left, right] = [a, b].map((move) => clausesOf(readyFor(move))?.filter(isPossible));
  if (left === undefined || right === undefined || left.length === 0 || right.length === 0) return undefined;
  const [own, other] = [measured(a), measured(b)];
  const [fact] = own;
  if (fact === undefined || own.length !== 1 || other.length !== 1 || other[0] !== fact) return undefined;
  const [x, y] = [extent(fact, left), extent(fact, right)];
  if (x === undefined || y === undefined) return undefined;
  const [low, high] = x.low === Number.NEGATIVE_INFINITY ? [x, y] : [y, x];
  const apart = low.low === Number.NEGATIVE_INFINITY && high.high === Number.POSITIVE_INFINITY && Number.isFinite(low.high);
  return apart && Number.isFinite(high.low) && high.low <= low.high ? { fact, at: high.low } : undefined;
}

/** The facts that a policy reads besides those that only bound what it sets, such as servers < maxServers. */
function measured({ policy, command }: Move): readonly string[] {
  const bounds = [command?.property, ...[command?.min, command?.max].map((bound) => (typeof bound === 'object' ? bound.fact : undefined))];
  return policy.facts.filter((fact) => !bounds.includes(fact));
}

/** From the least to the greatest value that any alternative leaves; undefined: one leaves all. */
function extent(fact: string, clauses: readonly Clause[]): Bounds | undefined {
  const rooms = clauses.map((clause) => roomOf(fact, clause).bounds);
  if (rooms.some((room) => room.low === ALL.low && room.high === ALL.high)) return undefined;
  return rooms.filter((room) => !isEmpty(room)).reduce(hull);
}
