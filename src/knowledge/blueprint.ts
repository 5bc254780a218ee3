/**
 * The configuration as the step uses it: types with their gauges, and policies with their conditions, compiled once and then only read.
 * What a step decides by is in here and in the state, and nowhere else.
 */
import type { Condition } from '../analyze/conditions.ts';
import type { TemporalWord } from '../analyze/temporal.ts';
import type { Limit } from '../documents/action.ts';
import type { PoolDocument } from '../documents/arbitration.ts';
import type { BudgetDocument, CommandDocument, TypeDocument } from '../documents/manager.ts';
import type { OscillationDocument } from '../documents/oscillation.ts';
import type { CalendarDocument } from '../documents/pace.ts';
import type { ConditionDocument, Mode, PolicyDocument, Scope } from '../documents/policy.ts';
import type { Zone } from '../documents/raising.ts';
import type { CanaryDocument } from '../documents/trial.ts';
import type { Expression } from '../expression.ts';
import type { ElementDocument, Value } from '../messages.ts';
import type { Gauge } from '../monitor/gauges/gauge.ts';
import type { Otherwise } from './advice.ts';
import type { Oscillation } from './oscillation.ts';
import type { Pace } from './pace.ts';
import type { Family, Raising } from './raising.ts';

/** One policy with the place it was written at. */
export interface PolicySource {
  readonly name: string;
  /** The file, as the manager file names it. */
  readonly file: string;
  readonly pointer: string;
  /** Seven hexadecimal digits of the hash of its text: another text is another version. */
  readonly version: string;
  readonly document: PolicyDocument;
  /** The named conditions of its file. */
  readonly named: Readonly<Record<string, ConditionDocument>>;
  /** Of a policy that was written as part of another. */
  readonly family?: Family;
}

/** A file of policies that the manager file names, and the version of what it says. */
export interface PolicySet {
  /** As its policies name it. */
  readonly file: string;
  /** As the manager file names it. */
  readonly called: string;
  /** Twelve hexadecimal digits of the hash of its policies. */
  readonly version: string;
  /** It is to follow another file; absent: it is simply in force. */
  readonly successor?: Successor;
}

/** How a file is tried that is to follow another. */
export type Successor = {
  /** The predecessor, as the manager file names it. */
  readonly of: string;
} & ({ readonly shadow: true } | { readonly canary: CanaryDocument });

/** A canary: two versions of a file, of which each decides about elements of its own. */
export interface Trial {
  readonly set: PolicySet;
  readonly canary: CanaryDocument;
  /** The file of the predecessor, as its policies name it. */
  readonly predecessor: string;
  /** The policy that says what must not be: where it holds for its `for`, the new version is withdrawn. It does nothing itself. */
  readonly guard: string;
  /** Of all policies of both versions: an element in one of these, none above which is in one, is drawn with all below it. */
  readonly scopes: readonly Scope[];
}

export interface Limits {
  readonly batch: number;
  readonly queue: number;
  readonly signals: number;
  readonly elements: number;
  readonly policies: number;
  readonly windowSamples: number;
  readonly messageBytes: number;
  readonly journalEntries: number;
  readonly inputBytes: number;
  readonly deadLetters: number;
}

/** All of the configuration that decides anything: what a `configured` event carries as text. */
export interface Setup {
  readonly domain: string;
  readonly mode: Mode;
  readonly types: Readonly<Record<string, TypeDocument>>;
  readonly elements: Readonly<Record<string, ElementDocument>>;
  readonly policies: readonly PolicySource[];
  /** The files that they are from; absent: that is not known here. */
  readonly sets?: readonly PolicySet[];
  readonly budgets: readonly BudgetDocument[];
  readonly calendars?: Readonly<Record<string, CalendarDocument>>;
  readonly pools?: Readonly<Record<string, PoolDocument>>;
  readonly oscillation?: OscillationDocument;
  readonly limits: Limits;
  /** Names of the probes, which the shell runs; absent: they are not known here. */
  readonly probes?: readonly string[];
}

/** How a property gets its readings. `constant`: only by configuration, `set` and outcomes. */
export type PropertySource =
  | { readonly kind: 'gauge'; readonly gauge: Gauge }
  /** A copy of a relative's property, so that matching never walks the model. */
  | { readonly kind: 'parent'; readonly of: string }
  | { readonly kind: 'element'; readonly element: string; readonly of: string }
  /** The answer to a question about another property of the element: has it changed lately, is it known. */
  | { readonly kind: 'question'; readonly of: string; readonly asks: TemporalWord; readonly withinMs: number };

export interface Property {
  readonly name: string;
  readonly unit: string | undefined;
  readonly source: PropertySource;
  /** Age at which a reading is stale; null: never; undefined: three intervals of its source. */
  readonly staleMs: number | null | undefined;
  readonly deadZone: { readonly low: number; readonly high: number } | undefined;
  /** Operating zones that it declares. */
  readonly zones?: readonly Zone[] | undefined;
  readonly initial: Value | undefined;
  /** Properties are refreshed by rising rank, so that each sees what it rests on. */
  readonly rank: number;
  /** Declared in the file, and not only implied by a fact that a policy names. */
  readonly declared: boolean;
}

export interface CommandType extends Readonly<CommandDocument> {
  readonly name: string;
  readonly resource: string;
  readonly operation: string;
  readonly actuator: string;
  readonly deadlineMs: number;
  readonly backoffMs: number;
}

/** What must be kept of an observed series, for all the gauges over it. */
export interface SeriesPlan {
  readonly gauges: readonly Property[];
  /** The longest window by time, and by count; 0: none. */
  readonly windowMs: number;
  readonly windowCount: number;
}

export interface ElementType {
  readonly name: string;
  readonly properties: ReadonlyMap<string, Property>;
  readonly commands: ReadonlyMap<string, CommandType>;
  readonly series: ReadonlyMap<string, SeriesPlan>;
  /** By property: those of the same element, of its parent and of its children that rest on it. */
  readonly ownDependents: ReadonlyMap<string, readonly Property[]>;
  /** By property of the parent: properties of this type that copy it. */
  readonly parentDependents: ReadonlyMap<string, readonly Property[]>;
  /** By property of a child: roll-ups of this type. */
  readonly childDependents: ReadonlyMap<string, readonly Property[]>;
  readonly rollups: readonly Property[];
  readonly policies: readonly Policy[];
}

/** Bounds of a parameter, and the steps it goes in. */
export interface Clamp {
  readonly min: Limit | undefined;
  readonly max: Limit | undefined;
  readonly step: number | undefined;
}

export type ParamSource = ({ readonly literal: Value } | { readonly fact: string } | { readonly expression: Expression }) & {
  readonly clamp?: Clamp;
};

export interface Action {
  readonly index: number;
  readonly command: string;
  readonly target: string;
  readonly params: Readonly<Record<string, ParamSource>>;
  /** Where it is written, in the file of its policy. */
  readonly pointer: string;
  /** In place of the policy's own: that of an escalation. */
  readonly priority?: number;
  /** What it sets of Homeostat's own parts lasts as long as the symptom is raised. */
  readonly while: boolean;
}

/** What a command should bring about, and what is done if it does not. */
export interface Expectation {
  readonly withinMs: number;
  readonly condition: Condition;
  readonly facts: readonly string[];
  /** All actions of `otherwise`, those of escalations and compensations included. */
  readonly otherwise: readonly Action[];
  /** How often the same command may be repeated before that, in one raise. */
  readonly retries: number;
  readonly rollBack: boolean;
  readonly on: readonly ('missed' | 'failed')[];
}

/** One of several things that may help. */
export interface Remedy {
  readonly name: string;
  readonly guard: Condition | undefined;
  /** Facts that the guard reads. */
  readonly facts: readonly string[];
  /** Some of its policy's actions, under the indices that they have there. */
  readonly actions: readonly Action[];
  /** Its own expectation, or that of its policy. */
  readonly expect: Expectation | undefined;
}

/** By what means a policy reaches what it wants, beyond a list of actions. */
export interface Means {
  readonly remedies: readonly Remedy[] | undefined;
  readonly byWorked: boolean;
  readonly suite: string | undefined;
  readonly setPoints: ReadonlyMap<string, Value> | undefined;
}

/** How long a person is asked, and what happens without an answer. */
export interface Advise {
  readonly withinMs: number;
  readonly otherwise: Otherwise;
}

/** How the proposals of a policy are arbitrated. */
export interface Arbitration {
  /** All of its actions for one symptom, or none. */
  readonly together: boolean;
  /** What one more unit of a pool is worth to it. */
  readonly utility?: ParamSource;
  /** Facts that its utility rests on. */
  readonly facts: readonly string[];
}

/** What several elements share. */
export interface Pool extends Readonly<PoolDocument> {
  readonly name: string;
  readonly unit: number;
  /** By type: the properties that say how much of it an element holds. */
  readonly holders: ReadonlyMap<string, readonly string[]>;
}

export interface Policy {
  readonly name: string;
  readonly source: PolicySource;
  readonly why: string | undefined;
  readonly concern: string | undefined;
  readonly scope: Scope;
  readonly priority: number;
  readonly mode: Mode;
  readonly condition: Condition;
  /** Facts that the conditions read. */
  readonly facts: readonly string[];
  /** The JSON pointers at which conditions name each fact. */
  readonly mentions: ReadonlyMap<string, readonly string[]>;
  /** Facts that anything in the policy reads. */
  readonly needs: readonly string[];
  readonly forMs: number;
  readonly cooldownMs: number | null;
  readonly deadZone: { readonly fact: string; readonly low: Limit; readonly high: Limit } | undefined;
  readonly breakerAfter: number | null;
  readonly advise: Advise;
  readonly pace: Pace;
  readonly arbitration: Arbitration;
  /** With remedies, those of all of them. */
  readonly actions: readonly Action[];
  /** How its symptom is raised and stays raised. */
  readonly raising: Raising;
  readonly expect: Expectation | undefined;
  readonly means: Means;
}

/** `version`: of a policy's own, that of the policy, where another version of it may have another. */
export type Budget = BudgetDocument & { readonly version?: string };

export interface Blueprint {
  readonly setup: Setup;
  readonly types: ReadonlyMap<string, ElementType>;
  readonly policies: ReadonlyMap<string, Policy>;
  /** Those of new versions that are tried as canaries. Where they decide, those of the same name in `policies` do not. */
  readonly challengers: ReadonlyMap<string, Policy>;
  readonly trials: readonly Trial[];
  /** By the file that policies name. */
  readonly sets: ReadonlyMap<string, PolicySet>;
  /** Those of the manager file, and the policies' own. */
  readonly budgets: readonly Budget[];
  /** How long it is remembered what was done to a target, ms; 0: no policy asks. */
  readonly targetMemoryMs: number;
  readonly pools: ReadonlyMap<string, Pool>;
  /** How commands that undo each other are watched for; undefined: not at all. */
  readonly oscillation: Oscillation | undefined;
  /** Names of properties on which others rest, of whatever element. */
  readonly restedOn: ReadonlySet<string>;
  /** By `element\tproperty`: types with properties that copy it from that element by its id. */
  readonly elementDependents: ReadonlyMap<string, readonly { readonly type: string; readonly property: Property }[]>;
}

/** Whether an element is in the scope of a policy or probe. */
export const inScope = (scope: Scope, id: string, document: ElementDocument): boolean =>
  (scope.type === undefined || scope.type === document.type) &&
  (scope.element === undefined || scope.element === id) &&
  (scope.labels === undefined || Object.entries(scope.labels).every(([name, value]) => document.labels?.[name] === value));
