/** The entries that tell what policies did last on an element, found from the newest backwards. */
import type { HistoryReader } from '../history/history.ts';
import type { Archive } from '../knowledge/store.ts';
import type { JournalEntry } from '../messages.ts';

const AT_ONCE = 1_000;
/** How far back is looked, so that an answer never takes long. */
const LOOKED_THROUGH = 20_000;

const KINDS: readonly JournalEntry['kind'][] = ['command', 'would', 'outcome', 'withheld', 'effect'];

/** Whether an entry is about what was done, or would have been. */
export const tellsOfDeeds = (entry: JournalEntry): boolean => KINDS.includes(entry.kind);

/** Oldest first. `policy`: looks no further back than its last deed. */
export function pastOf(archive: Archive, element: string, policy: string | undefined): JournalEntry[] {
  const newest = archive.journal(0, -1)[0]?.seq ?? 0;
  let past: JournalEntry[] = [];
  for (let from = newest - AT_ONCE; from > newest - LOOKED_THROUGH - AT_ONCE && from > -AT_ONCE; from -= AT_ONCE) {
    const entries = archive.journal(Math.max(0, from), from < 0 ? AT_ONCE + from : AT_ONCE).filter(tellsOfDeeds);
    past = [...entries, ...past];
    if (policy !== undefined && entries.some((entry) => entry.policy === policy && entry.data.origin === element)) break;
  }
  return past;
}

/** The same from the history, for a manager that keeps no journal of its own beside it. */
export async function pastIn(reader: Pick<HistoryReader, 'entriesOf'>, element: string, now: number): Promise<JournalEntry[]> {
  return (await reader.entriesOf(element, now, LOOKED_THROUGH)).filter(tellsOfDeeds);
}
