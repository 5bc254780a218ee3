/** A policy sets the interval of a probe in a real manager: it holds, survives a restart, and is taken back. */
import { rmSync, writeFileSync } from 'node:fs';
import { MANAGER, makeFolder, type Running, start } from '../api/manager.ts';

const RULES = {
  policies: [
    {
      name: 'look-closer',
      scope: { type: 'farm' },
      conditions: { all: [{ fact: 'sales', operator: 'greaterThan', value: 10 }] },
      actions: [{ command: 'setInterval', target: 'homeostat', params: { probe: 'files', every: '50ms' }, while: true }],
    },
  ],
};

const intervalOf = ({ assembly }: Running) => assembly.manager.state.series.get('shop\tresponseTime')?.everyMs;
const sell = ({ ask }: Running, value: number) => ask('POST', '/observations', { element: 'shop', property: 'sales', value });

test('setInterval is carried out where the probes run', async () => {
  const there = makeFolder(undefined, RULES);
  const probes = [
    { name: 'files', kind: 'exec', element: 'shop', command: ['echo', '7'], output: 'number', property: 'responseTime', every: '300ms' },
  ];
  writeFileSync(there.file, JSON.stringify({ ...MANAGER, probes }));
  let running = await start(undefined, there);
  try {
    await running.until(() => intervalOf(running) === 300);
    await sell(running, 20);
    await running.until(() => intervalOf(running) === 50);
    await running.stop();
    running = await start(undefined, there);
    await running.until(() => intervalOf(running) === 50);
    await sell(running, 1);
    await running.until(() => intervalOf(running) === 300);
    const kinds = [...running.assembly.store.journal(0, 1_000)].filter((entry) => entry.kind === 'tuned');
    expect(kinds.map((entry) => entry.text)).toEqual([
      'look-closer set the interval of files to "50ms" for as long as it is raised',
      'the interval of files is again as the files say: look-closer on shop is over',
    ]);
  } finally {
    await running.stop();
    rmSync(there.folder, { recursive: true, force: true });
  }
}, 30_000);
