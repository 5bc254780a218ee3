/** H213: a policy raises a property, and nothing ever lowers it. */
import type { Policy } from '../../knowledge/blueprint.ts';
import { type Move, movesOf, otherwiseOf } from '../moves.ts';
import type { Analysis } from '../subject.ts';

export const noWayDown: Analysis = {
  code: 'H213',
  severity: 'warning',
  find: (subject) => {
    if (subject.types.size === 0) return [];
    const all = subject.policies.flatMap((policy) => [...movesOf(subject, policy), ...otherwiseOf(subject, policy)]);
    return subject.policies.flatMap((policy) =>
      movesOf(subject, policy)
        .filter(
          (move) =>
            move.way === 1 && move.command?.property !== undefined && !isUndone(policy) && !all.some((other) => lowers(other, move)),
        )
        .slice(0, 1)
        .map((move) => ({
          places: [move.place] as const,
          message: `"${policy.name}" raises ${move.command!.property}, and no policy ever lowers it`,
          remedy: `add a policy that lowers ${move.command!.property} when less would do, or silence this with the reason why it only grows`,
        })),
    );
  },
};

/** Policies that take back what they did, or leave it to other means, say so by keys of their own. */
const isUndone = ({ source }: Policy): boolean => ['remedies', 'while'].some((key) => key in source.document);

/** Another command of the same resource may lower it, and so may a value that is calculated. */
const lowers = (other: Move, move: Move): boolean => other.resource === move.resource && other.way !== 1;
