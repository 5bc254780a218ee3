/**
 * The heart: one pure step. It decides everything and touches nothing: the same state, events and time give the same result, bit for bit.
 *
 *   events → readings → symptoms → gates → proposals → arbitration → commands
 *
 * It changes the state in place, for the state has one owner, and hands back the list of what changed; that list is what is stored.
 */
import { settleOscillations } from './analyze/oscillation.ts';
import { judgeRetuned, judgeSymptoms } from './analyze/symptoms.ts';
import { beginTrials, prolongTrials, watchTrials } from './analyze/trials.ts';
import { apply, DeadLetters, endPauses } from './events.ts';
import { watchCommands } from './execute/commands.ts';
import { carryOutOwn, undoTunings } from './execute/own.ts';
import type { Change } from './knowledge/change.ts';
import type { Derived } from './knowledge/derived.ts';
import type { State } from './knowledge/state.ts';
import { Turn } from './knowledge/turn.ts';
import type { Command, Event, Firing, JournalEntry, ReadingChange } from './messages.ts';
import { refreshReadings, ringReadings } from './monitor/readings.ts';
import { plan } from './plan/plan.ts';

export interface StepResult {
  readonly step: number;
  readonly now: number;
  /** To be sent once this step is stored and flushed. */
  readonly commands: readonly Command[];
  /** The facts behind the commands, for the second evaluator. */
  readonly firings: readonly Firing[];
  readonly journal: readonly JournalEntry[];
  /** Readings that changed, for the history. */
  readonly readings: readonly ReadingChange[];
  readonly changes: readonly Change[];
  /** The hash of the state after this step. */
  readonly hash: string;
}

/**
 * One step.
 *
 * @param events what has come since the last step: waiting signals first, then telemetry in log order (exact rule 2)
 * @param now the instant the batch was cut, ms; not before that of the last step (exact rule 1)
 */
export function step(state: State, derived: Derived, events: readonly Event[], now: number): StepResult {
  const position = state.position;
  const stepped = position.now;
  if (now < position.now) throw new RangeError(`time cannot go back from ${position.now} to ${now}`);
  position.step++;
  position.now = now;
  state.meta.touch(position);
  const turn = new Turn(state, derived, now, position.step);

  const { blueprint } = derived;
  const deadLetters = new DeadLetters(turn);
  for (const event of events) apply(turn, event, deadLetters);
  endPauses(turn);
  carryOutOwn(turn);
  ringReadings(turn);
  refreshReadings(turn);
  if (turn.restarted) prolongTrials(turn, stepped);
  beginTrials(turn);
  // After a change of the configuration every policy is judged anew, for policies may have changed and facts have not.
  judgeSymptoms(turn, derived.blueprint === blueprint ? turn.born : new Set(state.elements.keys()));
  watchTrials(turn);
  do judgeRetuned(turn);
  while (undoTunings(turn));
  for (const symptom of state.symptoms.takeDue(now)) {
    // Of an element that is gone only a cooldown was kept, and that has run out.
    if (state.elements.get(symptom.element) === undefined) turn.dropSymptom(symptom);
    else derived.raised.wake(symptom.key);
  }
  settleOscillations(turn);
  // What nobody will ask for any more.
  for (const row of state.moves.takeDue(now)) state.moves.delete(row.key);
  for (const row of state.proposed.takeDue(now)) state.proposed.delete(row.key);
  for (const { id } of turn.changed) derived.raised.touch(id);
  const { commands, firings } = plan(turn, watchCommands(turn));
  turn.end();
  const changes = state.takeChanges();
  return { step: turn.step, now, commands, firings, journal: turn.journal, readings: turn.readings, changes, hash: state.hash };
}
