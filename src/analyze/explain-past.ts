/** What a policy did last on an element, and what came of it: read from the journal. */
import type { JournalEntry } from '../messages.ts';

export interface LastActed {
  /** null: it was observed, not done. */
  readonly command: string | null;
  readonly time: number;
  /** What was ordered, in words. */
  readonly text: string;
  /** succeeded, failed, timedOut, unknown or withheld; null: there is no word yet, or none will come because it was not done. */
  readonly outcome: string | null;
  readonly detail: string | null;
  /** seen, missed or unknown; null: none is expected, or it is still awaited. */
  readonly effect: string | null;
  /** How long after its success the effect was seen. */
  readonly effectAfterMs: number | null;
}

/** Whether an entry says what a policy did, or would have done, for an element. */
const isDeed = (entry: JournalEntry, policy: string, element: string): boolean =>
  (entry.kind === 'command' || entry.kind === 'would') &&
  entry.policy === policy &&
  entry.data.origin === element &&
  entry.data.otherwise !== true;

/** `journal`: oldest first. null: nothing is recorded. */
export function lastActed(journal: readonly JournalEntry[], policy: string, element: string): LastActed | null {
  const deed = journal.findLast((entry) => isDeed(entry, policy, element));
  if (deed === undefined) return null;
  const command = deed.command ?? null;
  const of = (...kinds: JournalEntry['kind'][]) =>
    command === null ? undefined : journal.find((entry) => entry.command === command && kinds.includes(entry.kind));
  const outcome = of('outcome', 'withheld');
  const effect = of('effect');
  return {
    command,
    time: deed.time,
    text: deed.text.replace(/, for [^,]*$/, ''),
    outcome: outcome === undefined ? null : outcome.kind === 'withheld' ? 'withheld' : String(outcome.data.status),
    detail: outcome === undefined ? null : String(outcome.data.detail ?? ''),
    effect: effect === undefined ? null : String(effect.data.effect),
    effectAfterMs: typeof effect?.data.afterMs === 'number' ? effect.data.afterMs : null,
  };
}
