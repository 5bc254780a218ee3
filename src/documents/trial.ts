/** How a new version of a file of policies is tried beside its predecessor. See docs/versions.md. */
import { Duration } from '../duration.ts';
import { ElementId } from '../messages.ts';
import { Condition, Scope } from './policy.ts';
import { type Static, Type } from './schema.ts';

const closed = { additionalProperties: false } as const;

export const WithdrawDocument = Type.Object(
  {
    scope: Type.Optional({
      ...Scope,
      description: 'elements of the canary that are watched; the scope of the new policies if not given, where all of them have the same',
    }),
    conditions: Condition,
    for: Type.Optional(Duration),
  },
  { ...closed, description: 'what must not be: where it is true of any element of the canary, the new version is withdrawn' },
);
export type WithdrawDocument = Readonly<Static<typeof WithdrawDocument>>;

export const CanaryDocument = Type.Object(
  {
    share: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'of the elements, drawn by the hash of their ids; at least one' }),
    ),
    elements: Type.Optional(Type.Array(ElementId, { minItems: 1, description: 'in place of a share: these, with all below them' })),
    labels: Type.Optional(
      Type.Record(Type.String(), Type.String(), { minProperties: 1, description: 'in place of a share: those with all of these labels' }),
    ),
    for: Type.String({ ...Duration, description: 'how long it must do without being withdrawn to be promoted, such as 10m' }),
    withdraw: WithdrawDocument,
  },
  { ...closed, description: 'the new policies act on a share of the elements, and those of the predecessor on the others' },
);
export type CanaryDocument = Readonly<Static<typeof CanaryDocument>>;

/** A file of policies that is to follow another. */
export const SuccessorDocument = Type.Object(
  {
    file: Type.String({ description: 'a file of policies, relative to the manager file' }),
    of: Type.String({ description: 'the file that it is to follow: one of the others in this list' }),
    shadow: Type.Optional(Type.Literal(true, { description: 'its policies only say what they would do' })),
    canary: Type.Optional(CanaryDocument),
  },
  closed,
);
export type SuccessorDocument = Readonly<Static<typeof SuccessorDocument>>;

/** One entry of the list of files of policies. */
export const PolicyFile = Type.Union([Type.String(), SuccessorDocument]);
export type PolicyFile = Static<typeof PolicyFile>;

/** The path that an entry names. */
export const pathOf = (entry: PolicyFile): string => (typeof entry === 'string' ? entry : entry.file);
