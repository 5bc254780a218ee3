/** H212: a policy that is never first: whenever it is ready, another with a higher priority is ready too and sets the same thing. */
import type { Policy } from '../../knowledge/blueprint.ts';
import { implies } from '../certain.ts';
import { type Move, movesOf } from '../moves.ts';
import { readyFor } from '../ready.ts';
import { type Analysis, isPlain, isWithinScope, placeOf, type Subject } from '../subject.ts';

const CAUTION = ['observe', 'advise', 'act'];

export const shadowed: Analysis = {
  code: 'H212',
  severity: 'warning',
  find: (subject) =>
    subject.policies.flatMap((policy) => {
      const winner = subject.policies.find((other) => other !== policy && shadows(subject, other, policy));
      if (winner === undefined) return [];
      return [
        {
          places: [placeOf(policy), placeOf(winner)],
          message: `"${policy.name}" is shadowed: whenever it holds, "${winner.name}" holds too, has the higher priority and sets the same thing`,
          remedy: 'give it the higher priority, or make the conditions of the other narrower, or remove it',
        },
      ];
    }),
};

function shadows(subject: Subject, winner: Policy, loser: Policy): boolean {
  if (winner.priority <= loser.priority || !isWithinScope(loser, winner) || !isPlain(winner) || !isPlain(loser)) return false;
  if (CAUTION.indexOf(winner.mode) < CAUTION.indexOf(loser.mode)) return false;
  if (winner.forMs > loser.forMs || !restsNoLonger(winner, loser)) return false;
  const [losing, winning] = [movesOf(subject, loser), movesOf(subject, winner)];
  if (losing.length === 0 || losing.length < loser.actions.length) return false;
  return losing.every((move) => winning.some((other) => setsTheSame(other, move) && !isEscalation(other, move) && covers(other, move)));
}

/** Without a cooldown a policy acts once a raise. */
const restsNoLonger = (winner: Policy, loser: Policy): boolean =>
  loser.cooldownMs === null || (winner.cooldownMs !== null && winner.cooldownMs <= loser.cooldownMs);

const setsTheSame = (a: Move, b: Move): boolean =>
  a.action.target === b.action.target && a.resource === b.resource && !('merge' in (a.command ?? {}));

/** Another command that comes later, or when the first has not helped often enough, is meant to follow it. */
const isEscalation = (first: Move, then: Move): boolean =>
  first.action.command !== then.action.command && (then.policy.forMs > first.policy.forMs || first.policy.breakerAfter !== null);

const covers = (winner: Move, loser: Move): boolean => implies(readyFor(loser), readyFor(winner)) === true;
