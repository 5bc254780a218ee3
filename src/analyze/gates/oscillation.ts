import { formatMs } from '../../duration.ts';
import { isFrozen } from '../../knowledge/oscillation.ts';
import type { Gate } from './gate.ts';

/** The policy and another undid each other's commands on that element too often: both are held for a time, and who else acts on it passes. */
export const oscillation: Gate = {
  name: 'oscillation',
  holdsOtherwise: false,
  applies: (_policy, { blueprint }) => (blueprint.oscillation?.freezeMs ?? null) !== null,
  hold: ({ policy, target }, { state, now, blueprint }) => {
    const frozen = state.oscillations
      .get(target)
      ?.watched.find((one) => isFrozen(one, now) && one.swinging!.policies.includes(policy.name));
    if (frozen === undefined) return undefined;
    const { policies, reversals, frozenUntil: until } = frozen.swinging!;
    const { reversals: most, withinMs } = blueprint.oscillation!;
    const other = policies.find((name) => name !== policy.name) ?? 'itself';
    return {
      reason: `${reversals} of ${most} reversals of ${frozen.what} within ${formatMs(withinMs)}, against ${other}; frozen for ${formatMs(until! - now)} more`,
      until: until!,
    };
  },
};
