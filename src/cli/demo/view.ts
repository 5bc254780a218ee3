/** What report and picture are made from: a run, with times counted from the moment when the farm was ready. */
import type { Decision, Held, Point } from './record.ts';
import type { Deed, Scene } from './script.ts';

export interface RunView {
  /** The instant that is second 0. */
  readonly from: number;
  readonly to: number;
  readonly points: readonly Point[];
  readonly deeds: readonly Deed[];
  readonly decisions: readonly Decision[];
  readonly held: readonly Held[];
  /** The p95 as the clients had it, by the load generator's raw log. */
  readonly clients: readonly { readonly time: number; readonly p95: number | null }[];
  readonly limitMs: number;
  readonly deadZone: { readonly low: number; readonly high: number };
  /** Why each policy is there, in its author's words. */
  readonly why: Readonly<Record<string, string>>;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

const SCENE_NAMES: Readonly<Record<Scene, string>> = {
  starting: 'start',
  calm: 'calm',
  killed: 'server killed',
  frozen: 'server frozen',
  surge: 'four times the load',
  after: 'calm again',
  over: 'end',
};

/** The scenes of the script with their names for people. */
export function scenesOf(view: RunView): readonly (Span & { readonly name: string })[] {
  const marks = view.deeds.filter((deed) => deed.event === 'scene');
  return marks.map((mark, i) => ({
    from: mark.time,
    to: marks[i + 1]?.time ?? view.to,
    name: SCENE_NAMES[mark.scene as Scene] ?? String(mark.scene),
  }));
}

/** When the manager was dead: from its killing until it was seen to answer again. */
export function absences(view: RunView): readonly Span[] {
  return view.deeds
    .filter((deed) => deed.event === 'managerKilled')
    .map((deed) => ({ from: deed.time, to: view.points.find((point) => point.time > deed.time)?.time ?? view.to }));
}

/** A blow: what the script did to one process. No text: the scene of that time says it. */
export function blows(view: RunView): readonly { readonly time: number; readonly text: string }[] {
  const texts: Readonly<Record<string, string>> = { killed: '', frozen: '', managerKilled: 'manager killed' };
  return view.deeds.flatMap((deed) => (texts[deed.event] === undefined ? [] : [{ time: deed.time, text: texts[deed.event]! }]));
}

/** What a command is about, for its lane in the chart. */
export type Concern = 'healing' | 'list' | 'size' | 'word';

export function concernOf({ command }: Decision): Concern {
  if (command === 'restart') return 'healing';
  if (command === 'scale' || command === 'start') return 'size';
  return command === 'notify' ? 'word' : 'list';
}

/** Seconds since the start, as people read them: `23.4 s`. */
export const seconds = (view: RunView, time: number, digits = 1): string => `${((time - view.from) / 1_000).toFixed(digits)} s`;
