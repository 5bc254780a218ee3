/** What the manager file may say of data that others send as they send it elsewhere: InfluxDB's line protocol, alerts of an Alertmanager. See docs/intake.md. */

import { Duration } from '../duration.ts';
import { Value } from '../messages.ts';
import { type Static, Type } from './schema.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });
const template = (description: string) => Type.String({ minLength: 1, maxLength: 200, description });
const oneOrMore = (description: string) =>
  Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 1_000 })], { description });

/** Bytes of one request, unpacked, where the document does not say. */
export const FEED_BYTES = 5_000_000;

const FeedHttpDocument = Type.Object(
  {
    host: Type.Optional(Type.String({ description: 'the address it listens on; 127.0.0.1 if not given' })),
    port: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 65_535, description: 'that of InfluxDB is 8086; 0, any free one, if not given' }),
    ),
    tls: Type.Optional(
      Type.Object(
        {
          cert: Type.String({ minLength: 1, description: 'file with the certificate and those between it and the root, PEM' }),
          key: Type.String({ minLength: 1, description: 'file with its private key, PEM' }),
        },
        closed,
      ),
    ),
    maxBytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100_000_000,
        description: `bytes of one request after it was unpacked; ${FEED_BYTES} if not given`,
      }),
    ),
    connections: Type.Optional(Type.Integer({ minimum: 1, description: 'connections that are open at once; 1000 if not given' })),
    request: Type.Optional(described(Duration, 'how long a whole request may take to come; 30s if not given')),
  },
  closed,
);
export type FeedHttpDocument = Readonly<Static<typeof FeedHttpDocument>>;

/** How points of the line protocol become observations. The first rule that fits a point counts. */
const LineRuleDocument = Type.Object(
  {
    measurement: Type.Optional(oneOrMore('the measurements it is for; all if not given')),
    tags: Type.Optional(
      Type.Record(Type.String(), oneOrMore('a value that the tag must have'), {
        description: 'tags that a point must have: { "cpu": "cpu-total" }',
      }),
    ),
    ignore: Type.Optional(Type.Literal(true, { description: 'such points are left out' })),
    element: Type.Optional(
      template('the element: {tag:NAME}, {measurement} and {database} stand for what the point has; {tag:element} if not given'),
    ),
    property: Type.Optional(
      template(
        'the property, with {field} too; {measurement}_{field} if not given, and {measurement} alone where the field is called value',
      ),
    ),
    fields: Type.Optional(
      Type.Union([Type.Array(Type.String(), { minItems: 1 }), Type.Record(Type.String(), Type.String())], {
        description: 'the fields that are taken, or field → property; all if not given',
      }),
    ),
    every: Type.Optional(described(Duration, 'how often they come: three times that without a value make a property stale')),
  },
  closed,
);
export type LineRuleDocument = Readonly<Static<typeof LineRuleDocument>>;

const FeedInfluxDocument = Type.Object(
  {
    databases: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description: 'the databases, or buckets, that may be written to; any if not given',
      }),
    ),
    map: Type.Optional(Type.Array(LineRuleDocument, { minItems: 1, maxItems: 1_000 })),
    unknown: Type.Optional(
      Type.Union([Type.Literal('refuse'), Type.Literal('ignore')], {
        description: 'what becomes of points of elements that there are not: refuse if not given',
      }),
    ),
  },
  closed,
);
export type FeedInfluxDocument = Readonly<Static<typeof FeedInfluxDocument>>;

const AlertRuleDocument = Type.Object(
  {
    labels: Type.Optional(
      Type.Record(Type.String(), oneOrMore('a value that the label must have'), {
        description: 'labels that an alert must have: { "severity": "critical" }',
      }),
    ),
    ignore: Type.Optional(Type.Literal(true, { description: 'such alerts are left out' })),
    element: Type.Optional(template('the element: {LABEL} stands for a label of the alert; {element} if not given')),
    property: Type.Optional(template('the property, in the same way; {alertname} if not given')),
    firing: Type.Optional(described(Value, 'its value while the alert fires; true if not given')),
    resolved: Type.Optional(described(Value, 'its value afterwards; false if not given')),
  },
  closed,
);
export type AlertRuleDocument = Readonly<Static<typeof AlertRuleDocument>>;

export const IntakeDocument = Type.Object(
  {
    http: Type.Optional(described(FeedHttpDocument, 'where it listens: for writers of InfluxDB, and for an Alertmanager')),
    influx: Type.Optional(described(FeedInfluxDocument, 'how the line protocol is read')),
    alerts: Type.Optional(
      Type.Object(
        { map: Type.Array(AlertRuleDocument, { minItems: 1, maxItems: 1_000 }) },
        { ...closed, description: 'how alerts are read; the first rule that fits counts' },
      ),
    ),
  },
  closed,
);
export type IntakeDocument = Readonly<Static<typeof IntakeDocument>>;
