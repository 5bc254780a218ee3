/** What the kafka actuator may be told. See docs/actuators.md. */

import { type Static, Type } from '../../documents/schema.ts';
import { KafkaDocument, SaslDocument, TlsDocument } from '../../documents/services.ts';

const closed = { additionalProperties: false } as const;
const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });
const Pointer = (description: string) =>
  Type.Optional(Type.String({ pattern: '^(/([^~/]|~[01])*)*$', description: `JSON pointer of ${description}` }));

export const KafkaActuatorOptions = Type.Object(
  {
    brokers: described(KafkaDocument.properties.brokers, 'brokers of the cluster to ask first, as host:port'),
    tls: Type.Optional(
      described(TlsDocument, 'encrypts the connection, as in services.kafka.tls; {} trusts the authorities that Node trusts'),
    ),
    sasl: Type.Optional(described(SaslDocument, 'who we are, as in services.kafka.sasl; secrets as {"env": "NAME"} or {"file": "path"}')),
    topic: Type.String({
      minLength: 1,
      maxLength: 249,
      pattern: '^[A-Za-z0-9._{}:-]+$',
      description: 'the topic, which is there already; placeholders',
    }),
    key: Type.Optional(
      Type.String({ description: 'the key, which decides the partition as in Kafka’s Java client; {id} if not given; placeholders' }),
    ),
    value: Type.Optional(
      Type.Unknown({
        description:
          'JSON, or a text that is sent as it is; placeholders are replaced in its texts. id, element, command, params, term, issuedAt and deadlineAt if not given',
      }),
    ),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'sent beside homeostat-command and homeostat-term; placeholders' }),
    ),
    answer: Type.Optional(
      Type.Object(
        {
          topic: Type.String({ minLength: 1, maxLength: 249, pattern: '^[A-Za-z0-9._-]+$', description: 'where the answers come' }),
          group: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 200,
              description: 'the group it is read as; made of the manager’s folder and the actuator’s name if not given',
            }),
          ),
          idFrom: Pointer('the id of the command in an answer; /id if not given'),
          statusFrom: Pointer('the word that says what came of it; any answer means done if not given'),
          succeeded: Type.Optional(
            Type.Array(Type.String(), { minItems: 1, description: 'the words for done; succeeded, ok and done if not given' }),
          ),
          detailFrom: Pointer('a text for people'),
        },
        {
          ...closed,
          description: 'the command has succeeded when its answer says so; if not given when all replicas in sync have the message',
        },
      ),
    ),
  },
  closed,
);
export type KafkaActuatorOptions = Readonly<Static<typeof KafkaActuatorOptions>>;
