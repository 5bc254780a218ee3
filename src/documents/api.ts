/** What the manager file may say of the API: where it answers, to whom, and how much. See docs/api.md. */

import { Duration } from '../duration.ts';
import { Name } from '../messages.ts';
import { type Static, Type } from './schema.ts';
import { Secret } from './secret.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });

/** What a token may do. `feed` alone cannot even read; each of the others can. */
export const ROLES = ['read', 'feed', 'operate', 'approve', 'author'] as const;
export type Role = (typeof ROLES)[number];

const RoleDocument = Type.Unsafe<Role>(
  Type.Union(
    ROLES.map((role) => Type.Literal(role)),
    {
      description:
        'read: look; feed: send observations; operate: pause, resume, reload, elements; approve: answer advice; author: policies and configuration',
    },
  ),
);

const TokenDocument = Type.Object(
  {
    name: described(Name, 'who it is, as the journal names its holder'),
    roles: Type.Array(RoleDocument, { minItems: 1, uniqueItems: true }),
    token: Type.Optional(described(Secret, 'where the token is found')),
    sha256: Type.Optional(
      Type.String({ pattern: '^[0-9a-f]{64}$', description: 'or the SHA-256 of the token, 64 hex digits: printf %s "$TOKEN" | sha256sum' }),
    ),
    requestsPerSecond: Type.Optional(Type.Integer({ minimum: 1, description: 'limits.requestsPerSecond if not given' })),
    messageBytes: Type.Optional(Type.Integer({ minimum: 1, description: 'bytes of one request, at most those of limits.messageBytes' })),
  },
  closed,
);
export type TokenDocument = Readonly<Static<typeof TokenDocument>>;

const TlsDocument = Type.Object(
  {
    cert: Type.String({ minLength: 1, description: 'file with the certificate and those between it and the root, PEM' }),
    key: Type.String({ minLength: 1, description: 'file with its private key, PEM' }),
    clientCa: Type.Optional(
      Type.String({ minLength: 1, description: 'file with the root, PEM, that must have signed the certificate of every client' }),
    ),
  },
  closed,
);
export type TlsDocument = Readonly<Static<typeof TlsDocument>>;

const limit = (fallback: number, description: string) => Type.Optional(Type.Integer({ minimum: 1, default: fallback, description }));
const span = (fallback: string, description: string) => Type.Optional({ ...Duration, default: fallback, description });

const ApiLimitsDocument = Type.Object(
  {
    requestsPerSecond: limit(5_000, 'requests of one token from one address; over it 429'),
    failuresPerMinute: limit(60, 'requests of one address with a wrong token; over it 429 before the token is looked at'),
    connections: limit(1_000, 'connections that are open at once'),
    headers: span('10s', 'how long the headers of a request may take to come'),
    request: span('30s', 'how long a whole request may take to come'),
    idle: span('60s', 'how long a connection may say nothing'),
  },
  closed,
);

export const ApiDocument = Type.Object(
  {
    host: Type.Optional(Type.String({ description: '127.0.0.1 if not given' })),
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, description: '0: any free one' })),
    token: Type.Optional(
      Type.Union([Type.String({ minLength: 8 }), Secret], {
        description:
          'the token of the owner, who may do everything: better {"env": "NAME"} or {"file": "path"} than the token itself; made and kept in the folder if not given, and then good on this machine only',
      }),
    ),
    tokens: Type.Optional(Type.Array(TokenDocument, { maxItems: 1_000, description: 'tokens of others, each with its roles' })),
    tls: Type.Optional(TlsDocument),
    limits: Type.Optional(ApiLimitsDocument),
  },
  closed,
);
export type ApiDocument = Readonly<Static<typeof ApiDocument>>;
