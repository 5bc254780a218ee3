/** Runs of many kinds: remedies, repetitions, breakers, latches, set-points, merges, actuators that fail and hang. Replayed beside a policy that never holds, nothing may differ. */
import { compare } from '../../src/courses/compare.ts';
import { recordingIn } from '../../src/courses/recording.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import type { Setup } from '../../src/knowledge/blueprint.ts';
import { seeded } from '../services/crash-plan.ts';
import { type Given, seen, setupOf } from '../step/world.ts';
import { carriedOut, Recorder } from './recorder.ts';

const when = (fact: string, operator: string, value: unknown) => ({ all: [{ fact, operator, value }] });
const POLICIES: PolicyDocument[] = [
  {
    name: 'heal',
    scope: { type: 'server' },
    conditions: when('errors', 'greaterThan', 3),
    for: '1500ms',
    cooldown: '4s',
    remedies: [
      { name: 'restart', actions: [{ command: 'restart' }], expect: { within: '1s', conditions: when('errors', 'lessThan', 2) } },
      { name: 'empty', actions: [{ command: 'empty' }] },
    ],
    expect: {
      within: '2s',
      on: ['missed', 'failed'],
      conditions: when('errors', 'equal', 0),
      otherwise: [{ retry: 1 }, { command: 'notify' }],
    },
    breaker: { after: 3 },
  },
  {
    name: 'size',
    scope: { type: 'server' },
    setPoints: { limit: 3 },
    conditions: when('memory', 'greaterThan', { fact: 'setPoint.limit' }),
    keepFor: '2300ms',
    cooldown: '3s',
    actions: [{ command: 'scale', params: { to: { expression: 'memory * 2', min: 1, max: 9 } } }],
  },
  {
    name: 'calm',
    scope: { type: 'server' },
    conditions: when('errors', 'lessThan', 2),
    actions: [{ command: 'setPoint', target: 'homeostat', params: { policy: 'size', name: 'limit', to: { fact: 'memory' } }, while: true }],
  },
  {
    name: 'watch',
    scope: { type: 'server' },
    mode: 'observe',
    conditions: when('size', 'greaterThan', 5),
    actions: [{ command: 'empty' }],
  },
];
const NEVER: PolicyDocument = {
  name: 'never',
  scope: { type: 'server' },
  conditions: when('errors', 'greaterThan', 1_000),
  actions: [{ command: 'empty' }],
};
const given = (policies: PolicyDocument[]): Given => ({
  types: {
    server: {
      properties: { errors: { stale: '8s' }, memory: { gauge: { kind: 'mean', window: '3s' } }, size: { initial: 1, stale: 'never' } },
      commands: { restart: { deadline: '3s' }, empty: {}, scale: { property: 'size', resource: 'size', deadline: '3s', merge: 'max' } },
    },
  },
  elements: { 'shop/a': { type: 'server' }, 'shop/b': { type: 'server' } },
  policies,
});

test.each([1, 2, 3, 4, 5, 6])('a policy more that never holds changes no decision and no instant (seed %i)', (seed) => {
  const random = seeded(seed);
  const run = new Recorder(given(POLICIES), (command) => {
    const luck = random();
    if (luck < 0.15) return undefined;
    return { ...carriedOut(command)!, afterMs: Math.floor(luck * 1_500), ...(luck < 0.35 ? { status: 'failed', observations: [] } : {}) };
  });
  for (let seconds = 0.5; seconds < 120; seconds += 0.5)
    for (const id of ['shop/a', 'shop/b']) {
      if (random() < 0.3) run.tell(seconds, seen(id, 'errors', Math.floor(random() * 7), seconds));
      if (random() < 0.3) run.tell(seconds, seen(id, 'memory', Math.floor(random() * 7), seconds));
    }
  run.run(120);
  const through = (...policies: PolicyDocument[]) =>
    compare(recordingIn(run, 0, Number.MAX_SAFE_INTEGER), (recorded) =>
      JSON.stringify({ ...(JSON.parse(recorded) as Setup), policies: setupOf(given(policies)).policies }),
    );
  for (const result of [through(...POLICIES), through(...POLICIES, NEVER)]) {
    expect(result.lines.filter((line) => line.recorded === undefined || line.other === undefined)).toEqual([]);
    for (const { recorded, other } of result.lines) expect(other).toEqual(recorded);
    expect(result.departures).toMatchObject({ modelled: 0, outcomes: 0, steps: 0 });
    expect([...new Set(result.lines.map(({ policy, kind }) => `${policy} ${kind}`))]).toEqual(
      expect.arrayContaining([
        'heal command',
        'heal held',
        'size command',
        'size held',
        'calm command',
        'calm held',
        'watch would',
        'watch held',
      ]),
    );
  }
  // And without one of them there is less.
  expect(through(...POLICIES.slice(1)).totals.find(({ policy }) => policy === 'heal')!.counts.command).toMatchObject({ other: 0, both: 0 });
});
