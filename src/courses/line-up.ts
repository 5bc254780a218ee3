/** Two courses side by side: what both decided, and what only one of them did. */
import { byKey } from '../knowledge/table.ts';
import { DECISION_KINDS, type Decision, type DecisionKind } from './decisions.ts';

/** Decisions of the two courses that differ by no more than this are one: the answers of actuators take their time in one, and none in the other. */
export const TOGETHER_MS = 1_000;

/** One decision of either or both; at least one of the two is there. */
export interface Line {
  readonly time: number;
  readonly element: string;
  readonly policy: string;
  readonly kind: DecisionKind;
  readonly what: string;
  /** As it was recorded. */
  readonly recorded?: Decision;
  /** As it would have been. */
  readonly other?: Decision;
}

/** How many were decided by each course, and by both. */
export interface Count {
  recorded: number;
  other: number;
  both: number;
}

export interface PolicyTotals {
  readonly policy: string;
  readonly counts: Readonly<Record<DecisionKind, Count>>;
}

/** By time, then element, policy and words. The same decision is paired with the nearest in order, within TOGETHER_MS. */
export function lineUp(recorded: readonly Decision[], other: readonly Decision[]): Line[] {
  const waiting = new Map<string, Decision[]>();
  for (const decision of other) {
    const key = keyOf(decision);
    const list = waiting.get(key);
    if (list === undefined) waiting.set(key, [decision]);
    else list.push(decision);
  }
  const lines: Line[] = [];
  const next = new Map<string, number>();
  for (const was of recorded) {
    const key = keyOf(was);
    const list = waiting.get(key) ?? [];
    let place = next.get(key) ?? 0;
    while (place < list.length && list[place]!.time < was.time - TOGETHER_MS) lines.push(lineOf(undefined, list[place++]!));
    const is = list[place];
    if (is !== undefined && is.time <= was.time + TOGETHER_MS) {
      place++;
      lines.push(lineOf(was, is));
    } else lines.push(lineOf(was, undefined));
    next.set(key, place);
  }
  for (const [key, list] of waiting) for (const decision of list.slice(next.get(key) ?? 0)) lines.push(lineOf(undefined, decision));
  return lines.sort(
    (a, b) =>
      a.time - b.time ||
      byKey(a.element, b.element) ||
      byKey(a.policy, b.policy) ||
      DECISION_KINDS.indexOf(a.kind) - DECISION_KINDS.indexOf(b.kind) ||
      byKey(a.what, b.what),
  );
}

/** Of each policy that decided anything in either course, by name. */
export function totalsOf(lines: readonly Line[]): PolicyTotals[] {
  const totals = new Map<string, PolicyTotals>();
  for (const { policy, kind, recorded, other } of lines) {
    let of = totals.get(policy);
    if (of === undefined) {
      of = { policy, counts: noCounts() };
      totals.set(policy, of);
    }
    const count = of.counts[kind];
    if (recorded !== undefined) count.recorded++;
    if (other !== undefined) count.other++;
    if (recorded !== undefined && other !== undefined) count.both++;
  }
  return [...totals.values()].sort((a, b) => byKey(a.policy, b.policy));
}

const none = (): Count => ({ recorded: 0, other: 0, both: 0 });
const noCounts = (): Record<DecisionKind, Count> => ({ command: none(), would: none(), advice: none(), held: none(), lost: none() });

const keyOf = ({ kind, element, policy, what }: Decision): string => [kind, element, policy, what].join('\t');

function lineOf(recorded: Decision | undefined, other: Decision | undefined): Line {
  const { time, element, policy, kind, what } = (recorded ?? other)!;
  return { time, element, policy, kind, what, ...(recorded && { recorded }), ...(other && { other }) };
}
