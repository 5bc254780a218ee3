/** From the options of a gauge `pattern` to the gauge. */
import { formatMs } from '../../duration.ts';
import { HomeostatError } from '../../errors.ts';
import type { Value } from '../../messages.ts';
import type { SeriesGauge, WindowSample } from '../gauges/gauge.ts';
import { spanMs } from '../gauges/spans.ts';
import { absence, anyOf, count, type Form, notAll, type Step, sequence } from './forms.ts';
import { all } from './join.ts';
import { type Match, type PatternMemo, startMemo } from './memo.ts';
import { close, endsNext, type Throttle, throttled } from './throttle.ts';
import { reader, WHOLE } from './values.ts';
import { compileWhere, EVENT, type Part, partAt } from './where.ts';

export interface StepOptions {
  readonly as?: string;
  readonly where?: unknown;
  readonly stays?: boolean;
}

export interface PatternOptions {
  readonly of?: string;
  readonly event?: StepOptions;
  readonly any?: readonly StepOptions[];
  readonly all?: readonly StepOptions[];
  readonly sequence?: readonly StepOptions[];
  readonly notAll?: readonly StepOptions[];
  readonly absence?: StepOptions & { readonly after?: StepOptions };
  readonly count?: StepOptions & { readonly atLeast: number };
  readonly within?: string;
  readonly by?: readonly string[];
  readonly throttle?: { readonly pass: 'first' | 'last' | number; readonly within: string };
  readonly gives?: { readonly fact: string; readonly path?: string };
  readonly keep?: number;
}

const FORMS = ['event', 'any', 'all', 'sequence', 'notAll', 'absence', 'count'] as const;
type FormName = (typeof FORMS)[number];
/** Of these the time is the point, and must be said. */
const TIMED: readonly FormName[] = ['notAll', 'absence', 'count'];
const DEFAULT_WITHIN = '2h';
const DEFAULT_KEEP = 100;
/** For how long a lost value lowers the confidence where nothing is waited for. */
const LOSS_MS = 60_000;

const wrong = (message: string): HomeostatError => new HomeostatError('H007', `pattern: ${message}`);

/** A step with its place, before it is known what is needed of its event later. */
interface Draft {
  readonly place: string;
  readonly options: StepOptions;
}

/** The steps of a form, those first whose names others may use. */
function draftsOf(name: FormName, options: PatternOptions): readonly Draft[] {
  if (name === 'absence') {
    const { after, ...awaited } = options.absence!;
    return [...(after === undefined ? [] : [{ place: '/absence/after', options: after }]), { place: '/absence', options: awaited }];
  }
  const steps = options[name]!;
  return Array.isArray(steps)
    ? (steps as readonly StepOptions[]).map((step, i) => ({ place: `/${name}/${i}`, options: step }))
    : [{ place: `/${name}`, options: steps as StepOptions }];
}

/** @throws HomeostatError H007 for options that contradict each other, H102 to H122 for a wrong condition, expression or path */
export function compilePattern(options: PatternOptions): SeriesGauge {
  const given = FORMS.filter((form) => options[form] !== undefined);
  const [name] = given;
  if (name === undefined || given.length > 1) throw wrong(`it needs one of ${FORMS.join(', ')}; found ${given.join(' and ') || 'none'}`);
  if (TIMED.includes(name) && options.within === undefined) throw wrong(`"${name}" needs "within", such as "5m"`);
  if (options.within !== undefined && (name === 'event' || name === 'any'))
    throw wrong(`"within" means nothing beside "${name}", which is about single events`);
  const keep = options.keep ?? DEFAULT_KEEP;
  if (options.count !== undefined && options.count.atLeast > keep)
    throw wrong(`to count ${options.count.atLeast} events it must keep as many; let "keep" be ${options.count.atLeast} or more`);
  const withinMs = spanMs('within', options.within ?? DEFAULT_WITHIN);
  const steps = stepsOf(draftsOf(name, options), name, options.gives);
  const bounds = { withinMs, keep };
  const form = formOf(name, steps, options, bounds);
  const throttle = options.throttle && { pass: options.throttle.pass, withinMs: spanMs('throttle/within', options.throttle.within), keep };
  const gives: Part | undefined = options.gives && [options.gives.fact, options.gives.path ?? WHOLE];
  const by = options.by ?? [];
  const paths = [
    ...by,
    ...steps.flatMap(({ keeps, where }) => [...keeps, ...where.parts.filter(([of]) => of === EVENT).map(([, path]) => path)]),
  ];
  const waitMs = name === 'event' || name === 'any' ? (throttle?.withinMs ?? LOSS_MS) : withinMs;
  return gaugeOf(options.of, {
    form,
    throttle,
    gives,
    by,
    read: reader(paths),
    withinMs,
    waitMs,
    inTurn: name === 'sequence' || name === 'notAll' ? steps.length : 1,
  });
}

function stepsOf(drafts: readonly Draft[], form: FormName, gives: PatternOptions['gives']): readonly Step[] {
  const names: string[] = [];
  const read = drafts.map(({ place, options: { as, where } }) => {
    // Alternatives know nothing of each other.
    const compiled = compileWhere(where, form === 'any' ? [] : names, `${place}/where`);
    if (as === EVENT || (as !== undefined && names.includes(as))) throw wrong(`${place}/as: there is "${as}" already; take another name`);
    if (as !== undefined) names.push(as);
    return compiled;
  });
  if (gives !== undefined && ![EVENT, ...names].includes(gives.fact))
    throw wrong(`gives/fact: no step is named "${gives.fact}"; known: ${[EVENT, ...names].join(', ')}`);
  const needed: readonly Part[] = [
    ...read.flatMap(({ parts }) => parts),
    ...(gives === undefined ? [] : [[gives.fact, gives.path ?? WHOLE] as const]),
  ];
  const ofEvent = needed.slice(-1).filter(() => gives?.fact === EVENT);
  return drafts.map(({ options: { as, stays = false } }, i) => {
    // Those of a join are judged again when the others have come.
    const own = form === 'all' ? read[i]!.parts.filter(([name]) => name === EVENT) : [];
    const asked = needed.filter(([name]) => name === as);
    return { name: as, where: read[i]!, stays, keeps: [...new Set([...own, ...asked, ...ofEvent].map(([, path]) => path))] };
  });
}

function formOf(name: FormName, steps: readonly Step[], options: PatternOptions, bounds: { withinMs: number; keep: number }): Form {
  switch (name) {
    case 'event':
    case 'any':
      return anyOf(steps);
    case 'all':
      return all(steps, bounds.withinMs, bounds.keep);
    case 'sequence':
      return sequence(steps, bounds);
    case 'notAll':
      return notAll(steps, bounds);
    case 'absence':
      return absence(steps.at(-1)!, steps.length > 1 ? steps[0] : undefined, bounds);
    case 'count':
      return count(steps[0]!, options.count!.atLeast, bounds);
  }
}

/** What a compiled pattern does with its memo. */
interface Parts {
  readonly form: Form;
  readonly throttle: Throttle | undefined;
  readonly gives: Part | undefined;
  readonly by: readonly string[];
  readonly read: ReturnType<typeof reader>;
  readonly withinMs: number;
  /** For how long a lost value may have been one that was waited for. */
  readonly waitMs: number;
  /** How many steps an attempt has; 1 where it has none that are done one by one. */
  readonly inTurn: number;
}

function gaugeOf(of: string | undefined, parts: Parts): SeriesGauge {
  const { form, throttle, gives, by, read, withinMs, waitMs } = parts;
  const tell = (memo: PatternMemo, { at, key, bound }: Match): void => {
    const gave = gives === undefined ? undefined : partAt(bound, gives);
    const value: Value | null = typeof gave === 'number' || typeof gave === 'string' || typeof gave === 'boolean' ? gave : null;
    throttled(memo, throttle, at, key, value);
  };
  const advance = (memo: PatternMemo, to: number): void => {
    for (let at = nextDue(memo, throttle); at !== undefined && at <= to; at = nextDue(memo, throttle)) {
      const due = memo.attempts.filter((one) => one.due !== null && one.due <= at!);
      // A window is open up to its end, and not with it.
      if (throttle?.pass === 'last') close(memo, throttle, at);
      memo.attempts = memo.attempts.filter((one) => !due.includes(one));
      for (const one of due) tell(memo, { at, key: one.key, bound: one.bound });
    }
  };
  return {
    over: 'series',
    ...(of === undefined ? {} : { of }),
    tellsSilence: true,
    start: startMemo,
    observe: (memo, sample) => {
      const own = memo as PatternMemo;
      advance(own, sample.time);
      lose(own, sample, waitMs);
      const values = read(sample.value);
      if (!by.every((path) => Object.hasOwn(values, path))) return;
      const key = JSON.stringify(by.map((path) => values[path]));
      for (const match of form(own, { at: sample.time, key, values })) tell(own, match);
    },
    facts: [],
    sense: (memo, _lookup, now) => advance(memo as PatternMemo, now),
    restarted: (memo, now) => {
      for (const one of (memo as PatternMemo).attempts) if (one.due !== null) one.due = Math.max(one.due, now + withinMs);
    },
    read: (memo, _window, now) => {
      const { matches, gave, lost, seen, lostAt } = memo as PatternMemo;
      const value: Value | null = gives === undefined ? matches : gave;
      const due = nextDue(memo as PatternMemo, throttle);
      const unsure = lostAt !== null && now < lostAt + waitMs;
      const next = Math.min(due ?? Number.POSITIVE_INFINITY, unsure ? lostAt + waitMs : Number.POSITIVE_INFINITY);
      return {
        ...(value === null ? { why: matches === 0 ? 'nothing has matched yet' : 'the newest match has no such part' } : { value }),
        ...(unsure ? { confidence: seen / (seen + lost) } : {}),
        ...(next === Number.POSITIVE_INFINITY ? {} : { nextAt: next }),
      };
    },
    tells: (memo, now) => told(memo as PatternMemo, now, parts),
  };
}

/** When time alone changes something: a wait that is over, or a window that ends. */
function nextDue(memo: PatternMemo, throttle: Throttle | undefined): number | undefined {
  let next = endsNext(memo, throttle);
  for (const { due } of memo.attempts) if (due !== null && (next === undefined || due < next)) next = due;
  return next;
}

/** Values that were dropped on the way: what is waited for may have been among them, so that a wait proves nothing any more. */
function lose(memo: PatternMemo, { time, coalesced }: WindowSample, waitMs: number): void {
  if (memo.lostAt !== null && time - memo.lostAt >= waitMs) {
    memo.lostAt = null;
    memo.seen = 0;
    memo.lost = 0;
  }
  memo.seen++;
  if (coalesced === 0) return;
  memo.lost += coalesced;
  memo.lostAt = Math.max(memo.lostAt ?? time, time);
  memo.attempts = memo.attempts.filter(({ due }) => due === null);
}

/** How it stands, for `explain`. */
function told({ matches, at, attempts, pushedOut }: PatternMemo, now: number, { inTurn }: Parts): string {
  const begun = attempts.filter(({ key }, i) => attempts.findIndex((one) => one.key === key) === i).length;
  const best = attempts.reduce((most, { done }) => Math.max(most, done.length), 0);
  const due = attempts.reduce((least, one) => Math.min(least, one.due ?? Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
  return [
    matches === 0 || at === null ? 'no match yet' : `${matches} matched, the newest ${formatMs(Math.max(0, now - at))} ago`,
    ...(attempts.length === 0 ? [] : [`${attempts.length} kept in ${begun} ${begun === 1 ? 'group' : 'groups'}`]),
    ...(best > 0 && inTurn > 1 ? [`${best} of ${inTurn} steps at most`] : []),
    ...(due === Number.POSITIVE_INFINITY ? [] : [`the next time-out in ${formatMs(Math.max(0, due - now))}`]),
    ...(pushedOut === 0 ? [] : [`${pushedOut} went for want of room`]),
  ].join(', ');
}
