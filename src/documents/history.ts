/** What the manager file may say of the history: how long the embedded one reaches back, and the InfluxDB that keeps the rest. See docs/influxdb.md. */

import { Duration } from '../duration.ts';
import { type Static, Type } from './schema.ts';
import { Secret } from './secret.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });
/** The name of a database or of a retention policy; goes into queries as a quoted identifier. */
const Identifier = Type.String({ pattern: '^[A-Za-z0-9_.-]+$', maxLength: 100 });
const whole = (fallback: number, least: number, most: number, description: string) =>
  Type.Optional(Type.Integer({ minimum: least, maximum: most, default: fallback, description }));

const Downsample = Type.Object(
  {
    every: described(Duration, 'one point of a property in each such span, with its mean, least, greatest and last value; at least 10s'),
    keep: described(Duration, 'how long these points are kept'),
  },
  closed,
);

/** How an InfluxDB is reached. */
export const InfluxConnectionDocument = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://[^\\s@]+$',
      maxLength: 1_000,
      description: 'such as http://127.0.0.1:8086; without user and password',
    }),
    database: described(Identifier, 'the database; of 2.x and 3.x the one that is mapped to the bucket'),
    username: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'of 1.x with authentication' })),
    password: Type.Optional(described(Secret, 'of that user')),
    token: Type.Optional(described(Secret, 'of 2.x and 3.x, in place of user and password')),
    ca: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'file with the certificates that are trusted besides those of the system; relative to this file',
      }),
    ),
    timeout: Type.Optional(described(Duration, 'how long one request may take; 10s if not given')),
  },
  closed,
);
export type InfluxConnectionDocument = Readonly<Static<typeof InfluxConnectionDocument>>;

export const InfluxDocument = Type.Object(
  {
    ...InfluxConnectionDocument.properties,
    retention: Type.Optional(
      Type.Object(
        { name: Type.Optional(Identifier), keep: Type.Optional(Duration) },
        {
          ...closed,
          description: 'the retention policy of all that is not down-sampled; it is made if there is none. homeostat, 30d if not given',
        },
      ),
    ),
    downsample: Type.Optional(
      Type.Array(Downsample, {
        maxItems: 4,
        description: 'coarser copies of readings that are numbers; one per minute kept 90d if not given',
      }),
    ),
    resolution: Type.Optional(
      described(Duration, 'at most one point of a property is written in such a span, the newest; 0s: every one. 1s if not given'),
    ),
    repeat: Type.Optional(described(Duration, 'a reading that does not change is written again after it; 1m if not given')),
    warm: Type.Optional(described(Duration, 'how far back a manager without a state of its own reads; 0s: it does not. 24h if not given')),
    batch: whole(5_000, 1, 50_000, 'points that go into one request'),
    age: Type.Optional(described(Duration, 'how long a point waits for others; 1s if not given')),
    spoolBytes: whole(
      256 << 20,
      1 << 16,
      2 ** 40,
      'bytes on disk, compressed, that may wait for a server that is away; over it the oldest telemetry is dropped',
    ),
  },
  closed,
);
export type InfluxDocument = Readonly<Static<typeof InfluxDocument>>;

export const HistoryDocument = Type.Object(
  {
    keep: Type.Optional(described(Duration, 'how long readings are kept in the folder; 24h if not given')),
    influx: Type.Optional(InfluxDocument),
  },
  closed,
);
