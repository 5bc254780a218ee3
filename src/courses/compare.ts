/** Goes through a recording under another configuration, and holds what would have been decided beside what was. */
import { HomeostatError } from '../errors.ts';
import { type Departures, OtherCourse } from './course.ts';
import { DEEDS, type Decision, decisionOf } from './decisions.ts';
import { type Line, lineUp, type PolicyTotals, totalsOf } from './line-up.ts';
import type { Recording } from './recording.ts';
import type { Traces } from './traces.ts';

export interface Comparison {
  /** Of the first and last recorded step, ms since 1970. */
  readonly from: number;
  readonly to: number;
  /** Recorded steps that were gone through, and what went in with them. */
  readonly steps: number;
  readonly observations: number;
  readonly departures: Departures;
  readonly lines: readonly Line[];
  readonly totals: readonly PolicyTotals[];
  /** Lines that only one of the two has. */
  readonly differences: number;
  /** Those of them by which something is done, or would be. */
  readonly deeds: number;
}

export interface Watching {
  /** Told now and then how many steps are done. */
  readonly progress?: ((steps: number) => void) | undefined;
  /** Takes the readings of the other course. */
  readonly traces?: Traces | undefined;
}

const STEPS_AT_ONCE = 10_000;

/** @param documentOf see OtherCourse. @throws HomeostatError H501 if there is nothing recorded, and what `documentOf` throws */
export function compare(recording: Recording, documentOf: (recorded: string) => string, { progress, traces }: Watching = {}): Comparison {
  const course = new OtherCourse(recording, documentOf);
  const recorded: Decision[] = [];
  const other: Decision[] = [];
  let [steps, observations, from, to] = [0, 0, 0, 0];
  for (const record of recording.steps) {
    if (steps === 0) from = record.now;
    to = record.now;
    for (const event of record.events) if (event.kind === 'observation') observations++;
    for (const entry of record.entries) keep(recorded, decisionOf(entry));
    for (const { journal, readings, now } of course.follow(record)) {
      for (const entry of journal) keep(other, decisionOf(entry));
      traces?.take(readings, now);
    }
    if (steps === 0) traces?.begin(recording.state, from);
    if (++steps % STEPS_AT_ONCE === 0) progress?.(steps);
  }
  if (steps === 0) throw new HomeostatError('H501', 'nothing is recorded of that time; homeostat replay --verify says what is recorded');
  const lines = lineUp(recorded, other);
  const differing = lines.filter((line) => line.recorded === undefined || line.other === undefined);
  const deeds = differing.filter(({ kind }) => DEEDS.includes(kind)).length;
  const { departures } = course;
  return { from, to, steps, observations, departures, lines, totals: totalsOf(lines), differences: differing.length, deeds };
}

const keep = (list: Decision[], decision: Decision | undefined): void => {
  if (decision !== undefined) list.push(decision);
};
