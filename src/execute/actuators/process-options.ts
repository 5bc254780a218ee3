/** What the process actuator may be told. See docs/actuators.md. */

import { type Static, Type } from '../../documents/schema.ts';
import { Duration } from '../../duration.ts';
import { ElementDocument, Name, Value } from '../../messages.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });

/** A number that grows with the member's number: base + n × step. */
const Numbered = Type.Object(
  {
    base: Type.Union([Type.Number(), Name], { description: 'a number, or the name of a property of the pool that holds it' }),
    step: Type.Optional(Type.Number({ description: '1 if not given' })),
  },
  closed,
);

export const PoolOptions = Type.Object(
  {
    type: described(Name, 'the type of its members'),
    name: Type.String({
      pattern: '^([A-Za-z0-9_:-][A-Za-z0-9_.:-]*)?\\{n\\}[A-Za-z0-9_.:-]*$',
      maxLength: 100,
      description: 'the name of member n, such as server-{n}; its id is the id of the pool, a slash and this name. n begins at 1',
    }),
    properties: Type.Optional(
      Type.Record(Type.String(), Type.Union([Value, Numbered]), {
        description: 'the properties of a member: values, numbers such as { "base": 9000 } for 9000 + n, texts with placeholders',
      }),
    ),
    relations: Type.Optional(ElementDocument.properties.relations),
    labels: Type.Optional(ElementDocument.properties.labels),
    serviceClass: Type.Optional(ElementDocument.properties.serviceClass),
    most: Type.Optional(Type.Integer({ minimum: 1, description: 'scaling to more members is refused; 100 if not given' })),
  },
  { ...closed, description: 'an element of this actuator is a pool, and its members are the processes; scale sets their number' },
);
export type PoolOptions = Readonly<Static<typeof PoolOptions>>;

const ReadyOptions = Type.Object(
  {
    http: Type.Optional(Type.String({ description: 'ready when this URL answers 2xx, such as http://127.0.0.1:{port}/health' })),
    tcp: Type.Optional(
      Type.String({ pattern: '^.+:[^:]+$', description: 'ready when this address takes a connection, such as 127.0.0.1:{port}' }),
    ),
    within: Type.Optional(described(Duration, 'a process that is not ready by then is ended, and its start has failed; 10s if not given')),
  },
  { ...closed, description: 'when a started process counts as up; as soon as the program runs, if not given' },
);
export type ReadyOptions = Readonly<Static<typeof ReadyOptions>>;

export const ProcessOptions = Type.Object(
  {
    run: Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description:
        'the program and its arguments; no shell reads them. Placeholders: {id}, {name}, {n}, {type}, {command} and any property',
    }),
    cwd: Type.Optional(
      Type.String({ description: 'the folder it runs in, relative to the manager file; that of the manager file if not given' }),
    ),
    env: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'added to the environment of the manager; placeholders as in run' }),
    ),
    grace: Type.Optional(described(Duration, 'how long a process may take to end after TERM before it gets KILL; 5s if not given')),
    logs: Type.Optional(
      Type.String({
        description:
          'the folder for what the processes write, a file an element, relative to the folder of the actuator; logs if not given',
      }),
    ),
    ready: Type.Optional(ReadyOptions),
    publishes: Type.Optional(
      Type.Array(Type.Union([Type.Literal('state'), Type.Literal('pid')]), {
        description: 'properties that the type of the elements declares and that this actuator is to tell; none if not given',
      }),
    ),
    pool: Type.Optional(PoolOptions),
  },
  closed,
);
export type ProcessOptions = Readonly<Static<typeof ProcessOptions>>;
