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

test('a program brings its own operators and decorators, for what is decided and for json-rules-engine, which confirms it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-'));
  const file = join(folder, 'homeostat.json');
  const policies = [{ conditions: { all: [{ fact: 'name', operator: 'lower:startsWith', value: 'web' }] }, event: { type: 'notify' } }];
  writeFileSync(join(folder, 'rules.json'), JSON.stringify(policies));
  writeFileSync(
    file,
    JSON.stringify({
      mode: 'act',
      defaults: { scope: { type: 'tank' } },
      types: { tank: { properties: { name: {} } } },
      elements: { tank: { type: 'tank' } },
      policies: ['rules.json'],
    }),
  );
  expect(loadConfiguration(file).findings).toMatchObject([{ code: 'H104', pointer: '/0/conditions/all/0/operator' }]);
  const { configuration, findings } = loadConfiguration(file, {
    words: {
      operators: { startsWith: (fact, value) => typeof fact === 'string' && fact.startsWith(String(value)) },
      decorators: { lower: (fact, value, next) => next(String(fact).toLowerCase(), value) },
    },
  });
  expect(findings).toEqual([]);
  let told: (result: StepResult) => void = () => {};
  const acted = new Promise<StepResult>((resolve) => {
    told = (result) => result.journal.some((entry) => entry.kind === 'outcome' || entry.kind === 'withheld') && resolve(result);
  });
  const homeostat = await assemble(configuration!, {
    log: pino({ level: 'silent' }),
    random: () => 0,
    environment: {},
    onStep: (result) => told(result),
  });
  await homeostat.start();
  homeostat.bus.observe({
    kind: 'observation',
    element: 'tank',
    property: 'name',
    value: 'WEB-1',
    time: homeostat.clock.now(),
    source: 'me',
  });
  expect((await acted).journal.map((entry) => [entry.kind, entry.policy])).toContainEqual(['outcome', 'rules.json#/0']);
  await homeostat.stop(1_000);
});
