/** What the manager file may say of MQTT: its brokers, and what a bridge carries. See docs/mqtt.md. */

import { Duration } from '../duration.ts';
import { Name } from '../messages.ts';
import { type Static, Type } from './schema.ts';
import { Secret } from './secret.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });

/** Bytes of a message that is taken, where the document does not say. */
export const DEFAULT_MAX_BYTES = 262_144;
/** Messages that wait to be sent, or to be acknowledged by us, where the document does not say. */
export const DEFAULT_QUEUE = 1_000;

const MqttTlsDocument = Type.Object(
  {
    ca: Type.Optional(
      Type.String({ description: 'file of the certificates (PEM) that the broker’s is signed by; those of Node if not given' }),
    ),
    cert: Type.Optional(Type.String({ description: 'file of our certificate (PEM), where the broker asks for one' })),
    key: Type.Optional(Type.String({ description: 'file of its key (PEM)' })),
    serverName: Type.Optional(Type.String({ description: 'the name that the broker’s certificate must hold, if not that of the url' })),
  },
  closed,
);

const connection = {
  url: Type.String({
    pattern: '^mqtts?://[^\\s/@]+/?$',
    description: 'mqtt://host:port, or mqtts:// for TLS; user and password have keys of their own',
  }),
  clientId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'names this process at the broker: no two may have the same. Made from domain and folder if not given',
    }),
  ),
  version: Type.Optional(
    Type.Union([Type.Literal('5'), Type.Literal('3.1.1')], {
      description: 'of the protocol; 5 if not given, and 3.1.1 with a broker that refuses it',
    }),
  ),
  username: Type.Optional(Type.String()),
  password: Type.Optional(Secret),
  tls: Type.Optional(MqttTlsDocument),
  keepAlive: Type.Optional(described(Duration, 'the broker is asked for a sign of life so often; 15s if not given')),
  session: Type.Optional(
    described(
      Duration,
      'how long the broker keeps messages of QoS 1 for us while we are away (MQTT 5; with 3.1.1 for ever, or not at all with 0s); 1h if not given',
    ),
  ),
  retryMax: Type.Optional(described(Duration, 'the longest pause between two attempts to connect; 30s if not given')),
  maxBytes: Type.Optional(
    Type.Integer({
      minimum: 64,
      maximum: 16_777_216,
      description: `longest message that is taken, bytes; ${DEFAULT_MAX_BYTES} if not given`,
    }),
  ),
  queue: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65_535,
      description: `messages that wait to be sent, and messages of QoS 1 that wait for our acknowledgement; ${DEFAULT_QUEUE} if not given`,
    }),
  ),
  state: Type.Optional(
    Type.Union([Type.String({ minLength: 1, maxLength: 200, pattern: '^[^+#]+$' }), Type.Literal(false)], {
      description:
        'the topic that says whether we are connected, retained, with our last will; homeostat/CLIENTID/state if not given, false for none',
    }),
  ),
};

export const MqttConnectionDocument = Type.Object(connection, closed);
export type MqttConnectionDocument = Readonly<Static<typeof MqttConnectionDocument>>;

export const MqttBridgeDocument = Type.Object(
  {
    connection: Type.Optional(described(Name, 'the connection it uses; that of the first url if not given')),
    prefix: Type.Optional(
      Type.String({
        pattern: '^[^+#\\s]*[^+#/\\s]$',
        maxLength: 200,
        description:
          'agents publish under PREFIX/AGENT/observations and PREFIX/AGENT/signals, and read PREFIX/AGENT/commands; homeostat/agents if not given',
      }),
    ),
    devices: Type.Optional(
      Type.Array(Type.Record(Type.String(), Type.Unknown()), {
        description: 'topics of devices that are carried too: the options of an mqtt probe, with a name',
      }),
    ),
  },
  closed,
);
export type MqttBridgeDocument = Readonly<Static<typeof MqttBridgeDocument>>;

/** One connection, and more by name beside it. */
export const MqttDocument = Type.Object(
  {
    ...connection,
    connections: Type.Optional(
      Type.Record(Type.String(), MqttConnectionDocument, { description: 'further brokers, by the name that probes and actuators use' }),
    ),
    bridge: Type.Optional(MqttBridgeDocument),
  },
  closed,
);
export type MqttDocument = Readonly<Static<typeof MqttDocument>>;

/** The name of the connection that the document itself describes. */
export const DEFAULT_CONNECTION = 'default';
