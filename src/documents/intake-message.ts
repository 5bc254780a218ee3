/** What outsiders may write to the topic `intake`: published as a schema, read by services/intake-format.ts. */

import { Observation } from '../messages.ts';
import { Type } from './schema.ts';

const closed = { additionalProperties: false } as const;

/** The version of the batch form. A reader that does not know a version rejects the message as a whole. */
export const INTAKE_VERSION = 1;
/** Observations of one message; more are refused together. */
export const INTAKE_OBSERVATIONS = 10_000;

const { element, property, value, time, source, everyMs, coalesced } = Observation.properties;
const sent = { property, value, time: Type.Optional(time), source: Type.Optional(source), everyMs, coalesced };

/** One observation as it is sent: time and source may be left out. */
export const IntakeObservation = Type.Object({ element, ...sent }, closed);

/** Observations with what they have in common told once; what an observation says itself counts first. */
export const IntakeBatch = Type.Object(
  {
    version: Type.Literal(INTAKE_VERSION, { description: 'of this form' }),
    element: Type.Optional(element),
    time: Type.Optional(time),
    source: Type.Optional(source),
    everyMs,
    observations: Type.Array(Type.Object({ element: Type.Optional(element), ...sent }, closed), { maxItems: INTAKE_OBSERVATIONS }),
  },
  closed,
);

export const IntakeMessage = Type.Union([IntakeObservation, Type.Array(IntakeObservation, { maxItems: INTAKE_OBSERVATIONS }), IntakeBatch]);
