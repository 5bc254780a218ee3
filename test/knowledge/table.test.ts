/** Rows by key, what changed among them, and their timers; and the hash of them all. */
import { type Digest, digestOf, Fingerprint } from '../../src/knowledge/fingerprint.ts';
import { State } from '../../src/knowledge/state.ts';
import { placeOf, type Row, Table } from '../../src/knowledge/table.ts';
import { seeded } from '../services/crash-plan.ts';

interface Bell extends Row {
  at: number | null;
}
const bell = (key: string, at: number | null): Bell => ({ key, at });
const table = () => new Table<Bell>('bells', (row) => row.at);
const keys = (rows: readonly Row[]) => rows.map((row) => row.key);
const changes = (t: Table<Bell>) => t.takeChanges().map(({ key, row }) => [key, row]);

test('changes are handed out once, in the order in which they were first said, each with the row as it is at the end', () => {
  const t = table();
  t.put(bell('b', null));
  t.put(bell('a', null));
  t.put(bell('c', null));
  t.delete('c');
  expect(changes(t)).toEqual([
    ['b', bell('b', null)],
    ['a', bell('a', null)],
    ['c', null],
  ]);
  expect(changes(t)).toEqual([]);
  t.touch(t.get('a')!);
  t.delete('never there');
  expect(changes(t)).toEqual([['a', bell('a', null)]]);
  t.delete('a');
  t.put(bell('a', 3));
  t.delete('b');
  t.put(bell('b', 4));
  t.delete('b');
  expect(changes(t)).toEqual([
    ['a', bell('a', 3)],
    ['b', null],
  ]);
});

test('rows come in the order of their keys, whatever the order they came in', () => {
  const t = table();
  for (const key of ['shop/10', 'shop', 'shop/2', 'Shop']) t.put(bell(key, null));
  expect(keys([...t.rows()])).toEqual(['Shop', 'shop', 'shop/10', 'shop/2']);
  expect(t.keys().map((key) => placeOf(t.keys(), key))).toEqual([0, 1, 2, 3]);
});

test('due rows come in the order of their time, then key, once until they change', () => {
  const t = table();
  for (const [key, at] of [
    ['c', 5],
    ['b', 5],
    ['a', 9],
    ['d', 3],
  ] as const)
    t.put(bell(key, at));
  t.takeChanges();
  expect(t.nextDue()).toBe(3);
  expect(keys(t.takeDue(5))).toEqual(['d', 'b', 'c']);
  expect(t.takeDue(5)).toEqual([]);
  expect(t.nextDue()).toBe(9);
  t.touch(t.get('b')!);
  t.takeChanges();
  expect(keys(t.takeDue(9))).toEqual(['b', 'a']);
});

test('a timer that was put off, brought forward or taken away rings when its row says, or not at all', () => {
  const t = table();
  const [off, on, away, gone] = [bell('off', 5), bell('on', 50), bell('away', 5), bell('gone', 5)];
  for (const row of [off, on, away, gone]) t.put(row);
  t.takeChanges();
  off.at = 20;
  on.at = 10;
  away.at = null;
  for (const row of [off, on, away]) t.touch(row);
  t.delete('gone');
  t.takeChanges();
  expect(t.nextDue()).toBe(10);
  expect(t.takeDue(9)).toEqual([]);
  expect(keys(t.takeDue(10))).toEqual(['on']);
  expect(keys(t.takeDue(100))).toEqual(['off']);
  expect(t.nextDue()).toBeNull();
});

test('a row whose timer was put off comes where its own time says, as after a restart', () => {
  const t = table();
  const [late, early] = [bell('late', 5), bell('early', 6)];
  for (const row of [late, early]) t.put(row);
  t.takeChanges();
  late.at = 8;
  t.touch(late);
  t.takeChanges();
  expect(keys(t.takeDue(9))).toEqual(['early', 'late']);
});

test('a loaded row is no change, and its timer rings', () => {
  const t = table();
  t.load(bell('a', 7));
  expect(t.takeChanges()).toEqual([]);
  expect(keys(t.takeDue(7))).toEqual(['a']);
});

const texts = (rows: Iterable<readonly [string, string]>): string => {
  const fingerprint = new Fingerprint();
  for (const [key, text] of rows) fingerprint.set(digestOf(key), text);
  return fingerprint.toString();
};

test('the hash is that of the rows, whatever the way there', () => {
  const random = seeded(1);
  const kept = new Map<string, string>();
  const digests = new Map<string, Digest>();
  const one = new Fingerprint();
  for (let i = 0; i < 2_000; i++) {
    const key = `row ${Math.floor(random() * 50)}`;
    const text = random() < 0.3 ? null : `${Math.floor(random() * 10)}`;
    const digest = digests.get(key) ?? digestOf(key);
    digests.set(key, digest);
    one.set(digest, text);
    if (text === null) kept.delete(key);
    else kept.set(key, text);
  }
  expect(one.toString()).toBe(texts([...kept].reverse()));
  expect(one.toString()).not.toBe(texts([...kept, ['row 51', 'something else']]));
});

test('rows whose keys and texts were exchanged, ran together, or differ in one place, give another hash', () => {
  const long = 'x'.repeat(50_000);
  const states: (readonly [string, string])[][] = [
    [
      ['a', '1'],
      ['b', '2'],
    ],
    [
      ['a', '2'],
      ['b', '1'],
    ],
    [['a', '1']],
    [['a1', '']],
    [['a', '1\0']],
    [],
    [['a', 'ä']],
    [['a', 'a']],
    [['a', long]],
    [['a', `${long}x`]],
    [['a', `${long}ä`]],
  ];
  expect(new Set(states.map(texts)).size).toBe(states.length);
  // What lies in the buffer of an earlier, longer text is not part of the next.
  expect(texts([['a', '1']])).toBe(texts([['a', '1']]));
});

test('a state that is dumped and loaded has the same rows, hash and timers', () => {
  const state = new State();
  state.pauses.put({ key: 'p', scope: {}, reason: 'r', author: 'me', since: 1, until: 40 });
  state.count('letters', 3);
  state.takeChanges();
  const again = new State();
  for (const { key, text } of state.dump()) again.load(key, text!);
  // The beginning row of meta is stored when it first changes.
  state.meta.touch(state.position);
  state.takeChanges();
  expect([...again.dump()]).toEqual([...state.dump()]);
  expect(again.hash).toBe(state.hash);
  expect(again.nextDue()).toBe(40);
  expect(() => again.load('wishes\tx', '{}')).toThrow('unknown table');
  expect(() => again.load('counters\tx', '{"key":"y","count":1}')).toThrow('says that it is');
});
