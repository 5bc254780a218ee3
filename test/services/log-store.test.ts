import type { Transaction } from '../../src/knowledge/store.ts';
import { Fenced } from '../../src/log/log.ts';
import { LogStore } from '../../src/services/log-store.ts';
import { decodeStep } from '../../src/services/wire.ts';
import type { Link } from '../log/memory.ts';
import { lossySetting, names } from './lossy.ts';

function setting() {
  const { log, ports, visible, ...rest } = lossySetting();
  const open = (name: string, by?: Link) =>
    LogStore.open({ ...ports, log: log(name, by), names, partition: 0, id: 'test.manager.0', ordersOf: () => [], typeOf: () => undefined });
  return { ...rest, open, steps: () => visible(names.steps).map((text) => decodeStep(text).hash) };
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
