/**
 * What a limit is: a gate that can be asked only when every value is settled, because it needs to know which way and how far a proposal goes.
 * It lets the proposal pass, holds it back with its reason, or hands on one that goes less far.
 */
import type { Hold } from '../../analyze/gates/gate.ts';
import type { Policy } from '../../knowledge/blueprint.ts';
import type { Turn } from '../../knowledge/turn.ts';
import type { Proposal } from '../propose.ts';

export interface Limit {
  readonly name: string;
  /** Whether it looks at an `otherwise` too (exact rule 8). */
  readonly holdsOtherwise: boolean;
  /** Whether a policy has it; for what people are shown. */
  readonly uses: (policy: Policy) => boolean;
  /** The proposal as it may go on, or why it may not. */
  readonly limit: (proposal: Proposal, turn: Turn) => Proposal | Omit<Hold, 'gate'>;
}

/** The same proposal with another value. */
export const withTo = (proposal: Proposal, to: number): Proposal =>
  to === proposal.params.to ? proposal : { ...proposal, params: { ...proposal.params, to } };

export const number = (x: number): number => Number(x.toPrecision(6));
