import { pauseOf } from '../../analyze/gates/paused.ts';
import { directionOf } from '../direction.ts';
import type { Limit } from './limit.ts';

/** Pauses of one direction: which way a proposal goes is known only now. The others are asked by the gate of the same name. */
export const paused: Limit = {
  name: 'paused',
  holdsOtherwise: true,
  uses: () => false, // It is shown as the gate of its name.
  limit: (proposal, turn) => pauseOf(proposal.candidate, turn, directionOf(proposal, turn)) ?? proposal,
};
