/** What is: the answer to `status`, made from the state alone, so that a folder can be asked like a running manager. */

import { reversalsNow } from '../analyze/explain-oscillation.ts';
import { type AdviceRow, pendingAdvice } from '../knowledge/advice.ts';
import type { ElementType } from '../knowledge/blueprint.ts';
import type { Derived } from '../knowledge/derived.ts';
import { isFrozen } from '../knowledge/oscillation.ts';
import { subjectText } from '../knowledge/own.ts';
import type { ElementRow, State } from '../knowledge/state.ts';
import { isDrawn, policyOn, rowOf, type TrialRow, unitOf } from '../knowledge/trials.ts';
import { known, Turn } from '../knowledge/turn.ts';
import type { PauseScope, Value } from '../messages.ts';
import { heldBy, preview } from '../plan/preview.ts';

import { type VersionView, versionViews } from './versions.ts';

export interface ReadingView {
  readonly value: Value | null;
  /** How old the measurement is; null for what nobody measures: a setting. */
  readonly ageMs: number | null;
  /** Why there is no value. */
  readonly why?: string;
  readonly unit?: string;
}

export interface ElementView {
  readonly id: string;
  readonly type: string;
  readonly readings: Readonly<Record<string, ReadingView>>;
}

export interface SymptomView {
  readonly policy: string;
  readonly element: string;
  readonly since: number;
  /** The gate that holds it back now, or the rule by which it loses; null: nothing does. */
  readonly heldBy: string | null;
  readonly reason: string | null;
  /** The command, policy or budget that it loses to. */
  readonly winner?: string;
}

export interface CommandView {
  readonly id: string;
  readonly policy: string;
  readonly element: string;
  readonly command: string;
  readonly params: Readonly<Record<string, Value>>;
  /** `sent`: without outcome so far. `settling`: succeeded, its effect is awaited. */
  readonly state: 'sent' | 'settling';
  readonly issuedAt: number;
  /** The deadline of its outcome, or of its effect. */
  readonly until: number | null;
}

/** What a person is asked, or has approved and waits for the gates. */
export interface AdviceView {
  readonly id: string;
  readonly state: 'open' | 'approved';
  readonly policy: string;
  readonly element: string;
  readonly target: string;
  readonly command: string;
  readonly params: Readonly<Record<string, Value>>;
  readonly why: string | null;
  /** The facts as they were when it was asked. */
  readonly facts: Readonly<Record<string, Value>>;
  /** The comparisons that were true then, in words. */
  readonly conditions: readonly string[];
  /** What would be done next if its effect were missed: approved with it. */
  readonly follows: readonly string[];
  readonly askedAt: number;
  readonly until: number | null;
  /** What happens without an answer. */
  readonly otherwise: 'drop' | 'act';
  readonly author: string | null;
  readonly reason: string | null;
}

export interface TuningView {
  /** Such as `the set-point limit of add-server-when-slow`. */
  readonly what: string;
  readonly value: Value;
  readonly policy: string;
  readonly element: string;
  readonly since: number;
  /** It lasts as long as the symptom of that policy there. */
  readonly while: boolean;
}

/** Commands that undo each other. */
export interface OscillationView {
  readonly element: string;
  /** What they move to and fro: a property, two commands that contradict each other, or a part of Homeostat. */
  readonly what: string;
  /** The two policies; one, if it undoes what it did itself. */
  readonly policies: readonly string[];
  readonly since: number;
  /** Within the window that ends now. */
  readonly reversals: number;
  /** Until when both are held there; null: they are not. */
  readonly frozenUntil: number | null;
}

export interface CanaryView {
  readonly file: string;
  readonly of: string;
  readonly version: string;
  readonly is: TrialRow['phase'];
  readonly since: number;
  /** When it is promoted, if nothing speaks against it; null: it does not run. */
  readonly until: number | null;
  /** Why it was withdrawn, or why its promotion waits. */
  readonly reason: string | null;
  /** The topmost elements that were drawn: the first of them, and how many. */
  readonly elements: readonly string[];
  readonly drawn: number;
}

export interface StatusView {
  readonly now: number;
  readonly step: number;
  readonly domain: string;
  readonly mode: string;
  readonly elements: readonly ElementView[];
  /** Elements that fit and are not listed, because of the limit. */
  readonly elementsLeftOut: number;
  readonly policies: number;
  /** The files that they are from, with the version of each. */
  readonly versions: readonly VersionView[];
  /** New versions that are tried, or were, on a share of the elements. */
  readonly canaries: readonly CanaryView[];
  /** Open ones first. */
  readonly advice: readonly AdviceView[];
  readonly symptoms: readonly SymptomView[];
  readonly commands: readonly CommandView[];
  /** `element.property` of each input that has had no value since the start. */
  readonly neverSeen: readonly string[];
  /** Those that fail. */
  readonly probes: readonly { readonly probe: string; readonly element: string; readonly reason: string; readonly since: number }[];
  readonly pauses: readonly {
    readonly name: string;
    readonly scope: PauseScope;
    readonly reason: string;
    readonly author: string;
    readonly since: number;
    readonly until: number | null;
    /** How often a symptom came to be held back by it, or a command was withheld. */
    readonly held: number;
  }[];
  readonly setAside: readonly { readonly policy: string; readonly version: string; readonly reason: string; readonly since: number }[];
  readonly breakers: readonly {
    readonly policy: string;
    readonly element: string;
    readonly misses: number;
    /** When one command is let through; null: not before a person resumes it. */
    readonly probeAt: number | null;
  }[];
  readonly oscillations: readonly OscillationView[];
  /** What policies have set of Homeostat's own parts. */
  readonly tunings: readonly TuningView[];
  readonly counters: Readonly<Record<string, number>>;
}

export interface StatusQuery {
  readonly now: number;
  /** When the manager was started; an input without a value since then was never seen. */
  readonly startedAt: number;
  /** Only this element and those below it. */
  readonly element?: string | undefined;
  /** Elements that are listed. */
  readonly limit: number;
}

export function statusOf(state: State, derived: Derived, query: StatusQuery): StatusView {
  const { now, element, startedAt } = query;
  const { setup, policies, challengers } = derived.blueprint;
  const covers = (id: string) => element === undefined || id === element || id.startsWith(`${element}/`);
  const rows = [...state.elements.rows()].filter((row) => covers(row.key));
  const typeOf = (row: ElementRow) => derived.blueprint.types.get(row.document.type);
  return {
    now,
    step: state.position.step,
    domain: setup.domain,
    mode: setup.mode,
    elements: rows.slice(0, query.limit).map((row) => elementView(state, row, typeOf(row), now)),
    elementsLeftOut: Math.max(0, rows.length - query.limit),
    policies: policies.size,
    versions: versionViews(state).filter(({ until }) => until === null),
    canaries: canaryViews(state, derived),
    advice: adviceViews(state).filter((advice) => covers(advice.element) || covers(advice.target)),
    symptoms: symptomViews(state, derived, now).filter((symptom) => covers(symptom.element)),
    commands: [...state.commands.rows()]
      .filter((row) => covers(row.element))
      .map(({ key, policy, element, command, params, phase, issuedAt, deadlineAt, effectBy }) => ({
        id: key,
        policy,
        element,
        command,
        params,
        state: phase,
        issuedAt,
        until: phase === 'sent' ? deadlineAt : effectBy,
      })),
    neverSeen: rows.flatMap((row) =>
      inputsOf(row, typeOf(row))
        .filter((property) => (state.series.get(`${row.key}\t${property}`)?.last ?? -1) < startedAt)
        .map((property) => `${row.key}.${property}`),
    ),
    probes: [...state.probes.rows()]
      .filter((row) => row.state === 'failing')
      .map(({ key, reason, since }) => ({
        probe: key.slice(0, key.indexOf('\t')),
        element: key.slice(key.indexOf('\t') + 1),
        reason,
        since,
      })),
    pauses: [...state.pauses.rows()].map(({ key, scope, reason, author, since, until, held = 0 }) => ({
      name: key,
      scope,
      reason,
      author,
      since,
      until,
      held,
    })),
    setAside: [...state.aside.rows()]
      .map(({ key, ...row }) => ({ policy: key.split('\t')[0]!, ...row }))
      .filter((row) => [policies, challengers].some((all) => all.get(row.policy)?.source.version === row.version)),
    breakers: [...state.symptoms.rows()]
      .filter((row) => row.broken)
      .map(({ key, policy, element, misses }) => {
        const probeAfterMs = policyOn(state, derived.blueprint, policy, element)?.pace.probeAfterMs ?? null;
        const openedAt = state.breakers.get(key)?.openedAt;
        return { policy, element, misses, probeAt: openedAt === undefined || probeAfterMs === null ? null : openedAt + probeAfterMs };
      }),
    oscillations: oscillationViews(state, derived, now).filter((one) => covers(one.element)),
    tunings: [...state.tunings.rows()].map((row) => ({ what: subjectText(row), ...row.layers.at(-1)! })),
    counters: Object.fromEntries([...state.counters.rows()].map(({ key, count }) => [key, count])),
  };
}

function oscillationViews(state: State, derived: Derived, now: number): OscillationView[] {
  const turn = new Turn(state, derived, now, state.position.step);
  return [...state.oscillations.rows()].flatMap(({ key: element, watched }) =>
    watched.flatMap((one): OscillationView[] => {
      if (one.swinging === null) return [];
      const { policies, since, frozenUntil } = one.swinging;
      const until = isFrozen(one, now) ? frozenUntil : null;
      return [{ element, what: one.what, policies, since, reversals: reversalsNow(one, turn).reversals.length, frozenUntil: until }];
    }),
  );
}

/** Elements of a canary that are listed. */
const CANARY_LISTED = 20;

const canaryViews = (state: State, { blueprint }: Derived): CanaryView[] =>
  blueprint.trials.flatMap((trial) => {
    const row = rowOf(state, trial);
    if (row === undefined) return [];
    const drawn = state.elements.keys().filter((id) => unitOf(state, trial, id)?.key === id && isDrawn(state, trial, row.lowest, id));
    const { version, phase, since, until, reason } = row;
    const { called: file, successor } = trial.set;
    const elements = drawn.slice(0, CANARY_LISTED);
    return [{ file, of: successor!.of, version, is: phase, since, until, reason, elements, drawn: drawn.length }];
  });

export const adviceViews = (state: State): AdviceView[] => pendingAdvice(state).map(adviceView);

const adviceView = ({
  key: _key,
  version: _version,
  action: _action,
  phase,
  answeredAt: _at,
  answeredStep: _step,
  ...row
}: AdviceRow): AdviceView => ({
  ...row,
  state: phase === 'open' ? 'open' : 'approved',
});

function elementView(state: State, row: ElementRow, type: ElementType | undefined, now: number): ElementView {
  const prefix = `${row.key}\t`;
  const readings = state.readingKeys(row.key).map((key) => {
    const name = key.slice(prefix.length);
    const reading = state.readings.get(key)!;
    const unit = type?.properties.get(name)?.unit;
    const view: ReadingView = {
      value: known(reading) ?? null,
      ageMs: isSetting(state, row, type, name) ? null : now - reading.time,
      ...(reading.why === null ? {} : { why: reading.why }),
      ...(unit === undefined ? {} : { unit }),
    };
    return [name, view] as const;
  });
  return { id: row.key, type: row.document.type, readings: Object.fromEntries(readings) };
}

/** Whether a property was given and never measured. */
function isSetting(state: State, row: ElementRow, type: ElementType | undefined, name: string): boolean {
  const given = row.document.properties?.[name] !== undefined || type?.properties.get(name)?.initial !== undefined;
  return given && state.series.get(`${row.key}\t${name}`) === undefined;
}

function symptomViews(state: State, derived: Derived, now: number): SymptomView[] {
  const prospects = preview(new Turn(state, derived, now, state.position.step));
  return [...derived.raised].sort().flatMap((key) => {
    const symptom = state.symptoms.get(key);
    if (symptom === undefined) return [];
    const held = (prospects.get(key) ?? []).map(heldBy).find((hold) => hold !== undefined);
    const { policy, element, trueSince } = symptom;
    return [
      {
        policy,
        element,
        since: trueSince ?? now,
        heldBy: held?.gate ?? null,
        reason: held?.reason ?? null,
        ...(held?.winner === undefined ? {} : { winner: held.winner }),
      },
    ];
  });
}

/** The series that are to be measured: all that gauges read, without what the configuration itself gives. */
function inputsOf(row: ElementRow, type: ElementType | undefined): string[] {
  return [...(type?.series.keys() ?? [])]
    .filter((name) => row.document.properties?.[name] === undefined && type?.properties.get(name)?.initial === undefined)
    .sort();
}
