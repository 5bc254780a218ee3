/**
 * What travels through Homeostat: the data of the design's glossary, readonly. Each shape is written once, as a schema,
 * and its type is derived from it; `schemas/` publishes those that outsiders write.
 * Instants are whole milliseconds since 1970 (UTC), but for the time of an observation, which may have fractions; spans are milliseconds and say so
 * (`…Ms`).
 */
import { type Static, Type } from './documents/schema.ts';

const closed = { additionalProperties: false } as const;

/** The value of a property. Numbers are finite. */
export const Value = Type.Union([Type.Number(), Type.String(), Type.Boolean()]);
export type Value = Static<typeof Value>;

/** An element's id: a path of names. Its first part is the domain. ASCII, so that the order of strings is the order of bytes. */
export const ID_PATTERN = '^[A-Za-z0-9_:-][A-Za-z0-9_.:-]*(/[A-Za-z0-9_:-][A-Za-z0-9_.:-]*)*$';
export const ElementId = Type.String({ pattern: ID_PATTERN, maxLength: 200, description: 'a path of names, such as shop/server-3' });

/** The name of a property, policy, probe or the like. */
export const NAME_PATTERN = '^[A-Za-z0-9_:-]+$';
export const Name = Type.String({ pattern: NAME_PATTERN, maxLength: 100 });

/** One measured value. */
export const Observation = Type.Object(
  {
    element: ElementId,
    property: Name,
    value: Value,
    time: Type.Number({
      minimum: 0,
      description: 'when it was measured, ms since 1970; fractions tell apart what was measured within one',
    }),
    source: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'who measured it; the same source, property and time twice is one observation',
    }),
    everyMs: Type.Optional(
      Type.Integer({ minimum: 1, description: 'how often the source measures; three of these without a value make the property stale' }),
    ),
    coalesced: Type.Optional(
      Type.Integer({ minimum: 1, description: 'how many earlier values this one stands for, which were dropped on the way' }),
    ),
  },
  closed,
);
export type Observation = Readonly<Static<typeof Observation>>;

/** An element as it is created, by configuration or at run time. */
export const ElementDocument = Type.Object(
  {
    type: Name,
    properties: Type.Optional(Type.Record(Type.String(), Value, { description: 'what is known of it for good: settings, ports, limits' })),
    relations: Type.Optional(Type.Record(Type.String(), Type.Array(ElementId), { description: 'such as dependsOn' })),
    labels: Type.Optional(Type.Record(Type.String(), Type.String())),
    serviceClass: Type.Optional(Type.Union([Type.Literal('gold'), Type.Literal('silver'), Type.Literal('bronze')])),
  },
  closed,
);
export type ElementDocument = Readonly<Static<typeof ElementDocument>>;

/** What came of an attempt to carry out a command. `unknown`: neither the target nor its value could be asked. */
export type OutcomeStatus = 'succeeded' | 'failed' | 'timedOut' | 'unknown';

/** Which part of the system a pause holds; every field that is given must fit. An empty scope is everything. */
export const PauseScope = Type.Object(
  {
    element: Type.Optional(Type.String({ description: 'this element and those below it' })),
    type: Type.Optional(Type.String({ description: 'all elements of this type' })),
    policy: Type.Optional(Type.String()),
    labels: Type.Optional(
      Type.Record(Type.String(), Type.String(), { minProperties: 1, description: 'elements with all of these labels' }),
    ),
    concern: Type.Optional(Type.String({ description: 'policies of this concern' })),
    direction: Type.Optional(
      Type.Union([Type.Literal('up'), Type.Literal('down')], {
        description: 'only what would raise (up) or lower (down) its property; what has none is up',
      }),
    ),
  },
  closed,
);
export type PauseScope = Readonly<Static<typeof PauseScope>>;

/** The scope of the emergency stop. */
export const isEverything = (scope: PauseScope): boolean => Object.keys(scope).length === 0;

// ---- events: all that a step can take in ------------------------------------------------------------------------

/** Telemetry: many, may be late, may be dropped with a count. */
export interface ObservationEvent extends Observation {
  readonly kind: 'observation';
}

/** The manager file and its policies, at the first start and at each reload that changes them. */
export interface ConfiguredEvent {
  readonly kind: 'configured';
  /** The whole configuration as JSON text, so that a replay decides by what held then. */
  readonly document: string;
}

/** A manager has started on this state. Its term fences those before it. */
export interface StartedEvent {
  readonly kind: 'started';
  readonly wall: number;
}

/** The wall clock jumped against the manager's. Recorded; decides nothing (exact rule 1). */
export interface ClockJumpedEvent {
  readonly kind: 'clockJumped';
  readonly wall: number;
  readonly jumpMs: number;
}

export interface AppearedEvent {
  readonly kind: 'appeared';
  readonly element: string;
  readonly document: ElementDocument;
  readonly source: string;
}

export interface VanishedEvent {
  readonly kind: 'vanished';
  readonly element: string;
  readonly source: string;
}

/** A probe began to fail, or works again. Its properties grow stale by their age, and are never set to zero. */
export interface ProbeEvent {
  readonly kind: 'probe';
  readonly probe: string;
  readonly element: string;
  readonly state: 'failing' | 'working';
  readonly reason: string;
}

/** What an actuator says of a command. `observations` are the values that it read back. */
export interface OutcomeEvent {
  readonly kind: 'outcome';
  readonly command: string;
  readonly status: OutcomeStatus;
  readonly detail: string;
  readonly observations?: readonly Observation[];
  /** Elements that the command made or unmade; they change in the same step as the outcome. */
  readonly appeared?: readonly Omit<AppearedEvent, 'kind' | 'source'>[];
  readonly vanished?: readonly string[];
}

/** A command that was committed and will not be sent. What it took is released. */
export interface WithheldEvent {
  readonly kind: 'withheld';
  readonly command: string;
  /** `disagreement`: json-rules-engine does not confirm the firing; the policy is set aside. `paused`: the emergency stop came first. */
  readonly cause: 'disagreement' | 'paused';
  readonly detail: string;
  /** Whose firing was not confirmed, where a merged command serves several; that of the command if not given. */
  readonly policy?: string;
}

export interface PauseEvent {
  readonly kind: 'pause';
  readonly name: string;
  readonly scope: PauseScope;
  readonly reason: string;
  readonly author: string;
  /** When it ends by itself; null: never. */
  readonly until: number | null;
}

/** Ends pauses of the given scope, closes the breakers of its policies, and ends that they are frozen. */
export interface ResumeEvent {
  readonly kind: 'resume';
  readonly scope: PauseScope;
  readonly reason: string;
  readonly author: string;
}

/** A person's word about an advice. */
export interface AnsweredEvent {
  readonly kind: 'answered';
  /** The id of the advice. */
  readonly advice: string;
  readonly answer: 'approved' | 'rejected';
  readonly reason: string;
  readonly author: string;
}

/** A person has something changed: beside the event that changes it, so that the journal has who asked, with what right and from where. */
export interface AuditEvent {
  readonly kind: 'audit';
  /** What is done, such as `pause` or `reload`, and to what. */
  readonly action: string;
  readonly what: string;
  readonly author: string;
  /** The name of the token that opened the API; `signal` for one of the operating system. */
  readonly token: string;
  /** The address that it came from. */
  readonly from: string;
  /** Why, where it was said; else empty. */
  readonly reason: string;
}

/** Something that came in and could not be read as an event at all. */
export interface RejectedEvent {
  readonly kind: 'rejected';
  readonly source: string;
  readonly reason: string;
  /** The beginning of what came. */
  readonly excerpt: string;
}

/** Telemetry that was dropped or coalesced because a queue was full, since the last such event. */
export interface DroppedEvent {
  readonly kind: 'dropped';
  readonly observations: number;
  readonly reason: string;
}

/** Signals: few, never dropped, never queued behind telemetry. */
export type Signal =
  | ConfiguredEvent
  | StartedEvent
  | ClockJumpedEvent
  | AppearedEvent
  | VanishedEvent
  | ProbeEvent
  | OutcomeEvent
  | WithheldEvent
  | PauseEvent
  | ResumeEvent
  | AnsweredEvent
  | AuditEvent
  | RejectedEvent
  | DroppedEvent;

export type Event = ObservationEvent | Signal;

// ---- what a step gives out --------------------------------------------------------------------------------------

/** One order to one actuator. Its id is `domain.step.index`; a repeated id and value is the same command. */
export interface Command {
  readonly id: string;
  /** Grows with every start of a manager on this state: who comes with a lower one has been replaced. */
  readonly term: number;
  readonly policy: string;
  /** The element it acts on. */
  readonly element: string;
  readonly command: string;
  /** What it sets: commands on one element with one resource exclude each other. */
  readonly resource: string;
  readonly params: Readonly<Record<string, Value>>;
  readonly actuator: string;
  readonly issuedAt: number;
  readonly deadlineAt: number;
}

/** The facts of one firing, for the second evaluator to confirm. */
export interface Firing {
  readonly policy: string;
  readonly element: string;
  /** Ids of the commands that depend on it. */
  readonly commands: readonly string[];
  /** Each fact the conditions read, as it was; a fact that was unknown is absent. */
  readonly facts: Readonly<Record<string, Value>>;
  /** Why there is nothing to confirm: it is kept raised although its conditions are not true now. */
  readonly unconfirmed?: 'latched';
}

/** One entry of the journal: what was seen, decided, done and learned. `kind` names the sort; see docs/journal.md. */
export interface JournalEntry {
  readonly kind:
    | 'configured'
    | 'started'
    | 'clockJumped'
    | 'appeared'
    | 'vanished'
    | 'probe'
    | 'deadLetter'
    | 'dropped'
    | 'symptom'
    | 'missing'
    | 'held'
    | 'lost'
    | 'would'
    | 'advice'
    | 'command'
    | 'withheld'
    | 'outcome'
    | 'effect'
    | 'breaker'
    | 'oscillation'
    | 'remedy'
    | 'tuned'
    | 'setAside'
    | 'canary'
    | 'pause'
    | 'resume'
    | 'audit';
  readonly time: number;
  readonly step: number;
  readonly element?: string;
  readonly policy?: string;
  readonly command?: string;
  /** In words, with the numbers that count. */
  readonly text: string;
  /** The same as data. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A reading that a step changed, for the history. A null value: it became unknown. */
export interface ReadingChange {
  readonly element: string;
  readonly property: string;
  readonly value: Value | null;
  readonly time: number;
}
