import { promisesOf } from '../../../src/cli/demo/promises.ts';
import { heldOf } from '../../../src/cli/demo/record.ts';
import { atRisk } from '../../../src/cli/demo/script.ts';
import { type Counted, summarize } from '../../../src/cli/demo/summary.ts';
import { commanded, JOURNAL, RECORDING } from './run.ts';

const counted = (more: Partial<Counted> = {}): Counted => ({
  recording: RECORDING,
  load: { sent: 8_000, ok: 7_979, failed: 21, pending: 0, rate: 0 },
  toll: { inFlightAtKill: 1, sentToFrozen: 20 },
  limitMs: 250,
  firstPort: 8_300,
  replayVerified: true,
  ...more,
});

test('the summary tells healing, scaling, response times and failures from what Homeostat knows', () => {
  expect(summarize(counted())).toMatchObject({
    example: 'web-farm',
    killed: { detectedMs: 200, healedMs: 1_100 },
    frozen: { detectedMs: 1_100, healedMs: 1_900 },
    scaledOut: 4,
    scaledIn: 1,
    reversals: 0,
    requests: { sent: 8_000, ok: 7_979, failed: 21, inFlightAtKill: 1, sentToFrozen: 20 },
    p95Ms: { calm: 85, surge: 900, recovered: 85, limit: 250 },
    managerRestarts: 1,
    commandsRepeated: 0,
    replayVerified: true,
  });
});

test('a run that kept everything is said to; each figure that is off breaks its own promise', () => {
  const summary = summarize(counted());
  expect(promisesOf(summary).filter((promise) => !promise.kept)).toEqual([]);
  const broken = (more: object) => promisesOf({ ...summary, ...more }).flatMap(({ name, kept }) => (kept ? [] : [name]));
  expect(broken({ killed: { detectedMs: 1, healedMs: 3_001 } })).toEqual(['killed']);
  expect(broken({ frozen: { detectedMs: 1, healedMs: null } })).toEqual(['frozen']);
  expect(broken({ scaledOut: 0, scaledIn: 0 })).toEqual(['scaledOut', 'scaledIn']);
  expect(broken({ reversals: 1 })).toEqual(['reversals']);
  expect(broken({ p95Ms: { ...summary.p95Ms, recovered: 250 } })).toEqual(['recovered']);
  expect(broken({ p95Ms: { ...summary.p95Ms, recovered: null } })).toEqual(['recovered']);
  expect(broken({ requests: { ...summary.requests, failed: 22 } })).toEqual(['failed']);
  expect(broken({ managerRestarts: 0 })).toEqual(['managerRestarts']);
  expect(broken({ commandsRepeated: 1 })).toEqual(['commandsRepeated']);
  expect(broken({ replayVerified: false })).toEqual(['replayVerified']);
});

test('a change of direction that the end of the surge does not call for is a reversal', () => {
  const back = [...JOURNAL, ...commanded('web.10.0', 80, 'grow-when-slow', 'scale', 'web', { to: 8 })];
  expect(summarize(counted({ recording: { ...RECORDING, journal: back } })).reversals).toBe(1);
});

test('an outcome that comes twice is a command repeated', () => {
  const twice = [...JOURNAL, JOURNAL.find((entry) => entry.kind === 'outcome')!];
  expect(summarize(counted({ recording: { ...RECORDING, journal: twice } })).commandsRepeated).toBe(1);
});

test('a run without the blow or its healing says so with null, and never with a number', () => {
  const silent = JOURNAL.filter((entry) => entry.element !== 'web/server-2');
  const { killed } = summarize(counted({ recording: { ...RECORDING, journal: silent } }));
  expect(killed).toEqual({ detectedMs: null, healedMs: null });
});

test('requests at risk are those pending at the first look and those given until the second, without the refused', () => {
  const look = { time: 0, port: 8_301, listed: true, sent: 100, answered: 98, refused: 3, pending: 2 };
  expect(atRisk(look, { ...look, sent: 105, refused: 4 })).toBe(6);
});

test('that a policy waits for its own cooldown right after it has acted is no news', () => {
  expect(heldOf(JOURNAL).map(({ gate }) => gate)).toEqual(['for']);
});
