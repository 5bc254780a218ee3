/** GET /journal: entries by their number. Who has read all may wait for the next. */
import { numberIn } from './answers.ts';
import type { Answer, ApiContext, Call } from './server.ts';

const ENTRIES_GIVEN = 100;
const ENTRIES_LISTED = 10_000;
const LONGEST_WAIT_MS = 30_000;

/** With `after`, those that follow it, oldest first; without, the newest. `waitMs`: how long to wait if there is none yet. */
export async function answerJournal({ query }: Call, { assembly, steps }: ApiContext): Promise<Answer> {
  const limit = numberIn(query, 'limit', ENTRIES_GIVEN, 1, ENTRIES_LISTED);
  const after = numberIn(query, 'after', -1, 0, Number.MAX_SAFE_INTEGER);
  const waitMs = numberIn(query, 'waitMs', 0, 0, LONGEST_WAIT_MS);
  const read = () => (after < 0 ? assembly.store.journal(0, -limit) : assembly.store.journal(after, limit));
  const { clock } = assembly;
  const latest = clock.now() + waitMs;
  let entries = read();
  while (entries.length === 0 && (await steps.next(clock, latest - clock.now()))) entries = read();
  return { body: { entries } };
}
