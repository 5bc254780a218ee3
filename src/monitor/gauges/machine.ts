/** A state machine: it goes from state to state on conditions over other readings, or after a time. Its reading is the name of its state. */

import { Type } from '../../documents/schema.ts';
import { Duration, formatMs } from '../../duration.ts';
import { HomeostatError } from '../../errors.ts';
import { compileExpression, type Expression, MAX_EXPRESSION_LENGTH } from '../../expression.ts';
import { nearest } from '../../suggest.ts';
import type { GaugeKind, Lookup, Memo } from './gauge.ts';
import { spanMs } from './spans.ts';
import { closed } from './windowed.ts';

interface TransitionOptions {
  readonly to: string;
  readonly when?: string;
  readonly after?: string;
}

interface Options {
  readonly initial: string;
  readonly states: Readonly<Record<string, readonly TransitionOptions[]>>;
}

type MachineMemo = Memo & {
  state: string;
  /** Since when it is in that state. */
  since: number;
  /** The state before, and what led here; null: it is where it began. */
  from: string | null;
  by: string | null;
};

interface Transition {
  readonly to: string;
  readonly when: Expression | undefined;
  readonly afterMs: number;
  /** In the words of its file. */
  readonly by: string;
}

type States = ReadonlyMap<string, readonly Transition[]>;

const MOST_STATES = 100;
const StateName = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]*$', maxLength: 100 });

const Transition = Type.Object(
  {
    to: { ...StateName, description: 'the state that it leads to' },
    when: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_EXPRESSION_LENGTH,
        description: 'CEL over facts, such as errors > 3; unknown is not true',
      }),
    ),
    after: Type.Optional(Type.Unsafe<string>({ ...Duration, description: 'how long it must have been in the state' })),
  },
  closed,
);

export const machine: GaugeKind<Options> = {
  kind: 'machine',
  description: 'the name of the state that a state machine is in',
  options: Type.Object(
    {
      initial: { ...StateName, description: 'the state that it begins in' },
      states: Type.Unsafe<Options['states']>({
        type: 'object',
        minProperties: 1,
        maxProperties: MOST_STATES,
        propertyNames: StateName,
        additionalProperties: Type.Array(Transition, { maxItems: MOST_STATES }),
        description: 'the ways out of each state, the first that is open is taken; [] for a state that is the end',
      } as never),
    },
    closed,
  ),
  create: ({ initial, states: written }) => {
    const states = statesOf(written, initial);
    const facts = [...new Set([...states.values()].flat().flatMap(({ when }) => when?.facts ?? []))].sort();
    return {
      over: 'series',
      tellsSilence: true,
      start: (createdAt): MachineMemo => ({ state: initial, since: createdAt, from: null, by: null }),
      facts,
      sense: (memo, lookup, now) => move(states, memo as MachineMemo, lookup, now),
      read: (memo, _window, now) => {
        const { state, since } = memo as MachineMemo;
        const dues = states.get(state)!.map(({ afterMs }) => since + afterMs);
        const next = Math.min(...dues.filter((due) => due > now));
        return { value: state, ...(next === Number.POSITIVE_INFINITY ? {} : { nextAt: next }) };
      },
      tells: (memo, now) => told(memo as MachineMemo, now),
    };
  },
};

/** @throws HomeostatError H007 for a state that is not there, or that nothing leads to; H107 for a wrong expression */
function statesOf(written: Options['states'], initial: string): States {
  const names = Object.keys(written);
  const known = (name: string, place: string): void => {
    if (!names.includes(name))
      throw new HomeostatError(
        'H007',
        `machine: ${place}: there is no state "${name}"${nearest(name, names) || `; known: ${names.join(', ')}`}`,
      );
  };
  known(initial, 'initial');
  const states = new Map<string, readonly Transition[]>();
  for (const [name, ways] of Object.entries(written)) {
    states.set(
      name,
      ways.map(({ to, when, after }, i) => {
        const place = `states/${name}/${i}`;
        known(to, `${place}/to`);
        if (when === undefined && after === undefined)
          throw new HomeostatError('H007', `machine: ${place}: a way out needs "when" or "after", or both`);
        const by = [...(when === undefined ? [] : [when]), ...(after === undefined ? [] : [`after ${after}`])].join(', ');
        return {
          to,
          by,
          when: when === undefined ? undefined : compileExpression(when),
          afterMs: after === undefined ? 0 : spanMs(`machine: ${place}/after`, after),
        };
      }),
    );
  }
  const reached = new Set([initial]);
  for (const name of reached) for (const { to } of states.get(name)!) reached.add(to);
  const lost = names.find((name) => !reached.has(name));
  if (lost !== undefined)
    throw new HomeostatError('H007', `machine: states/${lost}: nothing leads to it from "${initial}"; add a way, or remove it`);
  return states;
}

/**
 * Takes the ways that are open now, at most as many as there are states: what goes round in a circle rests there until a fact changes. A time that
 * has passed is counted from when it was over, so that a step that comes late changes nothing in the times after it.
 */
function move(states: States, memo: MachineMemo, lookup: Lookup, now: number): void {
  for (let moves = 0; moves < states.size; moves++) {
    const ways = states.get(memo.state)!;
    const way = ways.find(
      ({ when, afterMs }) => memo.since + afterMs <= now && (when === undefined || when.evaluate(lookup).value === true),
    );
    if (way === undefined) return;
    memo.since = way.when === undefined ? memo.since + way.afterMs : now;
    memo.from = memo.state;
    memo.by = way.by;
    memo.state = way.to;
  }
}

/** How it came to be where it is, for `explain`. */
function told({ since, from, by }: MachineMemo, now: number): string {
  const time = formatMs(Math.max(0, now - since));
  return from === null ? `as it began, for ${time}` : `from ${from} by ${by}, for ${time}`;
}
