/** The limits, in the order in which they are asked: after the gates and the values, before arbitration. */
import type { Candidate, Hold } from '../../analyze/gates/gate.ts';
import { firstHold } from '../../analyze/gates/index.ts';
import type { Turn } from '../../knowledge/turn.ts';
import { type Proposal, propose } from '../propose.ts';
import { cooldown } from './cooldown.ts';
import type { Limit } from './limit.ts';
import { paused } from './paused.ts';
import { rate } from './rate.ts';
import { stabilise } from './stabilise.ts';

export const LIMITS: readonly Limit[] = [cooldown, paused, stabilise, rate];

/** What becomes of a candidate: through the gates, to settled values, through the limits; or what holds it back. */
export function settle(candidate: Candidate, turn: Turn): Proposal | Hold {
  const proposal = firstHold(candidate, turn) ?? propose(candidate, turn);
  return 'gate' in proposal ? proposal : limited(proposal, turn);
}

function limited(proposal: Proposal, turn: Turn): Proposal | Hold {
  let result = proposal;
  for (const { name, holdsOtherwise, limit } of LIMITS) {
    if (proposal.candidate.otherwise && !holdsOtherwise) continue;
    const next = limit(result, turn);
    if ('reason' in next) return { gate: name, ...next };
    result = next;
  }
  return result;
}
