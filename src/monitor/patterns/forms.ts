/** The forms of a pattern: what an event begins, carries on, completes or ends. How a match is told is not their matter. */
import { type Attempt, type Bound, type Happening, type Match, type PatternMemo, put, type Values } from './memo.ts';
import { EVENT, type Where } from './where.ts';

/** One event that a pattern asks for. */
export interface Step {
  /** Its name for the steps after it. */
  readonly name: string | undefined;
  readonly where: Where;
  /** It is a state more than a happening: it stays, and may be part of many matches. */
  readonly stays: boolean;
  /** The parts of its event that are needed later. */
  readonly keeps: readonly string[];
}

/** Takes an event in, and says which matches it completes. Attempts that have run out by then are gone already. */
export type Form = (memo: PatternMemo, event: Happening) => Match[];

/** What all forms know: how far apart the events of a match may be, and how much may be kept. */
export interface Bounds {
  readonly withinMs: number;
  readonly keep: number;
}

export const keptOf = (values: Values, { keeps }: Step): Values =>
  Object.fromEntries(keeps.filter((path) => Object.hasOwn(values, path)).map((path) => [path, values[path]!]));

/** The events of an attempt with one more in hand. */
const inHand = (bound: Bound, values: Values): Bound => ({ ...bound, [EVENT]: values });

const named = (bound: Bound, step: Step, values: Values): Bound =>
  step.name === undefined ? bound : { ...bound, [step.name]: keptOf(values, step) };

/** The event that a wait begins with is what there is in hand if nothing comes. */
const first = (step: Step, values: Values): Bound => named({ [EVENT]: keptOf(values, step) }, step, values);

const begun = (event: Happening, step: number, due: number | null, bound: Bound): Attempt => ({
  key: event.key,
  at: event.at,
  last: event.at,
  due,
  done: [step],
  events: [],
  bound,
});

/** An event that fits one of these steps is a match; the first that it fits names it. */
export function anyOf(steps: readonly Step[]): Form {
  return (_memo, { at, key, values }) => {
    const step = steps.find(({ where }) => where.holds({ [EVENT]: values }));
    return step === undefined ? [] : [{ at, key, bound: inHand(named({}, step, values), values) }];
  };
}

/** The events of all steps, one after the other. */
export function sequence(steps: readonly Step[], { withinMs, keep }: Bounds): Form {
  return (memo, event) => {
    const { at, key, values } = event;
    memo.attempts = memo.attempts.filter((one) => at - one.at < withinMs);
    const next = memo.attempts.filter(
      (one) => one.key === key && at >= one.last && steps[one.done.length]!.where.holds(inHand(one.bound, values)),
    );
    const complete = next.find(({ done }) => done.length === steps.length - 1);
    if (complete !== undefined) {
      memo.attempts = memo.attempts.filter(({ events }) => !events.some((id) => complete.events.includes(id)));
      return [{ at, key, bound: inHand(named(complete.bound, steps.at(-1)!, values), values) }];
    }
    const id = memo.events;
    for (const one of next) {
      // The last event of another attempt is no event of this one: what it completes, an older attempt has.
      one.bound = named(one.bound, steps[one.done.length]!, values);
      one.done.push(one.done.length);
      one.events.push(id);
      one.last = at;
    }
    const begins = steps[0]!.where.holds({ [EVENT]: values });
    if (begins) put(memo, memo.attempts, { ...begun(event, 0, null, named({}, steps[0]!, values)), events: [id] }, keep);
    if (begins || next.length > 0) memo.events++;
    return [];
  };
}

/** Only a part came in time: it begins with the first event that fits a step, and is a match unless all have come when the time is over. */
export function notAll(steps: readonly Step[], { withinMs, keep }: Bounds): Form {
  return (memo, event) => {
    const { at, key, values } = event;
    const wait = memo.attempts.find((one) => one.key === key);
    const fits = (bound: Bound, done: readonly number[]) =>
      steps.findIndex(({ where }, i) => !done.includes(i) && where.holds(inHand(bound, values)));
    const step = fits(wait?.bound ?? {}, wait?.done ?? []);
    if (step < 0) return [];
    if (wait === undefined) {
      if (steps.length > 1) put(memo, memo.attempts, begun(event, step, at + withinMs, first(steps[step]!, values)), keep);
      return [];
    }
    wait.bound = named(wait.bound, steps[step]!, values);
    wait.done.push(step);
    wait.last = Math.max(wait.last, at);
    if (wait.done.length === steps.length) memo.attempts = memo.attempts.filter((one) => one !== wait);
    return [];
  };
}

/** None came for a time since the last one, or since one of another sort. */
export function absence(awaited: Step, after: Step | undefined, { withinMs, keep }: Bounds): Form {
  return (memo, event) => {
    const { at, key, values } = event;
    memo.attempts = memo.attempts.filter((one) => one.key !== key || at < one.at || !awaited.where.holds(inHand(one.bound, values)));
    const begins = after ?? awaited;
    if (begins.where.holds({ [EVENT]: values })) put(memo, memo.attempts, begun(event, 0, at + withinMs, first(begins, values)), keep);
    return [];
  };
}

/** So many within a window; they are used up by their match. */
export function count(step: Step, atLeast: number, { withinMs, keep }: Bounds): Form {
  return (memo, event) => {
    const { at, key, values } = event;
    if (!step.where.holds({ [EVENT]: values })) return [];
    memo.attempts = memo.attempts.filter((one) => at - one.at < withinMs);
    const others = memo.attempts.filter((one) => one.key === key);
    const newest = others.reduce((time, one) => Math.max(time, one.at), at);
    const together = others.filter((one) => newest - one.at < withinMs);
    if (newest - at >= withinMs) return [];
    if (together.length + 1 < atLeast) {
      put(memo, memo.attempts, begun(event, 0, null, {}), keep);
      return [];
    }
    memo.attempts = memo.attempts.filter((one) => !together.includes(one));
    return [{ at: newest, key, bound: inHand(named({}, step, values), values) }];
  };
}
