/** What arbitration says: which proposals become commands, and which lose, to whom and by which rule. */
import type { Proposal } from './propose.ts';

/** A proposal that lost: to whom, and by which rule. */
export interface Loss {
  readonly proposal: Proposal;
  readonly rule: 'lease' | 'resource' | 'opposite' | 'opposed' | 'order' | 'budget' | 'merge' | 'pool' | 'together';
  /** The command id, policy, budget or pool that won. */
  readonly winner: string;
  readonly reason: string;
  readonly until?: number;
  /** It got a part of what it asked for, and so it is not held back. */
  readonly partly?: true;
}

/** What a pool granted to an element in one step. */
export interface Grant {
  readonly pool: string;
  readonly wanted: number;
  readonly granted: number;
  /** What the last unit granted was worth. */
  readonly utility: number;
}

export interface Accepted {
  /** What is sent: the proposal itself or, where several were merged, that of the policy it is issued for, with the merged number. */
  readonly proposal: Proposal;
  /** Budgets that it draws on. */
  readonly budgets: readonly string[];
  /** The proposals of this pass that it serves, in the total order. */
  readonly serves: readonly Proposal[];
  /** All that went into its number; empty: nothing was merged. */
  readonly merged: readonly Proposal[];
  readonly grant?: Grant;
}

export interface Verdict {
  readonly accepted: readonly Accepted[];
  readonly losses: readonly Loss[];
}
