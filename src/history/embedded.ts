/** The past as it is kept in the manager's own folder, behind the same port as that in InfluxDB. */
import type { LmdbStore } from '../knowledge/lmdb.ts';
import type { HistoryReader } from './history.ts';

/** Entries that are looked through for those of one element, from the newest backwards. */
const LOOKED_THROUGH = 20_000;

export const embeddedReader = (store: Pick<LmdbStore, 'history' | 'historyOf' | 'journal'>): HistoryReader => ({
  history: async (element, property, from, to) => store.history(element, property, from, to),
  since: async (element, from) => store.historyOf(element, from),
  entriesOf: async (element, before, limit) =>
    store
      .journal(0, -LOOKED_THROUGH)
      .filter((entry) => entry.element === element && entry.time < before)
      .slice(-limit)
      .map(({ seq: _seq, ...entry }) => entry),
});
