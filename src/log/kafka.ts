/** The log on Kafka. */
import type { Clock } from '../clock.ts';
import type { KafkaDocument } from '../documents/services.ts';
import { HomeostatError, messageOf } from '../errors.ts';
import type { SecretSource } from '../secrets.ts';
import { Connection, type Surroundings } from './kafka/connection.ts';
import { brokerSettings, creationRefusal, examineRights, membersOf, type Rights } from './kafka/examine.ts';
import { KafkaMembership } from './kafka/membership.ts';
import { type Lines, Outage } from './kafka/outage.ts';
import { readToEnd } from './kafka/reading.ts';
import { securityOf } from './kafka/security.ts';
import { createTopics, topicStates } from './kafka/topics.ts';
import { KafkaTransactor } from './kafka/transactor.ts';
import { KafkaWriter } from './kafka/writer.ts';
import type { Log, TopicSpec, TopicState } from './log.ts';

export interface KafkaOptions {
  /** `services.kafka` of the manager file. */
  readonly kafka: KafkaDocument;
  /** Where its secrets and certificates are. */
  readonly secrets: SecretSource;
  readonly clock: Clock;
  readonly log: Lines;
  /** What brokers call us in their logs and quotas. */
  readonly clientId?: string;
}

/** How long the first connection is tried, so that a wrong address is told and does not hang. */
const FIRST = { totalMs: 10_000, firstMs: 100, mostMs: 1_000 };

/**
 * Connects to a cluster.
 *
 * @throws HomeostatError H310 if no broker answers within ten seconds, H311 if we are not let in, H001 or H008 for certificates and secrets that cannot be read
 */
export async function openKafka({ kafka, secrets, clock, log, clientId = 'homeostat' }: KafkaOptions): Promise<Log> {
  const security = securityOf(kafka, clientId, secrets, clock, log);
  const surroundings: Surroundings = { clock, security, outage: new Outage(clock, log, kafka.brokers) };
  const reader = new Connection(surroundings);
  try {
    await reader.persist(FIRST, () => reader.connect());
  } catch (thrown) {
    await reader.close();
    if (thrown instanceof HomeostatError) throw thrown;
    throw new HomeostatError(
      'H310',
      `Kafka cannot be reached at ${kafka.brokers.join(', ')}: ${messageOf(thrown)}; see that it runs, and "services.kafka.brokers"${
        kafka.tls === undefined ? ', and whether its listener wants "tls"' : ''
      }`,
      { cause: thrown },
    );
  }
  const open = new Set<{ close(): Promise<void> }>();
  const kept = <T extends { close(): Promise<void> }>(made: T): T => {
    open.add(made);
    const { close } = made;
    made.close = () => {
      open.delete(made);
      return close.call(made);
    };
    return made;
  };
  const memberships = new Set<KafkaMembership>();
  return {
    writer: async () => kept(new KafkaWriter(surroundings)),
    transactor: async (id) => kept(await KafkaTransactor.begin(id, surroundings)),
    async join(options, member) {
      const membership = new KafkaMembership(options, member, surroundings, log, (ended) => memberships.delete(ended));
      memberships.add(membership);
      await membership.start();
      return membership;
    },
    read: (topic, partition, from, take) => readToEnd(reader, log, topic, partition, from, take),
    topics: (names) => topicStates(security, names),
    create: (topics) => createTopics(security, topics, kafka.replication),
    async close() {
      await Promise.all([...memberships].map((membership) => membership.leave()));
      await Promise.all([...open].map((one) => one.close()));
      await reader.close();
    },
  };
}

/** Looks at a cluster for `homeostat doctor`. Each call connects anew and leaves nothing behind. */
export interface KafkaExaminer {
  /** What we may do with topics that are there, under a transactional id, and in a group. */
  rights(topics: readonly TopicState[], transactionalId: string, group: string): Promise<Rights>;
  /** Why topics could not be created; undefined: they could. None is. */
  mayCreate(topics: readonly TopicSpec[]): Promise<string | undefined>;
  /** Settings of one broker. @throws where we may not look */
  settings(names: readonly string[]): Promise<Readonly<Record<string, string>>>;
  /** How many members each group has now; a group that nobody has made has none. @throws where we may not look */
  members(groups: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** Nothing is connected yet. @throws nothing; its calls throw what kafkajs throws */
export function examineKafka({ kafka, secrets, clock, log, clientId = 'homeostat' }: KafkaOptions): KafkaExaminer {
  const security = securityOf(kafka, clientId, secrets, clock, log);
  const surroundings: Surroundings = { clock, security, outage: new Outage(clock, log, kafka.brokers) };
  return {
    rights: (topics, transactionalId, group) => examineRights(surroundings, { topics, transactionalId, group }),
    mayCreate: (topics) => creationRefusal(surroundings, topics, kafka.replication),
    settings: (names) => brokerSettings(surroundings, names),
    members: (groups) => membersOf(surroundings, groups),
  };
}
