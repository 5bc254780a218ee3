/** The history in the manager's own folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedReader } from '../../src/history/embedded.ts';
import type { HistoryReading } from '../../src/history/history.ts';
import { layered } from '../../src/history/layered.ts';
import { LmdbStore } from '../../src/knowledge/lmdb.ts';
import { State } from '../../src/knowledge/state.ts';
import { type Kept, keepsTheHistory } from './contract.ts';

const opened: { store: LmdbStore; folder: string }[] = [];
afterEach(async () => {
  for (const { store, folder } of opened.splice(0)) {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function open(): Promise<Kept & { readonly store: LmdbStore }> {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-history-'));
  const store = new LmdbStore({ folder, journalEntries: 1_000, inputBytes: 1e9, historyMs: 1e9 });
  opened.push({ store, folder });
  let step = 0;
  const commit = (now: number, readings: readonly HistoryReading[], journal: Parameters<LmdbStore['commit']>[0]['journal']) =>
    store.commit({ step: ++step, now, events: [], hash: new State().hash, withheld: [], changes: [], commands: [], journal, readings });
  return {
    store,
    reader: embeddedReader(store),
    write: async (readings, entries = []) => {
      for (const time of new Set(readings.map((reading) => reading.time)))
        await commit(
          time,
          readings.filter((reading) => reading.time === time),
          [],
        );
      for (const { journal: _journal, seq: _seq, type: _type, ...entry } of entries) await commit(entry.time, [], [entry]);
    },
  };
}

describe('the embedded history', () => {
  keepsTheHistory(open, () => 1_800_000_000_000);
});

describe('a folder before InfluxDB', () => {
  const reading = (time: number, value: number): HistoryReading => ({ element: 'shop', type: 'farm', property: 'load', time, value });
  const T = 1_800_000_000_000;

  test('what the folder has is asked of nobody else; what it has forgotten comes from the other', async () => {
    const [near, far] = [await open(), await open()];
    await far.write([reading(T, 1), reading(T + 10, 2), reading(T + 20, 30)]);
    await near.write([reading(T + 20, 3), reading(T + 30, 4)]);
    const asked: number[] = [];
    const both = layered(near.reader, () => near.store.oldestReading(), {
      ...far.reader,
      history: (element, property, from, to) => {
        asked.push(to);
        return far.reader.history(element, property, from, to);
      },
    });
    expect(await both.history('shop', 'load', T + 20, T + 30)).toEqual([
      [T + 20, 3],
      [T + 30, 4],
    ]);
    expect(asked).toEqual([]);
    expect(await both.history('shop', 'load', T, T + 25)).toEqual([
      [T, 1],
      [T + 10, 2],
      [T + 20, 3],
    ]);
    expect(asked).toEqual([T + 19]);
    expect((await both.since('shop', T)).get('load')?.map(([, value]) => value)).toEqual([1, 2, 3, 4]);
  });

  test('an empty folder leaves all to the other', async () => {
    const [near, far] = [await open(), await open()];
    await far.write([reading(T, 1)]);
    const both = layered(near.reader, () => near.store.oldestReading(), far.reader);
    expect(await both.history('shop', 'load', T, T)).toEqual([[T, 1]]);
    expect((await both.since('shop', T)).get('load')).toEqual([[T, 1]]);
  });
});
