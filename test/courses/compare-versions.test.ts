import { compareVersions } from '../../src/courses/compare-versions.ts';
import { recordingIn } from '../../src/courses/recording.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { START } from '../step/world.ts';
import { given, slow } from './farm.ts';
import { Recorder } from './recorder.ts';

const idle: PolicyDocument = {
  name: 'remove',
  scope: { type: 'farm' },
  conditions: {
    all: [
      { fact: 'load', operator: 'lessThan', value: 20 },
      { fact: 'servers', operator: 'greaterThan', value: 1 },
    ],
  },
  cooldown: '10s',
  actions: [{ command: 'scale', params: { by: -1 } }],
};
const kept = (version: string, ...policies: PolicyDocument[]) => ({ file: 'rules.json', version, text: JSON.stringify({ policies }) });
const [EAGER, PATIENT] = [kept('eager', slow(100), idle), kept('patient', slow(130), idle)];

/** Calm, high for 12 s, very high for 12 s, then nothing to do. What was in force then is neither of the two, and a file was tried beside it. */
const LOAD = [...Array(5).fill(50), ...Array(12).fill(110), ...Array(12).fill(150), ...Array(20).fill(10)];
const run = new Recorder({ ...given([idle]), tried: { policies: [idle], shadow: true } }).series('shop', 'load', 1, LOAD).run(49);
const recording = (from = 0) => recordingIn(run, from, Number.MAX_SAFE_INTEGER);

test('two versions are gone through over the same recording, and what only one of them decides is counted', () => {
  const compared = compareVersions(() => recording(), EAGER, PATIENT)!;
  const commands = compared.totals.map(({ policy, counts }) => [policy, counts.command]);
  // The eager one adds at 10.5 s and the patient one at 22.5 s; both remove at 30 s.
  expect(commands).toEqual([
    ['add', { recorded: 1, other: 1, both: 0 }],
    ['remove', { recorded: 1, other: 1, both: 1 }],
  ]);
  expect(compared).toMatchObject({ from: START, to: run.records.at(-1)!.now, steps: run.records.length, deeds: 2 });
  expect(compareVersions(() => recording(), PATIENT, PATIENT)).toMatchObject({ differences: 0, deeds: 0 });
});

test('of a time of which nothing is recorded nothing is said, and a version that does not fit is refused with its name', () => {
  expect(compareVersions(() => recording(START + 3_600_000), EAGER, PATIENT)).toBeUndefined();
  const other = kept('other', { ...idle, actions: [{ command: 'launch' }] });
  expect(() => compareVersions(() => recording(), EAGER, other)).toThrow('nothing is replayed through rules.json other: 1 mistake');
  expect(() => compareVersions(() => recording(), { ...EAGER, file: 'gone.json' }, PATIENT)).toThrow('gone.json was not in force');
});
