/** The form `all`: events of all steps within a time, in any order. */
import { type Form, keptOf, type Step } from './forms.ts';
import { type Attempt, type Bound, type Happening, type Match, put, type Values } from './memo.ts';
import { EVENT } from './where.ts';

/** Most matches that one event completes, where others stay. */
const MOST_AT_ONCE = 100;
/** Most events that are tried for one event that comes: a join of many steps over many events must not stall. */
const MOST_TRIES = 2_000;

/** An event that waits for others, or the one in hand. */
interface Candidate {
  readonly at: number;
  readonly values: Values;
  readonly attempt: Attempt | undefined;
}

/**
 * Each event that waits is kept once, for the first step that it fits; the steps are filled by the oldest that go together. An event is part of
 * one match, but for one that stays: it goes into a match with all that it goes together with.
 */
export function all(steps: readonly Step[], withinMs: number, keep: number): Form {
  return (memo, event) => {
    memo.attempts = memo.attempts.filter((one) => stays(steps, one) || event.at - one.at < withinMs);
    const own: Candidate = { at: event.at, values: event.values, attempt: undefined };
    for (const [i, step] of steps.entries()) {
      if (!step.where.could({ [EVENT]: event.values })) continue;
      const candidates = steps.map((_, k) => (k === i ? [own] : waiting(memo.attempts, event.key, k)));
      const [first] = combinations(steps, candidates, withinMs, 1);
      if (first === undefined) continue;
      // What is used up stands; what stays goes round.
      const round = candidates.map((list, k) => (steps[k]!.stays && k !== i ? list : [first[k]!]));
      const found = combinations(steps, round, withinMs, MOST_AT_ONCE);
      const used = new Set(first.map(({ attempt }) => attempt));
      memo.attempts = memo.attempts.filter((one) => !used.has(one) || stays(steps, one));
      if (step.stays) put(memo, memo.attempts, kept(event, i, step), keep);
      return found.map((chosen) => matchOf(event, steps, chosen));
    }
    const step = steps.findIndex(({ where }) => where.could({ [EVENT]: event.values }));
    if (step >= 0) put(memo, memo.attempts, kept(event, step, steps[step]!), keep);
    return [];
  };
}

const stays = (steps: readonly Step[], { done: [step] }: Attempt): boolean => steps[step!]!.stays;

const waiting = (attempts: readonly Attempt[], key: string, step: number): Candidate[] =>
  attempts.filter((one) => one.key === key && one.done[0] === step).map((one) => ({ at: one.at, values: one.bound[EVENT]!, attempt: one }));

const kept = ({ at, key, values }: Happening, no: number, step: Step): Attempt => ({
  key,
  at,
  last: at,
  due: null,
  done: [no],
  events: [],
  bound: { [EVENT]: keptOf(values, step) },
});

/** The ways to fill all steps, the oldest events first, at most `most` of them. */
function combinations(
  steps: readonly Step[],
  candidates: readonly (readonly Candidate[])[],
  withinMs: number,
  most: number,
): Candidate[][] {
  const found: Candidate[][] = [];
  let tries = 0;
  const fill = (chosen: readonly Candidate[], bound: Bound, from: number, to: number): void => {
    const k = chosen.length;
    const step = steps[k];
    if (step === undefined) {
      found.push([...chosen]);
      return;
    }
    for (const candidate of candidates[k]!) {
      if (found.length >= most || ++tries > MOST_TRIES) return;
      const [first, last] = step.stays ? [from, to] : [Math.min(from, candidate.at), Math.max(to, candidate.at)];
      if (last - first >= withinMs || !step.where.holds({ ...bound, [EVENT]: candidate.values })) continue;
      fill([...chosen, candidate], step.name === undefined ? bound : { ...bound, [step.name]: candidate.values }, first, last);
    }
  };
  fill([], {}, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  return found;
}

/** It was complete when the last of its events was; how old a state is does not matter. */
function matchOf({ at, key, values }: Happening, steps: readonly Step[], chosen: readonly Candidate[]): Match {
  const bound: Bound = { [EVENT]: values };
  for (const [i, { name }] of steps.entries()) if (name !== undefined) bound[name] = chosen[i]!.values;
  return { at: chosen.reduce((time, one, i) => (steps[i]!.stays ? time : Math.max(time, one.at)), at), key, bound };
}
