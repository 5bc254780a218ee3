/** How often and how fast a policy may act, as it is written. See docs/gates.md. */

import { Duration } from '../duration.ts';
import { Name } from '../messages.ts';
import { type Static, Type } from './schema.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });

export const CooldownDocument = Type.Union(
  [
    Duration,
    Type.Object(
      {
        for: Type.Optional(described(Duration, 'how long, whichever way the next command goes; or give up and down')),
        up: Type.Optional(described(Duration, 'how long before a command that raises its property, or that has none')),
        down: Type.Optional(described(Duration, 'how long before a command that lowers its property')),
        per: Type.Optional(
          Type.Union([Type.Literal('policy'), Type.Literal('target')], {
            description:
              'after what: a command of this policy for the element (policy), or of any policy on the same element and resource (target)',
          }),
        ),
      },
      closed,
    ),
  ],
  { description: 'how long it rests after a command' },
);
export type CooldownDocument = Readonly<Static<typeof CooldownDocument>>;

const Window = Type.Object(
  {
    over: described(Duration, 'how far back proposals count'),
    take: Type.Optional(
      Type.Union([Type.Literal('min'), Type.Literal('max')], {
        description: 'which of them is used; the smallest (min) upwards and the largest (max) downwards if not given',
      }),
    ),
  },
  closed,
);

export const StabiliseDocument = Type.Object(
  { up: Type.Optional(Window), down: Type.Optional(Window) },
  { ...closed, description: 'uses the most cautious of the recent proposals, by direction' },
);
export type StabiliseDocument = Readonly<Static<typeof StabiliseDocument>>;

const Allowance = Type.Object(
  {
    by: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'as a number' })),
    percent: Type.Optional(Type.Number({ exclusiveMinimum: 0, description: 'of the value at the beginning of the period' })),
    per: described(Duration, 'the period, which ends now'),
  },
  closed,
);

export const RateDocument = Type.Object(
  {
    up: Type.Optional(Type.Array(Allowance, { minItems: 1 })),
    down: Type.Optional(Type.Array(Allowance, { minItems: 1 })),
    select: Type.Optional(
      Type.Union([Type.Literal('max'), Type.Literal('min')], {
        description: 'of several: the one that allows most (max, if not given) or least (min)',
      }),
    ),
  },
  { ...closed, description: 'how much the value may change in a period' },
);
export type RateDocument = Readonly<Static<typeof RateDocument>>;

/** An instant with its offset, or a date: then it begins in the zone of the entry. */
const Instant = Type.String({
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})$',
  description: 'an instant with its offset, such as 2026-01-01T00:00Z or 2026-01-01T00:00+01:00',
});

const names = (description: string) => Type.Optional(Type.Array(Name, { minItems: 1, description }));
const Zone = Type.String({ description: 'a time zone of the IANA database, such as Europe/Berlin; UTC if not given' });

export const ScheduleEntry = Type.Object(
  {
    cron: Type.Optional(
      Type.String({ description: 'minute hour day month weekday: open in each minute that it matches, such as "* 8-17 * * MON-FRI"' }),
    ),
    zone: Type.Optional(Zone),
    on: names('open only on days and spans of one of these calendars'),
    notOn: names('not on days and spans of these calendars'),
    from: Type.Optional(Instant),
    until: Type.Optional(Instant),
    not: Type.Optional(Type.Boolean({ description: 'turns the whole entry round: open when it would be closed' })),
  },
  closed,
);
export type ScheduleEntry = Readonly<Static<typeof ScheduleEntry>>;

export const ScheduleDocument = Type.Union([ScheduleEntry, Type.Array(ScheduleEntry, { minItems: 1 })], {
  description: 'when it may act; of several entries one must be open',
});
export type ScheduleDocument = Readonly<Static<typeof ScheduleDocument>>;

export const CalendarDocument = Type.Object(
  {
    zone: Type.Optional(Zone),
    days: Type.Optional(
      Type.Array(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description: 'a day, such as 2026-12-25' }), {
        description: 'whole days in the zone',
      }),
    ),
    spans: Type.Optional(Type.Array(Type.Object({ from: Instant, until: Instant }, closed))),
  },
  closed,
);
export type CalendarDocument = Readonly<Static<typeof CalendarDocument>>;

export const OwnBudget = Type.Object(
  { commands: Type.Integer({ minimum: 0 }), per: Type.Optional(Duration) },
  { ...closed, description: 'commands of this policy in a window, on all its elements together' },
);

export const BreakerDocument = Type.Object(
  {
    after: Type.Integer({ minimum: 1, description: 'commands without the expected effect' }),
    probeAfter: Type.Optional(
      described(Duration, 'after this long one command is let through: its effect closes the breaker; without, a person must'),
    ),
    notify: Type.Optional(Type.Boolean({ description: 'whether a word goes to people when it opens; true if not given' })),
  },
  { ...closed, description: 'stops the policy on an element when its commands do not help' },
);
