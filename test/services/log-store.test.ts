import { Derived } from '../../src/knowledge/derived.ts';
import { State } from '../../src/knowledge/state.ts';
import type { Transaction } from '../../src/knowledge/store.ts';
import { Fenced } from '../../src/log/log.ts';
import { type LocalStore, LogStore } from '../../src/services/log-store.ts';
import { decodeStep } from '../../src/services/wire.ts';
import { step } from '../../src/step.ts';
import type { Link } from '../log/memory.ts';
import { lossySetting, names } from './lossy.ts';

function setting() {
  const { log, ports, visible, ...rest } = lossySetting();
  const open = (name: string, by?: Link, local?: LocalStore, alive = ports.alive) =>
    LogStore.open({
      ...ports,
      alive,
      log: log(name, by),
      names,
      partition: 0,
      id: 'test.manager.0',
      ordersOf: () => [],
      typeOf: () => undefined,
      ...(local && { local }),
    });
  return { ...rest, open, rows: () => visible(names.state), steps: () => visible(names.steps).map((text) => decodeStep(text).hash) };
}

const transaction = (step: number, hash: string): Transaction => ({
  step,
  now: 1_000_000,
  events: [],
  hash,
  withheld: [],
  changes: [],
  journal: [],
  readings: [],
  commands: [],
});

test('whose step was never written does not take the step of its successor, with the same number, for its own', async () => {
  const { open, link, lost, settled, until, steps } = setting();
  const old = await settled(open('old', link));
  lost.push({ kind: 'end', where: 'there' });
  const commit = old.commit(transaction(1, 'of the old one'));
  await until(() => lost.length === 0);
  // Its commit fails, and before it looks another takes over and writes its own first step.
  const young = await settled(open('young'));
  await settled(young.commit(transaction(1, 'of the young one')));
  await expect(settled(commit)).rejects.toThrow(Fenced);
  expect(steps()).toEqual(['of the young one']);
});

test('a step whose answer was lost is there once', async () => {
  const { open, link, lost, settled, steps } = setting();
  const store = await settled(open('one', link));
  lost.push({ kind: 'end', where: 'back' });
  await settled(store.commit(transaction(1, 'first')));
  lost.push({ kind: 'end', where: 'there' });
  await settled(store.commit(transaction(2, 'second')));
  expect(steps()).toEqual(['first', 'second']);
});

const wordOf = (settling: Promise<void>): Promise<string> =>
  settling.then(
    () => 'settled',
    () => 'refused',
  );

/** The next step of a state, as a transaction. */
function stepped(state: State, now: number): Transaction {
  const result = step(state, new Derived(state), [{ kind: 'started', wall: now }], now);
  const { changes, journal, readings } = result;
  return { ...transaction(result.step, result.hash), now, changes, journal, readings };
}

test('who fences its successor by mistake writes no rows over the newer ones of that', async () => {
  const { open, link, lost, settled, until, rows } = setting();
  const old = await settled(open('old', link));
  await settled(old.commit(stepped(await old.load(), 1_000_000)));
  // Rows are to be put in their places; it fails, and when it renews another has taken over and stepped.
  lost.push({ kind: 'end', where: 'there' });
  const settling = wordOf(old.settle());
  await until(() => lost.length === 0);
  const young = await settled(open('young'));
  const state = await young.load();
  await settled(young.commit(stepped(state, 1_000_500)));
  await settled(young.settle());
  const before = rows();
  expect(await settled(settling)).toBe('refused');
  await expect(settled(old.settle())).rejects.toThrow(Fenced);
  await expect(settled(old.commit(transaction(2, 'a ghost')))).rejects.toThrow(Fenced);
  expect(rows()).toEqual(before);
});

test('who fences its successor by mistake, and loses its place before it could look, steps no more: found by seed 796', async () => {
  const { open, link, lost, settled, until, steps } = setting();
  let isIn = true;
  const old = await settled(open('old', link, undefined, () => isIn));
  await settled(old.commit(stepped(await old.load(), 1_000_000)));
  lost.push({ kind: 'end', where: 'there' });
  const settling = wordOf(old.settle());
  await until(() => lost.length === 0);
  const young = await settled(open('young'));
  await settled(young.commit(stepped(await young.load(), 1_000_500)));
  const before = steps();
  // It renews, and then the answer to its look is lost.
  lost.push({ kind: 'read', where: 'back' });
  await until(() => lost.length === 0);
  isIn = false;
  expect(await settled(settling)).toBe('refused');
  await expect(settled(old.commit(transaction(2, 'a ghost')))).rejects.toThrow(Fenced);
  expect(steps()).toEqual(before);
});

test('the copy on this machine is not closed while a step that failed is still being written to it: found by seed 85', async () => {
  const { open, link, lost, settled, until } = setting();
  const said: string[] = [];
  let written = (): void => {};
  const local: LocalStore = {
    last: () => undefined,
    load: () => new State(),
    withheld: () => [],
    adopt: async () => {},
    clear: async () => {},
    commit: () =>
      new Promise((resolve) => {
        written = () => {
          said.push('written');
          resolve();
        };
      }),
    flushed: async () => {},
    close: async () => void said.push('closed'),
  };
  const old = await settled(open('old', link, local));
  lost.push({ kind: 'end', where: 'there' });
  const commit = old.commit(transaction(1, 'of the old one'));
  await until(() => lost.length === 0);
  await settled(open('young'));
  const closing = old.close();
  await until(() => false);
  expect(said).toEqual([]);
  written();
  await expect(settled(commit)).rejects.toThrow();
  await settled(closing);
  expect(said).toEqual(['written', 'closed']);
});
