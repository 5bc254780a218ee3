/** The real store in a real folder: what is kept, for how long, and what is refused. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'lmdb';
import { databaseFile } from '../../src/knowledge/database-file.ts';
import { State } from '../../src/knowledge/state.ts';
import { verify } from '../../src/replay.ts';
import { START, seen } from '../step/world.ts';
import { Kept, makeFolder, openStore, type StoreLimits } from './kept.ts';

let place: ReturnType<typeof makeFolder>;
const open_: { close(): Promise<void> }[] = [];
beforeEach(() => {
  place = makeFolder();
});
afterEach(async () => {
  for (const store of open_.splice(0)) await store.close();
  place.remove();
});

function keep(limits: StoreLimits = {}): Kept {
  const store = openStore(place.folder, limits);
  open_.push(store);
  return new Kept(store);
}
const closed = async () => {
  for (const store of open_.splice(0)) await store.close();
};
const look = () => {
  const store = openStore(place.folder, { readOnly: true });
  open_.push(store);
  return store;
};

/** Changes what is stored behind the store's back. */
async function doctor(name: string, key: string, text: string): Promise<void> {
  await closed();
  const root = open({ path: databaseFile(place.folder), maxDbs: 12, noSubdir: true });
  await root.openDB({ name, encoding: 'string' }).put(key, text);
  await root.close();
}

test('what is read again is the state, row by row and by its hash', async () => {
  const kept = keep();
  await kept.begin();
  await kept.live(1, 40);
  const { hash } = kept.state;
  const rows = [...kept.state.dump()];
  await closed();
  const again = look().load();
  expect([...again.dump()]).toEqual(rows);
  expect(again.hash).toBe(hash);
  const recomputed = new State();
  for (const { key, text } of again.dump()) recomputed.load(key, text!);
  expect(recomputed.hash).toBe(hash);
});

test('a row that was changed by another hand is refused at load (H302)', async () => {
  const kept = keep();
  await kept.begin();
  await kept.live(1, 5);
  const row = [...kept.state.dump()].find(({ key }) => key.startsWith('symptoms'))!;
  await doctor('state', row.key, row.text!.replace('"cooldownUntil":', '"cooldownUntil":1'));
  expect(() => look().load()).toThrow(
    expect.objectContaining({ code: 'H302', message: expect.stringContaining('not that of its last step') }),
  );
});

test('a row of an unknown table, and a row that is no JSON, are refused at load (H302)', async () => {
  await keep().begin();
  await doctor('state', 'wishes\tshop', '{"key":"shop"}');
  expect(() => look().load()).toThrow(expect.objectContaining({ code: 'H302' }));
  await doctor('state', 'wishes\tshop', '{');
  expect(() => look().load()).toThrow(expect.objectContaining({ code: 'H302' }));
});

test('a store of another format is refused, never guessed (H303)', async () => {
  await keep().begin();
  await doctor('info', 'books', '{"format":99}');
  expect(() => openStore(place.folder)).toThrow(expect.objectContaining({ code: 'H303', message: expect.stringContaining('format 99') }));
});

test('a file that is something else is refused before it crashes the process (H303)', () => {
  mkdirSync(place.folder, { recursive: true });
  for (const content of ['notes of somebody', Buffer.alloc(100_000)]) {
    writeFileSync(databaseFile(place.folder), content);
    expect(() => openStore(place.folder)).toThrow(
      expect.objectContaining({ code: 'H303', message: expect.stringContaining('no database') }),
    );
    expect(() => openStore(place.folder, { readOnly: true })).toThrow(expect.objectContaining({ code: 'H303' }));
  }
});

test('a folder without a store is not taken for one (H305)', () => {
  expect(() => openStore(place.folder, { readOnly: true })).toThrow(expect.objectContaining({ code: 'H305' }));
});

test('the journal keeps its newest entries, and their numbers go on', async () => {
  const kept = keep({ journalEntries: 20 });
  await kept.begin();
  await kept.live(1, 120);
  const entries = kept.store.journal(0, 1_000);
  expect(entries).toHaveLength(20);
  expect(entries[0]!.seq).toBeGreaterThan(20);
  expect(kept.store.journal(0, -3).map(({ seq }) => seq)).toEqual(entries.slice(-3).map(({ seq }) => seq));
  expect(kept.store.journal(entries[17]!.seq, 10).map(({ seq }) => seq)).toEqual(entries.slice(18).map(({ seq }) => seq));
});

test('the history keeps its newest minutes', async () => {
  const kept = keep({ historyMs: 120_000 });
  await kept.begin();
  for (let second = 10; second < 600; second += 10) await kept.at(second, seen('shop', 'load', second, second));
  const points = kept.store.history('shop', 'load', START, START + 600_000);
  expect(points[0]![0]).toBeGreaterThan(START + 400_000);
  expect(points.at(-1)).toEqual([START + 590_000, 590]);
});

test('inputs are kept from a whole copy of the state on, and replaying them makes every decision again', async () => {
  const kept = keep({ inputBytes: 10_000 });
  await kept.begin();
  await kept.live(1, 150);
  const { store } = kept;
  expect(store.base().position.step).toBeGreaterThan(1);
  expect([...store.steps()].length).toBeLessThan(100);
  expect(verify(store)).toMatchObject({ differences: 0, to: 150 });
  await closed();
  const reopened = keep({ inputBytes: 10_000 });
  await reopened.live(150, 300);
  expect(verify(reopened.store)).toMatchObject({ differences: 0, to: 300 });
});

test('a folder that is taken away is made again from memory, and what follows can be replayed', async () => {
  const kept = keep();
  await kept.begin();
  await kept.live(1, 30);
  rmSync(place.folder, { recursive: true });
  await kept.live(30, 60);
  expect(verify(kept.store)).toMatchObject({ differences: 0, to: 60 });
  expect(kept.store.journal(0, 1_000)[0]!.seq).toBeGreaterThan(1);
  const { hash } = kept.state;
  await closed();
  expect(look().load().hash).toBe(hash);
});

test('while a folder that was taken away cannot be made again, the last stored state can still be read, and then all goes on', async () => {
  const kept = keep();
  await kept.begin();
  await kept.live(1, 10);
  const { hash } = kept.state;
  rmSync(place.folder, { recursive: true });
  writeFileSync(place.folder, 'in the way');
  for (let attempt = 0; attempt < 3; attempt++) {
    await expect(kept.at(10, seen('shop', 'load', 9, 10))).rejects.toMatchObject({ code: 'H302' });
    kept.again();
    expect(kept.state.hash).toBe(hash);
  }
  rmSync(place.folder);
  await kept.live(10, 20);
  expect(verify(kept.store)).toMatchObject({ differences: 0, to: 20 });
});

test('a step that was not committed leaves nothing behind', async () => {
  const kept = keep();
  await kept.begin();
  await kept.live(1, 10);
  const { hash } = kept.state;
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  await expect(kept.at(11, seen('shop', 'load', circular as never, 11))).rejects.toMatchObject({ code: 'H302' });
  kept.again();
  expect(kept.state.hash).toBe(hash);
  await kept.live(12, 15);
  expect(verify(kept.store)).toMatchObject({ differences: 0, to: 13 });
});

test('what a copy holds of steps that were committed nowhere goes when an earlier state is taken in its place', async () => {
  const kept = keep();
  await kept.begin();
  await kept.live(1, 8);
  const rows = [...kept.state.dump()];
  const record = kept.store.last()!;
  await kept.live(9, 20);
  expect(kept.store.journal(0, -1)[0]!.step).toBeGreaterThan(record.step);
  const earlier = new State();
  for (const { key, text } of rows) earlier.load(key, text!);
  await kept.store.adopt(earlier, record);
  expect(kept.store.journal(0, 1_000).filter(({ step }) => step > record.step)).toEqual([]);
  expect(kept.store.journal(0, 1_000).length).toBeGreaterThan(0);
  // Another life goes on from there, and each of its steps is there once.
  const again = new Kept(kept.store);
  await again.live(9, 30);
  expect(verify(kept.store).differences).toBe(0);
});

test('a copy of which nothing was ever committed begins anew', async () => {
  const kept = keep();
  await kept.begin();
  await kept.store.clear();
  expect(kept.store.journal(0, 1_000)).toEqual([]);
  const again = new Kept(kept.store);
  await again.begin();
  await again.live(1, 10);
  expect(verify(kept.store).differences).toBe(0);
  await closed();
  expect(look().load().hash).toBe(again.state.hash);
});
