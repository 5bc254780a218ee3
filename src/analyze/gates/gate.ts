/**
 * What a gate is: one reason why a raised symptom must wait. Gates are asked in a stated order; the first that holds is the reason.
 * A gate only looks: it changes nothing, and what it holds back spends nothing (exact rule 6).
 */
import type { Action, CommandType, Policy } from '../../knowledge/blueprint.ts';
import type { Spending, SymptomRow } from '../../knowledge/state.ts';
import type { Turn } from '../../knowledge/turn.ts';
import type { Value } from '../../messages.ts';

/** One action of a raised symptom, on its way through the gates. */
export interface Candidate {
  readonly policy: Policy;
  readonly symptom: SymptomRow;
  readonly action: Action;
  /** The element it would act on. */
  readonly target: string;
  readonly command: CommandType;
  /** What it has spent: by acting or, for a policy that only observes, by what it would have done. */
  readonly spending: Spending;
  /** Part of an `otherwise`: it skips `for`, `deadZone`, `cooldown` and `settling` (exact rule 8). */
  readonly otherwise: boolean;
  /** The same command again: it passes like an `otherwise`, and its effect is awaited like that of the first. */
  readonly repeats: boolean;
  /** Values that are settled already: those of the command that is repeated or rolled back. */
  readonly given: Readonly<Record<string, Value>> | undefined;
  /** Who approved the command that this follows. */
  readonly approvedBy?: string | undefined;
  /** Its policy's, or that of the escalation it is part of. */
  readonly priority: number;
}

/** Why something is held back. `until`: when this alone may change without any new reading. */
export interface Hold {
  readonly gate: string;
  /** With the number that was missing: `212 is within 150…250`. */
  readonly reason: string;
  readonly until?: number;
  /** The pause that holds it. */
  readonly pause?: string;
}

export interface Gate {
  readonly name: string;
  /** Whether it looks at an `otherwise` too. */
  readonly holdsOtherwise: boolean;
  /** Whether a policy, or the manager file, has anything for it to look at; absent: always. What does not apply is not listed by `explain`. */
  readonly applies?: (policy: Policy, turn: Pick<Turn, 'blueprint'>) => boolean;
  readonly hold: (candidate: Candidate, turn: Turn) => Omit<Hold, 'gate'> | undefined;
}
