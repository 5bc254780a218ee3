import { formatMs } from '../../duration.ts';
import { lastMove, ofPolicy, ofTarget } from '../../knowledge/moves.ts';
import { modeOf } from '../../knowledge/tunings.ts';
import type { Turn } from '../../knowledge/turn.ts';
import { directionOf } from '../direction.ts';
import type { Proposal } from '../propose.ts';
import type { Limit } from './limit.ts';

/**
 * A cooldown by direction or target: which way the proposal goes says how long must have passed since the last command, whichever way that went.
 * It starts at the commit, whatever the outcome (exact rule 3).
 */
export const cooldown: Limit = {
  name: 'cooldown',
  holdsOtherwise: false,
  uses: () => false, // It is shown as the gate of its name.
  limit: (proposal, turn) => {
    const { policy, symptom } = proposal.candidate;
    const own = policy.pace.cooldown;
    // A remedy that did not help has had its time: the next one need not wait.
    if (own === undefined || symptom.trying?.atOnce === true) return proposal;
    const direction = directionOf(proposal, turn);
    const spanMs = direction === 'up' ? own.upMs : own.downMs;
    const last = lastMove(turn.state, ...keysOf(proposal, turn, own.per));
    if (last === null || turn.now >= last + spanMs) return proposal;
    const { target, command } = proposal.candidate;
    const after = own.per === 'target' ? ` after the last command on ${target} ${command.resource}` : '';
    const way = own.upMs === own.downMs ? '' : ` before going ${direction}`;
    return { reason: `${formatMs(last + spanMs - turn.now)} of ${formatMs(spanMs)} left${way}${after}`, until: last + spanMs };
  },
};

/** What only observes counts what was done, too, where that is the target's: its own would-have-beens disturb nobody else. */
function keysOf({ candidate }: Proposal, turn: Turn, per: 'policy' | 'target'): string[] {
  const { policy, symptom, target, command } = candidate;
  const mode = modeOf(turn, policy);
  const lane = mode === 'observe' ? 'observed' : 'acted';
  if (per === 'policy') return [ofPolicy(lane, policy.name, symptom.element)];
  return targetKeys(mode !== 'observe', target, command.resource);
}

export const targetKeys = (acts: boolean, target: string, resource: string): string[] => [
  ofTarget('acted', target, resource),
  ...(acts ? [] : [ofTarget('observed', target, resource)]),
];
