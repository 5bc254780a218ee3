/** What the manager file, `homeostat.json`, may say. See docs/manager-file.md. */

import { Duration } from '../duration.ts';
import { ElementDocument, ElementId, Name, Value } from '../messages.ts';
import { ApiDocument } from './api.ts';
import { Merge, PoolDocument } from './arbitration.ts';
import { HistoryDocument } from './history.ts';
import { IntakeDocument } from './intake.ts';
import { MqttDocument } from './mqtt.ts';
import { OscillationDocument } from './oscillation.ts';
import { CalendarDocument } from './pace.ts';
import { DeadZone, Mode, PolicyName, Scope } from './policy.ts';
import { Zone } from './raising.ts';
import { type Static, Type } from './schema.ts';
import { ServicesDocument } from './services.ts';
import { Silence } from './silence.ts';
import { PolicyFile } from './trial.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });

/** A thing with a kind: the options beside `kind` belong to the kind and are checked by its own schema. */
const GaugeDocument = Type.Intersect([Type.Object({ kind: Name }), Type.Record(Type.String(), Type.Unknown())]);
export type GaugeDocument = Readonly<{ kind: string } & Record<string, unknown>>;

export const PropertyDocument = Type.Object(
  {
    unit: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    stale: Type.Optional(
      Type.Union([Duration, Type.Literal('never')], {
        description: 'the age at which a reading is no longer known; three intervals of its source if not given',
      }),
    ),
    deadZone: Type.Optional(DeadZone),
    zones: Type.Optional(
      Type.Array(Zone, { minItems: 1, description: 'operating zones, which policies name; they must not overlap, and a gap is no zone' }),
    ),
    gauge: Type.Optional(Type.Unsafe<GaugeDocument>(GaugeDocument)),
    initial: Type.Optional(Value),
    silence: Type.Optional(Silence),
  },
  closed,
);
export type PropertyDocument = Readonly<Static<typeof PropertyDocument>>;

/** Which way a command pulls a property: with its number (`rises` with it, `falls` as it rises), or whenever it is carried out. */
export const Effect = Type.Union([Type.Literal('rises'), Type.Literal('falls')]);

const Bound = Type.Union([Type.Number(), Type.Object({ fact: Type.String() }, closed)]);

export const CommandDocument = Type.Object(
  {
    actuator: Type.Optional(described(Name, 'its name under actuators; "log" and "set" are always there')),
    operation: Type.Optional(Type.String({ description: 'what the actuator is asked to do; the name of the command if not given' })),
    resource: Type.Optional(
      described(
        Name,
        'what it sets: commands on one element with one resource exclude each other; the property, or the name of the command, if not given',
      ),
    ),
    property: Type.Optional(described(Name, 'the property that holds the current value of what it sets: makes `by` into `to`')),
    min: Type.Optional(Bound),
    max: Type.Optional(Bound),
    merge: Type.Optional(Merge),
    pool: Type.Optional(described(Name, 'the shared pool, under pools, that its number draws on')),
    effects: Type.Optional(Type.Record(Type.String(), Effect)),
    opposes: Type.Optional(Type.Array(Name, { description: 'commands that contradict this one' })),
    deadline: Type.Optional(Duration),
    idempotent: Type.Optional(Type.Boolean({ description: 'doing it twice is doing it once, so it may be retried' })),
    retries: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    backoff: Type.Optional(Duration),
    silence: Type.Optional(Silence),
  },
  closed,
);
export type CommandDocument = Readonly<Static<typeof CommandDocument>>;

export const TypeDocument = Type.Object(
  {
    description: Type.Optional(Type.String()),
    properties: Type.Optional(Type.Record(Type.String(), PropertyDocument)),
    commands: Type.Optional(Type.Record(Type.String(), CommandDocument)),
  },
  closed,
);
export type TypeDocument = Readonly<Static<typeof TypeDocument>>;

/** The place of what is at none, and of what every manager has. */
export const DEFAULT_PLACE = 'default';
export const At = described(Name, 'the place whose agent runs it; "default" if not given, and any other only with services');

/** One probe, or one for each element in its scope: in its options `{id}`, `{name}` and `{property}` stand for the element's. */
export const ProbeDocument = Type.Intersect([
  Type.Object({
    name: Name,
    kind: Name,
    element: Type.Optional(ElementId),
    scope: Type.Optional(Scope),
    every: Type.Optional(Duration),
    timeout: Type.Optional(Duration),
    jitter: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'share of the interval by which its start is spread' })),
    at: Type.Optional(At),
  }),
  Type.Record(Type.String(), Type.Unknown()),
]);
export type ProbeDocument = Readonly<{
  name: string;
  kind: string;
  element?: string;
  scope?: Scope;
  every?: string;
  timeout?: string;
  jitter?: number;
  at?: string;
}> &
  Readonly<Record<string, unknown>>;

export const ActuatorDocument = Type.Intersect([
  Type.Object({ kind: Name, at: Type.Optional(At) }),
  Type.Record(Type.String(), Type.Unknown()),
]);
export type ActuatorDocument = Readonly<{ kind: string; at?: string } & Record<string, unknown>>;

/** A cap on what may be done. `commands` per window, or the `share` of a type's elements acted on at once. */
export const BudgetDocument = Type.Object(
  {
    name: Name,
    scope: Type.Optional(
      Type.Object(
        {
          type: Type.Optional(Name),
          command: Type.Optional(Name),
          policy: Type.Optional(PolicyName),
          concern: Type.Optional(Name),
          labels: Type.Optional(Type.Record(Type.String(), Type.String())),
          direction: Type.Optional(
            Type.Union([Type.Literal('up'), Type.Literal('down')], {
              description: 'only commands that raise (up) or lower (down) their property; one that has none is up',
            }),
          ),
        },
        closed,
      ),
    ),
    commands: Type.Optional(Type.Integer({ minimum: 0 })),
    per: Type.Optional(Duration),
    share: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
  },
  closed,
);
export type BudgetDocument = Readonly<Static<typeof BudgetDocument>>;

const limit = (fallback: number, description: string) => Type.Optional(Type.Integer({ minimum: 1, default: fallback, description }));

export const LimitsDocument = Type.Object(
  {
    batch: limit(10_000, 'observations that one step takes in'),
    queue: limit(100_000, 'observations that wait for a step; over it they are coalesced per property'),
    signals: limit(100_000, 'signals that wait for a step; over it their senders are refused'),
    elements: limit(100_000, 'elements of a domain'),
    policies: limit(10_000, 'policies'),
    windowSamples: limit(100_000, 'samples that a window holds; over it the oldest leave early'),
    messageBytes: limit(1_000_000, 'bytes of one request to the API'),
    journalEntries: limit(1_000_000, 'entries that the journal keeps; over it the oldest are forgotten'),
    inputBytes: limit(200_000_000, 'bytes of inputs that are kept for replay; over it the older half is forgotten'),
    deadLetters: limit(100, 'dead letters of one step that are recorded in full; more are counted'),
  },
  closed,
);

export const ManagerDocument = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    domain: Type.Optional(described(Name, 'names the commands of this manager; the first part of the first element if not given')),
    folder: Type.Optional(
      Type.String({ description: 'where state, journal and history are kept; .homeostat beside this file if not given' }),
    ),
    mode: Type.Optional(Mode),
    types: Type.Record(Type.String(), TypeDocument),
    elements: Type.Optional(Type.Record(Type.String(), ElementDocument)),
    probes: Type.Optional(Type.Array(Type.Unsafe<ProbeDocument>(ProbeDocument))),
    actuators: Type.Optional(Type.Record(Type.String(), Type.Unsafe<ActuatorDocument>(ActuatorDocument))),
    policies: Type.Optional(Type.Array(PolicyFile, { description: 'files of policies, relative to this one' })),
    defaults: Type.Optional(Type.Object({ scope: Type.Optional(Scope) }, closed)),
    budgets: Type.Optional(Type.Array(BudgetDocument)),
    calendars: Type.Optional(
      Type.Record(Type.String(), CalendarDocument, { description: 'named days and spans, for the schedules of policies' }),
    ),
    pools: Type.Optional(Type.Record(Type.String(), PoolDocument, { description: 'what several elements share, by name' })),
    oscillation: Type.Optional(OscillationDocument),
    limits: Type.Optional(LimitsDocument),
    pace: Type.Optional(
      described(Duration, 'how far apart steps of telemetry begin at least, so that one takes what came meanwhile; signals never wait'),
    ),
    history: Type.Optional(HistoryDocument),
    intake: Type.Optional(IntakeDocument),
    mqtt: Type.Optional(MqttDocument),
    services: Type.Optional(ServicesDocument),
    api: Type.Optional(ApiDocument),
  },
  closed,
);
export type ManagerDocument = Readonly<Static<typeof ManagerDocument>>;
