/** The canary's run of the demo: the folder that it gets, and what is made of what it leaves. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTwoPlaces, tryNew } from '../../../src/cli/demo/canary-place.ts';
import type { CanaryRecording } from '../../../src/cli/demo/canary-script.ts';
import { canaryPromises, summarizeCanary } from '../../../src/cli/demo/canary-summary.ts';
import { storyOf } from '../../../src/cli/demo-canary.ts';
import { loadConfiguration } from '../../../src/config.ts';
import type { JournalEntry } from '../../../src/messages.ts';
import { at } from './run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-canary-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('two farms under one manager, whose file is right before and after the new version is named', async () => {
  const { stays, tried } = await makeTwoPlaces(join(folder, 'run'));
  const before = loadConfiguration(stays.managerFile);
  expect(before.findings).toEqual([]);
  const { elements } = before.configuration!.setup;
  expect([elements.web!.properties!.firstPort, elements.mill!.properties!.firstPort]).toEqual([stays.ports.balancer, tried.ports.balancer]);
  await tryNew(stays);
  const { configuration, findings } = loadConfiguration(stays.managerFile);
  expect(findings).toEqual([]);
  expect(configuration!.blueprint.trials).toMatchObject([{ set: { called: 'rules/eager.json' }, canary: { elements: ['mill'] } }]);
});

const entry = (kind: JournalEntry['kind'], seconds: number, about: Partial<JournalEntry>, data: JournalEntry['data']) =>
  ({ seq: seconds * 1_000, step: seconds, kind, time: at(seconds), text: `${kind} at ${seconds}`, ...about, data }) as never;

const RECORDING: CanaryRecording = {
  deeds: [
    { event: 'managerStarted', time: at(-5) },
    { event: 'ready', time: at(0) },
    { event: 'tried', time: at(10) },
    { event: 'managerKilled', time: at(13) },
    { event: 'managerStarted', time: at(14) },
    { event: 'well', time: at(30) },
    { event: 'over', time: at(40) },
  ],
  journal: [
    entry('command', -4, { element: 'web', policy: 'keep-the-fewest' }, { set: 'old' }),
    entry('canary', 11, {}, { is: 'running', set: 'new' }),
    entry('command', 12, { element: 'mill', policy: 'shrink-when-easy' }, { set: 'new' }),
    entry('symptom', 18, { element: 'mill', policy: 'canary new' }, { is: 'raised' }),
    entry('canary', 20, {}, { is: 'withdrawn', set: 'new' }),
    entry('command', 21, { element: 'mill', policy: 'keep-the-fewest' }, { set: 'old' }),
    entry('command', 22, { element: 'mill/server-1', policy: 'put-on-the-list' }, { set: 'list' }),
  ],
  history: {
    web: { p95: [[at(11), 90.4]], servers: [[at(-4), 3]] },
    mill: {
      p95: [
        [at(5), 700],
        [at(11), 95],
        [at(19), 812.6],
        [at(25), null],
        [at(39), 101],
      ],
      servers: [
        [at(-4), 3],
        [at(12), 1],
        [at(21), 3],
      ],
    },
  },
};

test('the summary is of the time since the new version was tried, and all promises are kept', () => {
  const summary = summarizeCanary(RECORDING, true);
  expect(summary).toMatchObject({
    versions: { old: 'old', new: 'new' },
    withdrawnAfterMs: 9_000,
    wellAfterMs: 10_000,
    actedOn: ['mill'],
    farms: {
      web: { fewestServers: 3, p95Ms: { worst: 90, last: 90 } },
      mill: { fewestServers: 1, p95Ms: { worst: 813, last: 101 } },
    },
    managerRestarts: 1,
  });
  expect(canaryPromises(summary).filter(({ kept }) => !kept)).toEqual([]);
  expect(storyOf(RECORDING).map((line) => line.trim().slice(10))).toEqual([
    'canary   canary at 11',
    'command  command at 12, by new',
    'symptom  symptom at 18',
    'canary   canary at 20',
    'command  command at 21, by old',
  ]);
});

test('each promise that is broken is told', () => {
  const journal = RECORDING.journal.filter(({ data }) => data.is !== 'withdrawn');
  const stray = entry('command', 15, { element: 'web', policy: 'shrink-when-easy' }, { set: 'new' });
  const quick = { ...RECORDING.history, mill: { ...RECORDING.history.mill!, p95: [[at(20), 90]] as const } };
  const summary = summarizeCanary({ ...RECORDING, journal: [...journal, stray], history: quick }, false);
  const broken = canaryPromises(summary).filter(({ kept }) => !kept);
  expect(broken.map(({ name }) => name)).toEqual(['apart', 'worse', 'withdrawn', 'well', 'replay']);
});

test('the raw logs are counted again, and a summary that says otherwise is found out', () => {
  const raw = join(folder, 'raw');
  mkdirSync(raw);
  const write = (name: string, lines: readonly object[]) =>
    writeFileSync(join(raw, `${name}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  write('script', RECORDING.deeds);
  const listed = (seconds: number, event: string, port: number, list: readonly number[]) => ({ event, time: at(seconds), port, list });
  write('balancer-web', [listed(-3, 'listed', 8301, [8301, 8302, 8303])]);
  write('balancer-mill', [
    listed(-3, 'listed', 8311, [8311, 8312, 8313]),
    listed(13, 'delisted', 8313, [8311, 8312]),
    listed(15, 'delisted', 8312, [8311]),
    listed(21, 'listed', 8313, [8311, 8312, 8313]),
  ]);
  const answers = (slow: (second: number) => boolean) =>
    Array.from({ length: 45 }, (_, s) => ({ event: 'request', time: at(s), end: at(s), ms: slow(s) ? 810 : 100, ok: true }));
  write(
    'load-web',
    answers(() => false),
  );
  write(
    'load-mill',
    answers((s) => s >= 15 && s < 25),
  );
  write('server-8313', [
    { event: 'start', time: at(-4), port: 8313 },
    { event: 'start', time: at(20.5), port: 8313 },
  ]);
  const verify = (summary: object) => {
    writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary));
    return spawnSync(process.execPath, [new URL('../../../examples/web-farm/verify-canary.js', import.meta.url).pathname, folder], {
      encoding: 'utf8',
    });
  };
  const summary = summarizeCanary(RECORDING, true);
  expect(verify(summary)).toMatchObject({ status: 0, stdout: expect.stringContaining('8 figures agree') });
  const wrong = verify({ ...summary, farms: { ...summary.farms, mill: { ...summary.farms.mill!, fewestServers: 3 } } });
  expect(wrong).toMatchObject({ status: 1, stdout: expect.stringContaining('✗ mill: fewest servers') });
});
