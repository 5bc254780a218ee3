/** How often a pattern of events has come: what happened together, in order, too often, or did not happen in time. */
import { EventCondition } from '../../documents/condition.ts';
import { Type } from '../../documents/schema.ts';
import { Duration } from '../../duration.ts';
import { compilePattern, type PatternOptions } from '../patterns/compile.ts';
import type { GaugeKind } from './gauge.ts';
import { closed, Of } from './windowed.ts';

const As = Type.Optional(
  Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]*$', maxLength: 100, description: 'its name for the steps after it and for `gives`' }),
);
const where = (description: string) => Type.Optional({ ...EventCondition, description });
const WHERE = where(
  'which events it is about: a condition over the fact `event` and the names of events before it; any event if not given',
);
const Step = Type.Object({ as: As, where: WHERE }, closed);
const MOST_STEPS = 16;
const steps = (least: number, description: string) =>
  Type.Optional(Type.Array(Step, { minItems: least, maxItems: MOST_STEPS, description }));

export const pattern: GaugeKind<PatternOptions> = {
  kind: 'pattern',
  description: 'how often a pattern of events has come so far, each observation of a series being an event; or a part of the newest match',
  options: Type.Object(
    {
      of: Of,
      event: Type.Optional(Type.Object({ as: As, where: WHERE }, { ...closed, description: 'each event that fits' })),
      any: steps(1, 'each event that fits one of these'),
      all: Type.Optional(
        Type.Array(
          Type.Object(
            {
              as: As,
              where: WHERE,
              stays: Type.Optional(
                Type.Boolean({
                  description: 'its event tells a state: it does not expire, and may be part of many matches; false if not given',
                }),
              ),
            },
            closed,
          ),
          { minItems: 1, maxItems: MOST_STEPS, description: 'an event for each of these, in any order' },
        ),
      ),
      sequence: steps(2, 'an event for each of these, in this order'),
      notAll: steps(2, 'one of these came, and not all of them in time'),
      absence: Type.Optional(
        Type.Object(
          {
            as: As,
            where: WHERE,
            after: Type.Optional({ ...Step, description: 'the events after which it must come; those of its own sort if not given' }),
          },
          { ...closed, description: 'no such event came in time after the last one, or after one of another sort' },
        ),
      ),
      count: Type.Optional(
        Type.Object(
          {
            as: As,
            where: WHERE,
            atLeast: Type.Integer({ minimum: 2, maximum: 1_000, description: 'how many within the time are a match' }),
          },
          { ...closed, description: 'so many such events in time; they are used up by their match' },
        ),
      ),
      within: Type.Optional(
        Type.Unsafe<string>({
          ...Duration,
          description: 'how far apart the events of a match may be, or how long is waited for one; 2h if not given',
        }),
      ),
      by: Type.Optional(
        Type.Array(Type.String({ minLength: 1 }), {
          minItems: 1,
          maxItems: 8,
          description: 'paths of fields, such as "$.host": events of which one differs have nothing to do with each other',
        }),
      ),
      throttle: Type.Optional(
        Type.Object(
          {
            pass: Type.Union([Type.Literal('first'), Type.Literal('last'), Type.Integer({ minimum: 2, maximum: 100_000 })], {
              description: 'which matches count: the first of a window, the last of it when it ends, or each n-th within it',
            }),
            within: Type.Unsafe<string>({ ...Duration, description: 'how long a window is, which a match opens' }),
          },
          { ...closed, description: 'lets only some matches of each group (`by`) count' },
        ),
      ),
      gives: Type.Optional(
        Type.Object(
          {
            fact: Type.String({ description: '`event`, or the name of a step' }),
            path: Type.Optional(Type.String({ description: 'the part of it; the whole if not given' })),
          },
          { ...closed, description: 'a part of the newest match, as the reading in place of the number of matches' },
        ),
      ),
      keep: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1_000,
          default: 100,
          description: 'most events or beginnings of matches that are kept, and most windows of the throttle; the oldest go first',
        }),
      ),
    },
    closed,
  ),
  create: compilePattern,
};
