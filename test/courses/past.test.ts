/** A recording that is made of what a history has stored: it must come out as the run itself, as far as a history can tell. */
import { compile } from '../../src/compile/index.ts';
import { type Comparison, compare } from '../../src/courses/compare.ts';
import { recordingOf } from '../../src/courses/past-recording.ts';
import type { PastObservation } from '../../src/history/recorded.ts';
import { pendingAdvice } from '../../src/knowledge/advice.ts';
import { type Given, START, seen, setupOf } from '../step/world.ts';
import { given, slow } from './farm.ts';
import { Recorder } from './recorder.ts';

/** Of the run only what a history has: no inputs. */
function replayed(run: Recorder, was: Given, is: Given, observations: readonly PastObservation[] = []): Comparison {
  const setup = setupOf(was);
  const recording = recordingOf({
    blueprint: compile(setup, 'homeostat.json').blueprint,
    typeOf: () => 'farm',
    document: JSON.stringify(setup),
    from: START,
    to: START + 60_000,
    before: [],
    span: {
      readings: run.readings.filter(({ time }) => time > START),
      observations,
      entries: run.entries.filter(({ time }) => time > START),
    },
  });
  return compare(recording, () => JSON.stringify(setupOf(is)));
}

const deeds = ({ lines }: Comparison): string[] =>
  lines
    .filter(({ kind }) => kind === 'command' || kind === 'advice')
    .map(
      ({ time, what, recorded, other }) =>
        `${recorded === undefined ? '+' : other === undefined ? '-' : '='} ${(time - START) / 1_000} ${what}`,
    );

/** The same value again and again is stored once, and so is that there was none at first. */
const LOAD = [...Array(5).fill(50), ...Array(12).fill(110), ...Array(12).fill(150), ...Array(20).fill(10)];

test('readings and entries alone give the same decisions again, with what the command read back', () => {
  const was = given([slow(100), slow(140, { name: 'more', for: '2s' })]);
  const run = new Recorder(was).series('shop', 'load', 1, LOAD).run(49);
  expect(run.readings.filter(({ property }) => property === 'load')).toHaveLength(5);
  const result = replayed(run, was, was);
  expect(deeds(result)).toEqual(['= 10.503 scale to 2', '= 20 scale to 3']);
  expect(result).toMatchObject({ differences: 0, departures: { modelled: 0, outcomes: 0 } });
});

test('a value that does not change was measured all the while, and until it became unknown', () => {
  const was = given([slow(100, { for: '8s' })]);
  const run = new Recorder(was).series('shop', 'load', 1, Array(4).fill(110)).run(30);
  // It is stale three seconds after the last, so that 110 is known for six seconds in all.
  expect(deeds(replayed(run, was, given([slow(100, { for: '5s' })])))).toEqual(['+ 6 scale to 2']);
  expect(deeds(replayed(run, was, given([slow(100, { for: '6500ms' })])))).toEqual([]);
});

test('observations of a window are taken in by the step that is known to have come soon after', () => {
  const was = given([slow(100, { for: '0s' })], { gauge: { kind: 'mean', window: '4s' } });
  const run = new Recorder(was);
  const observations: PastObservation[] = [];
  for (const [i, value] of [50, 50, 90, 190, 190].entries()) {
    const time = START + (i + 1) * 1_000;
    run.tell(i + 1.05, seen('shop', 'load', value, i + 1));
    observations.push({ element: 'shop', property: 'load', value, time, everyMs: 1_000, coalesced: undefined });
  }
  run.run(8);
  // Of 50, 50, 90 and 190 the mean is 95; when the first has left the window, it is 110.
  const result = replayed(run, was, was, observations);
  expect(deeds(result)).toEqual(['= 5.003 scale to 2']);
  expect(deeds(replayed(run, was, given([slow(60, { for: '0s' })], { gauge: { kind: 'mean', window: '4s' } }), observations))).toEqual([
    '+ 3.05 scale to 2',
    '- 5.003 scale to 2',
  ]);
});

test('pauses, restarts and answers are told by entries of the journal', () => {
  const paused = given([slow(100)]);
  const run = new Recorder(paused).series('shop', 'load', 1, LOAD);
  run.tell(3, { kind: 'pause', name: 'p', scope: { policy: 'add' }, reason: 'no', author: 'ann', until: START + 15_000 });
  run.tell(20, { kind: 'pause', name: 'q', scope: { policy: 'add' }, reason: 'no', author: 'ann', until: null });
  run.tell(25, { kind: 'resume', scope: { policy: 'add' }, reason: 'yes', author: 'ann' }).run(49);
  expect(deeds(replayed(run, paused, paused))).toEqual(['= 15 scale to 2']);
  const later = given([slow(100, { for: '16s' })]);
  expect(deeds(replayed(run, paused, later))).toEqual(['- 15 scale to 2', '+ 25 scale to 2']);
  const asking = given([slow(100, { mode: 'advise', advise: { within: '30s' } })]);
  const asked = new Recorder(asking).series('shop', 'load', 1, LOAD).run(49, (state, now) => {
    const open = pendingAdvice(state).find(({ phase, askedAt }) => phase === 'open' && askedAt === now);
    return open && { kind: 'answered', advice: open.id, answer: 'approved', reason: 'go on', author: 'ann' };
  });
  expect(deeds(replayed(asked, asking, asking))).toEqual(['= 10.503 scale to 2', '= 11.003 scale to 2']);
});
