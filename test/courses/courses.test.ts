import { type Comparison, compare } from '../../src/courses/compare.ts';
import type { Line } from '../../src/courses/line-up.ts';
import { recordingIn } from '../../src/courses/recording.ts';
import type { PolicyDocument } from '../../src/documents/policy.ts';
import { pendingAdvice } from '../../src/knowledge/advice.ts';
import type { Setup } from '../../src/knowledge/blueprint.ts';
import type { Archive } from '../../src/knowledge/store.ts';
import { START, setupOf } from '../step/world.ts';
import { given, slow } from './farm.ts';
import { carriedOut, Recorder } from './recorder.ts';

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
const through =
  (...policies: PolicyDocument[]) =>
  (recorded: string): string =>
    JSON.stringify({ ...(JSON.parse(recorded) as Setup), policies: setupOf(given(policies)).policies });
const replayed = (archive: Archive, documentOf: (recorded: string) => string, from = 0, to = Number.MAX_SAFE_INTEGER): Comparison =>
  compare(recordingIn(archive, from, to), documentOf);

/** `12.3 add scale to 2`, with what has it: `=` both, `-` only the recording, `+` only the other course. */
const deeds = ({ lines }: Comparison, ...kinds: Line['kind'][]): string[] =>
  lines
    .filter(({ kind }) => kinds.includes(kind))
    .map(
      ({ time, policy, what, recorded, other }) =>
        `${recorded === undefined ? '+' : other === undefined ? '-' : '='} ${(time - START) / 1_000} ${policy} ${what}`,
    );

/** Calm, high for 12 s, very high for 12 s, then nothing to do. */
const LOAD = [...Array(5).fill(50), ...Array(12).fill(110), ...Array(12).fill(150), ...Array(20).fill(10)];
const recorded = (...policies: PolicyDocument[]): Recorder => new Recorder(given(policies)).series('shop', 'load', 1, LOAD).run(49);

test('a run through its own policies gives the very same decisions', () => {
  const run = recorded(slow(100), idle);
  const result = replayed(run, through(slow(100), idle));
  expect(deeds(result, 'command')).toEqual(['= 10.503 add scale to 2', '= 30 remove scale to 1']);
  expect(result.differences).toBe(0);
  expect(result.departures).toEqual({ modelled: 0, outcomes: 0, answers: 0, steps: 0 });
  expect(deeds(result, 'held').length).toBe(2);
  for (const { recorded, other } of result.lines) expect(other).toEqual(recorded);
});

test('one more policy that never holds changes no decision, nor when it is made', () => {
  const run = recorded(slow(100), idle);
  const never = slow(1_000, { name: 'never' });
  const result = replayed(run, through(slow(100), idle, never));
  expect(result.differences).toBe(0);
  for (const { recorded, other } of result.lines) expect(other).toEqual(recorded);
});

test('a higher threshold is met later: the other course has its own command, and not the recorded one', () => {
  const result = replayed(recorded(slow(100), idle), through(slow(140), idle));
  // 150 begins at 18 s and must stay for 4.5 s.
  expect(deeds(result, 'command')).toEqual(['- 10.503 add scale to 2', '+ 22.5 add scale to 2', '= 30 remove scale to 1']);
  expect(result.departures).toMatchObject({ modelled: 1, outcomes: 1 });
});

test('a timer of the other policies is met between two recorded steps', () => {
  const result = replayed(recorded(slow(100), idle), through(slow(100, { for: '4700ms' }), idle));
  expect(deeds(result, 'command')).toEqual(['= 10.503 add scale to 2', '= 30 remove scale to 1']);
  const [line] = result.lines.filter(({ kind }) => kind === 'command');
  expect(line!.other!.time - START).toBe(10_700);
  expect(result.departures.steps).toBeGreaterThan(0);
});

test('the cooldown and the lease of a command that was never sent count as if it had been', () => {
  const result = replayed(recorded(idle), through(slow(100, { for: '0s', cooldown: '15s' }), idle));
  // 110 begins at 6 s; 21 s is the next time; what it set is read back, or the second would say 2 again.
  expect(deeds(result, 'command')).toEqual([
    '+ 6 add scale to 2',
    '+ 21 add scale to 3',
    '+ 30 remove scale to 2',
    '+ 40 remove scale to 1',
  ]);
  expect(deeds(result, 'held')).toContain('+ 6.001 add cooldown');
});

test('what is measured stays as it was measured: the world does not react', () => {
  const run = new Recorder(given([idle]));
  for (const property of ['load', 'servers']) run.series('shop', property, 1, property === 'load' ? LOAD : LOAD.map(() => 1));
  const result = replayed(run.run(49), through(slow(100, { for: '0s', cooldown: '15s' }), idle));
  expect(deeds(result, 'command')).toEqual(['+ 6 add scale to 2', '+ 21 add scale to 2']);
});

test('a recorded command that failed fails here too, where the same is given in the same step', () => {
  const expecting = slow(100, {
    expect: {
      within: '5s',
      on: ['failed'],
      conditions: { all: [{ fact: 'load', operator: 'lessThan', value: 100 }] },
      otherwise: [{ command: 'notify', params: { text: 'no' } }],
    },
  });
  const run = new Recorder(given([expecting, idle]), (command) => ({
    ...carriedOut(command)!,
    ...(command.command === 'scale' ? { status: 'failed', observations: [] } : {}),
  }));
  run.series('shop', 'load', 1, LOAD).run(49);
  const same = replayed(run, through(expecting, idle, slow(1_000, { name: 'never' })));
  expect(deeds(same, 'command')).toEqual(['= 10.503 add scale to 2', '= 10.803 add notify text no']);
  const later = replayed(run, through({ ...expecting, for: '7600ms' }, idle));
  expect(deeds(later, 'command')).toEqual([
    '- 10.503 add scale to 2',
    '- 10.803 add notify text no',
    '+ 13.6 add scale to 2',
    '+ 30 remove scale to 1',
  ]);
});

test('pauses stay, and so do answers to the same question', () => {
  const asking = slow(100, { mode: 'advise', advise: { within: '30s' } });
  const answer = (run: Recorder) =>
    run.run(49, (state, now) => {
      const open = pendingAdvice(state).find(({ phase, askedAt }) => phase === 'open' && askedAt === now);
      return open && { kind: 'answered', advice: open.id, answer: 'approved', reason: 'go on', author: 'ann' };
    });
  const run = answer(new Recorder(given([asking])).series('shop', 'load', 1, LOAD));
  expect(deeds(replayed(run, through(asking)), 'advice', 'command')).toEqual(['= 10.503 add scale to 2', '= 11.003 add scale to 2']);
  // Another policy is in front of it, so that the ids of questions are others; the answer finds its question all the same.
  const first: PolicyDocument = { ...asking, name: 'aaa', actions: [{ command: 'notify', params: { text: 'slow' } }] };
  const result = replayed(run, through(asking, first));
  expect(deeds(result, 'advice', 'command')).toEqual([
    '+ 10.503 aaa notify text slow',
    '= 10.503 add scale to 2',
    '= 11.003 add scale to 2',
  ]);
  expect(replayed(run, through(slow(100))).departures.answers).toBe(1);
  const paused = new Recorder(given([slow(100)])).series('shop', 'load', 1, LOAD);
  paused.tell(3, { kind: 'pause', name: 'p', scope: { policy: 'add' }, reason: 'no', author: 'ann', until: START + 40_000 }).run(49);
  expect(deeds(replayed(paused, through(slow(90))), 'command')).toEqual([]);
});

test('the state at the beginning is that of the recording, wherever it begins', () => {
  const run = new Recorder(given([slow(100), idle])).series('shop', 'load', 1, LOAD).run(15);
  run.keepFromHere().run(49);
  // The cooldown of the command at 10.5 s holds the second until 30.5 s, when there is nothing to do.
  const kept = replayed(run, through(slow(90), idle));
  expect(deeds(kept, 'command')).toEqual(['= 30 remove scale to 1']);
  const from = replayed(recorded(slow(100), idle), through(slow(90), idle), START + 15_000, START + 29_500);
  expect(from.from).toBe(START + 15_000);
  expect(from.to).toBeLessThanOrEqual(START + 29_500);
  expect(deeds(from, 'command')).toEqual([]);
  expect(() => replayed(run, through(idle), START + 60_000)).toThrow('nothing is recorded of that time');
});

test('a command that was under way at the beginning gets its recorded outcome', () => {
  const run = recorded(slow(100), idle);
  const result = replayed(run, through(slow(90), idle), START + 10_600);
  expect(result.departures).toMatchObject({ outcomes: 0, modelled: 0 });
  expect(deeds(result, 'command')).toEqual(['= 30 remove scale to 1']);
});

test('what the journal has forgotten cannot be compared: the comparison begins after it', () => {
  const run = recorded(slow(100), idle);
  run.entries = run.entries.filter(({ time }) => time >= START + 10_000);
  const result = replayed(run, through(slow(100), idle));
  expect(result.from).toBe(START + 10_803);
  expect(deeds(result, 'command')).toEqual(['= 30 remove scale to 1']);
});

test('nobody decides while no manager runs', () => {
  const run = new Recorder(given([idle]));
  run.series('shop', 'load', 1, [110, 110, 110]).run(3.5);
  run
    .awayTo(30)
    .tell(30, { kind: 'started', wall: START + 30_000 })
    .series('shop', 'load', 31, [50])
    .run(32);
  const result = replayed(run, through(slow(100, { for: '4s' })));
  expect(deeds(result, 'command')).toEqual([]);
});
