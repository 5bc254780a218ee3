import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { assemble, loadConfiguration, type StepResult } from '../src/index.ts';

test('a program can embed a manager: it gives observations, and is told of each step', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-'));
  const file = join(folder, 'homeostat.json');
  const policies = [
    {
      name: 'tell',
      scope: { type: 'tank' },
      conditions: { fact: 'level', operator: 'greaterThan', value: 9 },
      actions: [{ command: 'notify' }],
    },
  ];
  writeFileSync(join(folder, 'rules.json'), JSON.stringify({ policies }));
  writeFileSync(
    file,
    JSON.stringify({
      mode: 'act',
      types: { tank: { properties: { level: {} } } },
      elements: { tank: { type: 'tank' } },
      policies: ['rules.json'],
    }),
  );
  const { configuration } = loadConfiguration(file);
  let told: (result: StepResult) => void = () => {};
  const acted = new Promise<StepResult>((resolve) => {
    told = (result) => result.journal.some((entry) => entry.kind === 'outcome') && resolve(result);
  });
  const homeostat = await assemble(configuration!, {
    log: pino({ level: 'silent' }),
    random: () => 0,
    environment: {},
    onStep: (result) => told(result),
  });
  await homeostat.start();
  homeostat.bus.observe({ kind: 'observation', element: 'tank', property: 'level', value: 10, time: homeostat.clock.now(), source: 'me' });
  expect((await acted).journal.map((entry) => entry.text).join()).toMatch(/notify on tank succeeded/);
  await homeostat.stop(1_000);
});
