/** What arbitration says: which proposals become commands, and which lose, to whom and by which rule. */
import type { Proposal } from './propose.ts';

/** A proposal that lost: to whom, and by which rule. */
export interface Loss {
  readonly proposal: Proposal;
  readonly rule: 'lease' | 'resource' | 'opposite' | 'opposed' | 'budget';
  /** The command id, policy or budget that won. */
  readonly winner: string;
  readonly reason: string;
  readonly until?: number;
}

export interface Accepted {
  readonly proposal: Proposal;
  /** Budgets that it draws on. */
  readonly budgets: readonly string[];
}

export interface Verdict {
  readonly accepted: readonly Accepted[];
  readonly losses: readonly Loss[];
}
