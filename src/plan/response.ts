/** What follows a command that did not help, on its way to the plan. It skips `for`, `deadZone`, `cooldown` and `settling` (exact rule 8). */
import type { Action, Policy } from '../knowledge/blueprint.ts';
import type { SymptomRow } from '../knowledge/state.ts';
import type { Value } from '../messages.ts';

export interface Attempt {
  readonly action: Action;
  /** It is the same command again: one of its policy like the first, whose effect is awaited too. */
  readonly repeats: boolean;
  /** Values that are settled already: those of the command that is repeated or rolled back. */
  readonly given?: Readonly<Record<string, Value>>;
}

export interface Response {
  readonly policy: Policy;
  readonly symptom: SymptomRow;
  /** Who approved the command that it follows; undefined: nobody was asked. */
  readonly approvedBy: string | undefined;
  readonly attempts: readonly Attempt[];
}
