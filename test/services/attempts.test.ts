import { Fenced } from '../../src/log/log.ts';
import { type Arrived, Attempts } from '../../src/services/attempts.ts';
import type { Link } from '../log/memory.ts';
import { lossySetting, names } from './lossy.ts';

const arrived = { partition: 0, wire: { command: { id: 'test-0.1.0' } } } as unknown as Arrived;

function setting() {
  const { log, ports, ...rest } = lossySetting();
  let openings = 0;
  const open = (name: string, by?: Link, place = 'here') =>
    Attempts.open({ ...ports, log: log(name, by), names, partitions: 1, cluster: 'test', place, random: () => ++openings / 10 });
  return { ...rest, open };
}

test('an agent whose round was never written does not take that of its successor, which says the same, for its own', async () => {
  const { open, link, lost, settled, until } = setting();
  const round = { begun: [arrived], told: [], next: new Map([[0, 7]]) };
  const old = await settled(open('old', link));
  lost.push({ kind: 'end', where: 'there' });
  const commit = old.commit(round);
  await until(() => lost.length === 0);
  const young = await settled(open('young'));
  expect(young.begun).toEqual([]);
  await settled(young.commit(round));
  // It would begin the command that its successor has begun.
  await expect(settled(commit)).rejects.toThrow(Fenced);
});

test('what was begun and what is done is found again, with the place where reading goes on', async () => {
  const { open, link, lost, settled } = setting();
  const first = await settled(open('first', link));
  lost.push({ kind: 'end', where: 'back' });
  await settled(first.commit({ begun: [arrived], told: [], next: new Map([[0, 7]]) }));
  const second = await settled(open('second'));
  expect(second.begun.map(({ wire }) => wire.command.id)).toEqual(['test-0.1.0']);
  expect([second.next(0), second.isKnown('test-0.1.0'), second.isKnown('test-0.1.1')]).toEqual([7, true, false]);
  await expect(settled(first.commit({ begun: [], told: [], next: new Map([[0, 8]]) }))).rejects.toThrow(Fenced);
  const event = { kind: 'outcome', command: 'test-0.1.0', status: 'succeeded', detail: 'done' } as const;
  await settled(second.commit({ begun: [], told: [{ partition: 0, event }], next: new Map() }));
  const third = await settled(open('third'));
  expect([third.begun, third.isKnown('test-0.1.0')]).toEqual([[], true]);
});

test('what another place has not finished writing hides nothing that was done at this one', async () => {
  const { open, link, lost, settled, until } = setting();
  const far = await settled(open('far', link, 'there'));
  const first = await settled(open('first'));
  await settled(first.commit({ begun: [arrived], told: [], next: new Map([[0, 7]]) }));
  lost.push({ kind: 'end', where: 'there' });
  const other = { partition: 0, wire: { command: { id: 'test-0.1.1' } } } as unknown as Arrived;
  const late = far.commit({ begun: [other], told: [], next: new Map([[0, 7]]) });
  await until(() => lost.length === 0);
  const event = { kind: 'outcome', command: 'test-0.1.0', status: 'succeeded', detail: 'done' } as const;
  await settled(first.commit({ begun: [], told: [{ partition: 0, event }], next: new Map() }));
  const second = await settled(open('second'));
  expect([second.begun, second.isKnown('test-0.1.0'), second.isKnown('test-0.1.1')]).toEqual([[], true, false]);
  await settled(late);
  expect((await settled(open('nearer', undefined, 'there'))).begun.map(({ wire }) => wire.command.id)).toEqual(['test-0.1.1']);
});
