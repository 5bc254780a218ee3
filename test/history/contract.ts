/** What every history must keep, whatever it is stored in. The embedded one and InfluxDB pass the same tests. */
import type { HistoryEntry, HistoryReader, HistoryReading } from '../../src/history/history.ts';
import type { Value } from '../../src/messages.ts';

/** A history that can be written: readings by rising time, and entries. Resolves when a reader sees them. */
export interface Kept {
  readonly reader: HistoryReader;
  write(readings: readonly HistoryReading[], entries?: readonly HistoryEntry[]): Promise<void>;
}

/** @param open an empty history that lives until the test ends; `now`: an instant that it takes points of */
export function keepsTheHistory(open: () => Promise<Kept>, now: () => number): void {
  const reading = (element: string, property: string, value: Value | null, time: number): HistoryReading => ({
    element,
    type: 'farm',
    property,
    value,
    time,
  });

  test('gives the values of a property in the order of their times, null where it became unknown, both ends included', async () => {
    const { reader, write } = await open();
    const t = now();
    await write([
      reading('shop', 'load', 1, t),
      reading('shop', 'load', 2.5, t + 10),
      reading('shop', 'load', null, t + 20),
      reading('shop', 'load', -3e-7, t + 30),
    ]);
    expect(await reader.history('shop', 'load', t, t + 30)).toEqual([
      [t, 1],
      [t + 10, 2.5],
      [t + 20, null],
      [t + 30, -3e-7],
    ]);
    expect(await reader.history('shop', 'load', t + 1, t + 29)).toEqual([
      [t + 10, 2.5],
      [t + 20, null],
    ]);
    expect(await reader.history('shop', 'load', t + 31, t + 1_000)).toEqual([]);
  });

  test('keeps elements and properties apart that begin alike', async () => {
    const { reader, write } = await open();
    const t = now();
    await write([
      reading('shop', 'load', 1, t),
      reading('shop/a.b:c_d-e', 'load', 2, t),
      reading('shop', 'load2', 3, t),
      reading('shopping', 'load', 4, t),
    ]);
    const value = async (element: string, property: string) =>
      (await reader.history(element, property, t - 1_000, t + 1_000)).map(([, is]) => is);
    expect(await value('shop', 'load')).toEqual([1]);
    expect(await value('shop/a.b:c_d-e', 'load')).toEqual([2]);
    expect(await value('shop', 'load2')).toEqual([3]);
    expect(await value('shopping', 'load')).toEqual([4]);
    expect(await value('shop', 'missing')).toEqual([]);
    expect(await value('missing', 'load')).toEqual([]);
  });

  test('keeps numbers, texts, true and false as what they are, though one property has had them all', async () => {
    const { reader, write } = await open();
    const t = now();
    const values = [0, 'on', true, '0', false, 12_345_678_901, 'ein "Wort" \\ mit\nUmbruch', '', 1e21];
    await write(values.map((value, i) => reading('shop', 'state', value, t + i)));
    expect(await reader.history('shop', 'state', t, t + 100)).toEqual(values.map((value, i) => [t + i, value]));
  });

  test('gives all properties of one element since an instant', async () => {
    const { reader, write } = await open();
    const t = now();
    await write([
      reading('shop', 'load', 1, t),
      reading('shop', 'servers', 2, t + 5),
      reading('shop/a', 'load', 9, t + 5),
      reading('shop', 'load', 3, t + 10),
    ]);
    expect(Object.fromEntries(await reader.since('shop', t + 1))).toEqual({ servers: [[t + 5, 2]], load: [[t + 10, 3]] });
    expect((await reader.since('nobody', t)).size).toBe(0);
  });

  test('gives the newest entries about an element, oldest first, as they were written', async () => {
    const { reader, write } = await open();
    const t = now();
    const entry = (seq: number, element: string): HistoryEntry => ({
      journal: 'shop',
      seq,
      kind: 'held',
      time: t + seq,
      step: seq,
      element,
      policy: 'grow',
      text: `grow on ${element} is held back by dead-zone: 212 is within 150…250`,
      data: { gate: 'dead-zone', reason: '212 is within 150…250', nested: { a: [1, 'x', null] } },
    });
    const entries = [entry(1, 'shop'), entry(2, 'shop/a'), entry(3, 'shop'), entry(4, 'shop')];
    await write([], entries);
    const bare = ({ journal: _journal, seq: _seq, type: _type, ...rest }: HistoryEntry) => rest;
    expect(await reader.entriesOf('shop', t + 100, 2)).toEqual([entries[2]!, entries[3]!].map(bare));
    expect(await reader.entriesOf('shop', t + 4, 10)).toEqual([entries[0]!, entries[2]!].map(bare));
    expect(await reader.entriesOf('shop', t, 10)).toEqual([]);
  });
}
