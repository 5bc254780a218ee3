/** What the manager file may say under `services`: how managers share work over Kafka. See docs/kafka.md. */

import { Duration } from '../duration.ts';
import { Name } from '../messages.ts';
import { type Static, Type } from './schema.ts';
import { Secret } from './secret.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });

export const TlsDocument = Type.Object(
  {
    ca: Type.Optional(
      Type.String({ minLength: 1, description: 'file of the authorities that are trusted (PEM); those of Node if not given' }),
    ),
    cert: Type.Optional(Type.String({ minLength: 1, description: 'file of our certificate (PEM), where the brokers ask for one' })),
    key: Type.Optional(described(Secret, 'the private key of the certificate (PEM): {"env": "NAME"} or {"file": "path"}')),
    serverName: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'the name that certificates of brokers must have; the name that was connected to if not given',
      }),
    ),
  },
  { ...closed, description: 'encrypts connections; {} trusts the authorities that Node trusts' },
);
export type TlsDocument = Readonly<Static<typeof TlsDocument>>;

const PasswordLogin = Type.Object(
  {
    mechanism: Type.Union([Type.Literal('plain'), Type.Literal('scram-sha-256'), Type.Literal('scram-sha-512')]),
    username: Type.String({ minLength: 1, maxLength: 1_000 }),
    password: Secret,
  },
  closed,
);
const TokenLogin = Type.Object({ mechanism: Type.Literal('oauthbearer'), token: Secret }, closed);
const ClientLogin = Type.Object(
  {
    mechanism: Type.Literal('oauthbearer'),
    endpoint: Type.String({ pattern: '^https?://', description: 'where a token is asked for with client credentials (RFC 6749, 4.4)' }),
    clientId: Type.String({ minLength: 1, maxLength: 1_000 }),
    clientSecret: Secret,
    scope: Type.Optional(Type.String({ minLength: 1, maxLength: 4_000 })),
  },
  closed,
);
export const SaslDocument = Type.Union([PasswordLogin, TokenLogin, ClientLogin], { description: 'how we say who we are' });
export type SaslDocument = Readonly<Static<typeof SaslDocument>>;

export const KafkaDocument = Type.Object(
  {
    brokers: Type.Array(Type.String({ pattern: '^[^:/\\s]+:[0-9]{1,5}$', description: 'host:port' }), {
      minItems: 1,
      maxItems: 100,
      description: 'brokers to ask first; they tell the others',
    }),
    tls: Type.Optional(TlsDocument),
    sasl: Type.Optional(SaslDocument),
    replication: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 32_767,
        description: 'replicas of the topics that we create; what the brokers do by default if not given',
      }),
    ),
  },
  closed,
);
export type KafkaDocument = Readonly<Static<typeof KafkaDocument>>;

/** Topics whose records are kept for a while, with the time that they are kept for if nothing is said. */
const RETAINED = { intake: '1d', observations: '1d', signals: '7d', commands: '7d', steps: '7d', journal: '30d', deadLetters: '7d' };
export const RetentionDocument = Type.Object(
  Object.fromEntries(
    Object.entries(RETAINED).map(([name, span]) => [name, Type.Optional(described(Duration, `${span} if not given`))]),
  ) as Record<keyof typeof RETAINED, ReturnType<typeof Type.Optional<typeof Duration>>>,
  { ...closed, description: 'how long records are kept, by topic; a topic that keeps them longer is left as it is' },
);
export type RetentionDocument = Readonly<Static<typeof RetentionDocument>>;

export const ServicesDocument = Type.Object(
  {
    name: Type.Optional(described(Name, 'the first part of the names of topics, groups and transactional ids; "homeostat" if not given')),
    partitions: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        default: 8,
        description: 'partitions of each topic, among which domains are spread; cannot be changed later',
      }),
    ),
    session: Type.Optional(
      described(
        Duration,
        'a manager that was not heard of for so long loses its domains to others; 10s if not given, 6s at least by most brokers',
      ),
    ),
    retention: Type.Optional(RetentionDocument),
    kafka: KafkaDocument,
  },
  { ...closed, description: 'runs over Kafka, so that several managers share domains and take over from each other' },
);
export type ServicesDocument = Readonly<Static<typeof ServicesDocument>>;
