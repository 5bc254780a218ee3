/** What a policies file may say. See docs/policies.md. */

import { Duration } from '../duration.ts';
import { Name, Value } from '../messages.ts';
import { ActionDocument, Expectation, Limit, RemedyDocument } from './action.ts';
import { Utility } from './arbitration.ts';
import type { ConditionDocument } from './condition.ts';
import { BreakerDocument, CooldownDocument, OwnBudget, RateDocument, ScheduleDocument, StabiliseDocument } from './pace.ts';
import { latchKeys, missingKeys, readingKeys } from './raising.ts';
import { type Static, Type } from './schema.ts';
import { Silence } from './silence.ts';

export { ActionDocument, Param } from './action.ts';
export { CONDITION_DEFINITION, type ConditionDocument } from './condition.ts';

const closed = { additionalProperties: false } as const;

/** Stands for `CONDITION_DEFINITION` until the schema is published: what is wrong inside, `parseCondition` says better. */
export const Condition = Type.Unsafe<ConditionDocument>({ type: 'object', title: 'condition' });

/** A band of a property within which nothing adapts. */
export const DeadZone = Type.Object({ low: Type.Number(), high: Type.Number() }, closed);

const PolicyDeadZone = Type.Object({ fact: Type.String(), low: Limit, high: Limit }, closed);

/** `act`: does it. `advise`: a person approves. `observe`: says what it would have done. */
export const Mode = Type.Union([Type.Literal('act'), Type.Literal('advise'), Type.Literal('observe')]);
export type Mode = Static<typeof Mode>;
/** From the most cautious to the boldest. */
export const MODES: readonly Mode[] = ['observe', 'advise', 'act'];

/** The more cautious of two modes: a manager that observes lets no policy act. */
export const cautious = (a: Mode, b: Mode): Mode => (MODES.indexOf(a) < MODES.indexOf(b) ? a : b);

export const AdviseDocument = Type.Object(
  {
    within: Type.Optional({ ...Duration, description: 'how long a person may answer, such as 10m; 1h if not given' }),
    otherwise: Type.Optional(
      Type.Union([Type.Literal('drop'), Type.Literal('act')], {
        description: 'without an answer: drop it (default), or act; a manager whose own mode is not act drops it in any case',
      }),
    ),
  },
  { ...closed, description: 'for a policy whose mode is advise: how a person is asked' },
);
export type AdviseDocument = Readonly<Static<typeof AdviseDocument>>;

export const Scope = Type.Object(
  { type: Type.Optional(Name), element: Type.Optional(Type.String()), labels: Type.Optional(Type.Record(Type.String(), Type.String())) },
  closed,
);
export type Scope = Readonly<Static<typeof Scope>>;

/** One level of a policy: what it says itself. The rest it shares with the others. */
export const LevelDocument = Type.Object(
  {
    level: Type.String({ ...Name, description: 'what it is called: the policy is then NAME:LEVEL' }),
    why: Type.Optional(Type.String({ description: 'the reason for this level' })),
    conditions: Condition,
    for: Type.Optional(Duration),
    ...latchKeys(Condition),
    cooldown: Type.Optional(CooldownDocument),
    actions: Type.Optional(Type.Array(ActionDocument, { minItems: 1 })),
    remedies: Type.Optional(Type.Array(RemedyDocument, { minItems: 1 })),
    expect: Type.Optional(Expectation),
  },
  closed,
);
export type LevelDocument = Readonly<Static<typeof LevelDocument>>;

/** Any text on one line: rules of json-rules-engine are called by whole sentences. */
export const PolicyName = Type.String({ pattern: '^[^\\u0000-\\u001f\\u007f]+$', maxLength: 200, description: 'a text on one line' });

export const PolicyDocument = Type.Object(
  {
    name: Type.Optional(PolicyName),
    why: Type.Optional(Type.String({ description: 'the reason for the policy, for the person who meets it at night' })),
    concern: Type.Optional(Name),
    scope: Type.Optional(Scope),
    priority: Type.Optional(Type.Integer({ minimum: 1, description: 'the higher one wins; 1 if not given' })),
    /** Absent where there are levels. */
    conditions: Type.Optional(Condition),
    allowEmpty: Type.Optional(
      Type.Boolean({ description: 'an empty "any" or "all" is true, as in json-rules-engine; an error if not given' }),
    ),
    mode: Type.Optional(Mode),
    silence: Type.Optional(Silence),
    advise: Type.Optional(AdviseDocument),
    for: Type.Optional(Duration),
    ...latchKeys(Condition),
    ...readingKeys,
    ...missingKeys(ActionDocument),
    deadZone: Type.Optional(PolicyDeadZone),
    cooldown: Type.Optional(CooldownDocument),
    stabilise: Type.Optional(StabiliseDocument),
    rate: Type.Optional(RateDocument),
    schedule: Type.Optional(ScheduleDocument),
    budget: Type.Optional(OwnBudget),
    breaker: Type.Optional(BreakerDocument),
    levels: Type.Optional(
      Type.Array(LevelDocument, {
        minItems: 1,
        description: 'in place of conditions and actions: levels of rising severity; while a higher one is raised, the lower ones wait',
      }),
    ),
    actions: Type.Optional(Type.Array(ActionDocument, { minItems: 1 })),
    remedies: Type.Optional(
      Type.Array(RemedyDocument, {
        minItems: 1,
        description: 'in place of actions: tried in turn, each if its guard holds, until one helps',
      }),
    ),
    rank: Type.Optional(
      Type.Literal('worked', { description: 'remedies are tried in the order of how often they had their effect on elements of the type' }),
    ),
    expect: Type.Optional(Expectation),
    together: Type.Optional(Type.Boolean({ description: 'all of its actions for one symptom are carried out, or none' })),
    utility: Type.Optional(Utility),
    suite: Type.Optional(Type.Unsafe<string>({ ...Name, description: 'policies that are switched on and off together, by switchSuite' })),
    setPoints: Type.Optional(
      Type.Record(Name, Value, {
        description: 'values by name that other policies may set; conditions, dead zone and parameters read them as the fact setPoint.NAME',
      }),
    ),
    event: Type.Optional(
      Type.Object(
        { type: Type.String(), params: Type.Optional(Type.Record(Type.String(), Type.Unknown())) },
        { description: 'of a plain json-rules-engine rule: its type is the command' },
      ),
    ),
  },
  closed,
);
export type PolicyDocument = Readonly<Static<typeof PolicyDocument>>;

export const PoliciesDocument = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    defaults: Type.Optional(Type.Object({ scope: Type.Optional(Scope), mode: Type.Optional(Mode) }, closed)),
    conditions: Type.Optional(Type.Record(Type.String(), Condition, { description: 'named conditions' })),
    policies: Type.Array(PolicyDocument),
  },
  closed,
);
export type PoliciesDocument = Readonly<Static<typeof PoliciesDocument>>;
