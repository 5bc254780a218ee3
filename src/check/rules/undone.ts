/** H215: an `otherwise` that takes back what the policy has just done, while its conditions still hold: it will be done again. */
import { apart, movesOf, otherwiseOf } from '../moves.ts';
import type { Analysis } from '../subject.ts';

export const undone: Analysis = {
  code: 'H215',
  severity: 'warning',
  find: (subject) =>
    subject.policies.flatMap((policy) => {
      // A breaker ends the to and fro.
      if (policy.breakerAfter !== null) return [];
      const moves = movesOf(subject, policy);
      return otherwiseOf(subject, policy, { plain: true }).flatMap((back) => {
        const move = moves.find((done) => ['number', 'opposed'].includes(apart(done, back)?.how ?? ''));
        if (move === undefined) return [];
        return [
          {
            places: [back.place, move.place],
            message: `undoes its own action: ${back.action.command} takes back what ${move.action.command} did, and while the conditions hold it is done again`,
            remedy: 'do something else here, or stop the to and fro with a "breaker"',
          },
        ];
      });
    }),
};
