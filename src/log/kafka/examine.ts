/** What we may do at a cluster, found out without leaving anything behind: transactions are aborted, and no group is joined. For `homeostat doctor`. */
import type { TopicSpec, TopicState } from '../log.ts';
import { Connection, type Surroundings } from './connection.ts';
import { Refused, typeOf } from './failures.ts';
import { makeAdmin } from './kafkajs.ts';
import {
  addPartitionsRequest,
  describeTransactionRequest,
  endTransactionRequest,
  fetchRequest,
  findCoordinatorRequest,
  initProducerRequest,
} from './requests.ts';

/** What was refused, by what for; empty: nothing. */
export interface Rights {
  readonly transactions: string | undefined;
  /** Topics that may not be written, each with Kafka's word. */
  readonly writing: readonly (readonly [topic: string, refusal: string])[];
  readonly reading: readonly (readonly [topic: string, refusal: string])[];
  readonly group: string | undefined;
  /** The clock of the broker that keeps account of our transaction, ms since 1970, as it was at our own `askedAt`; undefined: it is too old to say, or we may not begin one. */
  readonly brokerTime: { readonly theirs: number; readonly askedAt: number } | undefined;
}

export interface ExamineOptions {
  readonly topics: readonly TopicState[];
  readonly transactionalId: string;
  readonly group: string;
}

const TRANSACTION_MS = 10_000;
/** A coordinator that has just been named needs a moment before it knows of it. */
const PATIENCE = { totalMs: 10_000, firstMs: 20, mostMs: 500 };
const LITTLE = { maxWaitMs: 1, maxBytes: 1, maxPartitionBytes: 1, timeoutMs: 5_000 };

export async function examineRights(surroundings: Surroundings, { topics, transactionalId, group }: ExamineOptions): Promise<Rights> {
  const connection = new Connection(surroundings);
  try {
    await connection.connect();
    const parts = topics.map(({ name }) => ({ topic: name, partition: 0 }));
    const reading = await readingOf(connection, parts);
    return { ...(await writingOf(connection, parts, transactionalId)), reading, group: await groupOf(connection, group) };
  } finally {
    await connection.close();
  }
}

type Part = { readonly topic: string; readonly partition: number };
type Refusals = (readonly [topic: string, refusal: string])[];

/** A transaction that takes every topic in, writes nothing and is aborted. */
async function writingOf(
  connection: Connection,
  parts: readonly Part[],
  id: string,
): Promise<Pick<Rights, 'transactions' | 'writing' | 'brokerTime'>> {
  const none = { transactions: undefined, writing: [], brokerTime: undefined };
  const forbidden = await hidden(connection, 'transaction', id);
  if (forbidden !== undefined) return { ...none, transactions: forbidden };
  try {
    const producer = await connection.persist(PATIENCE, async () => {
      const init = initProducerRequest({ transactionalId: id, transactionTimeoutMs: TRANSACTION_MS, id: -1n, epoch: -1 });
      const answer = await connection.send(await connection.coordinator('transaction', id), init);
      if (answer.errorCode !== 0) throw new Refused(answer.errorCode, 'beginning under the id');
      return answer;
    });
    const coordinator = await connection.coordinator('transaction', id);
    const transaction = { transactionalId: id, id: producer.id, epoch: producer.epoch };
    const writing: Refusals = [];
    let askedAt: number | undefined;
    // One by one: together all are refused for the sake of one.
    for (const part of parts) {
      const before = connection.clock.wall();
      const [code = 0] = await connection.send(coordinator, addPartitionsRequest(transaction, [part]));
      if (code === 0) askedAt ??= before;
      else writing.push([part.topic, nameOf(code)]);
    }
    if (askedAt === undefined) return { transactions: undefined, writing, brokerTime: undefined };
    const theirs = await connection.send(coordinator, describeTransactionRequest(id)).catch(() => 0);
    await connection.send(coordinator, endTransactionRequest(transaction, false));
    return { transactions: undefined, writing, brokerTime: theirs <= 0 ? undefined : { theirs, askedAt } };
  } catch (thrown) {
    return { ...none, transactions: typeOf(thrown) };
  }
}

/** Why the coordinator is kept from us; undefined: it is not. */
async function hidden(connection: Connection, kind: 'group' | 'transaction', id: string): Promise<string | undefined> {
  const { errorCode } = await connection.send(await connection.any(), findCoordinatorRequest(kind, id));
  const name = nameOf(errorCode);
  return /AUTHORIZATION/.test(name) ? name : undefined;
}

async function readingOf(connection: Connection, parts: readonly Part[]): Promise<Refusals> {
  const refused: Refusals = [];
  for (const part of parts) {
    try {
      for (const [leader, of] of await connection.leaders([{ ...part, offset: 0 }])) {
        const [fetched] = await connection.send(leader, fetchRequest(of, LITTLE));
        // That nothing is at the offset any more says that we may look.
        if (fetched !== undefined && fetched.errorCode !== 0 && fetched.errorCode !== 1)
          refused.push([part.topic, nameOf(fetched.errorCode)]);
      }
    } catch (thrown) {
      refused.push([part.topic, typeOf(thrown)]);
    }
  }
  return refused;
}

/** A beat of a member that is none: refused as unknown to who may join, and as not allowed to who may not. */
async function groupOf(connection: Connection, group: string): Promise<string | undefined> {
  const forbidden = await hidden(connection, 'group', group);
  if (forbidden !== undefined) return forbidden;
  try {
    const coordinator = await connection.coordinator('group', group);
    await coordinator.heartbeat({ groupId: group, groupGenerationId: 0, memberId: 'homeostat-doctor' });
    return undefined;
  } catch (thrown) {
    const type = typeOf(thrown);
    return /AUTHORIZATION/.test(type) ? type : undefined;
  }
}

const nameOf = (code: number): string => new Refused(code, '').type;

const BROKER_RESOURCE = 4;

/** Settings of one broker, by Kafka's names. @throws what kafkajs throws, where we may not look */
export async function brokerSettings({ security }: Surroundings, names: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const admin = makeAdmin(security.client());
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    const name = String(brokers[0]?.nodeId ?? '');
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: BROKER_RESOURCE, name, configNames: [...names] }],
    });
    return Object.fromEntries((resources[0]?.configEntries ?? []).map(({ configName, configValue }) => [configName, configValue]));
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** How many members each group has now. @throws what kafkajs throws, where we may not look */
export async function membersOf({ security }: Surroundings, groups: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const admin = makeAdmin(security.client());
  try {
    await admin.connect();
    const described = await admin.describeGroups([...groups]);
    return new Map(described.groups.map(({ groupId, members }) => [groupId, members.length]));
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Why topics could not be created, found out by asking for it without having it done; undefined: they could. */
export async function creationRefusal(
  { security }: Surroundings,
  specs: readonly TopicSpec[],
  replication: number | undefined,
): Promise<string | undefined> {
  const admin = makeAdmin(security.client());
  try {
    await admin.connect();
    await admin.createTopics({
      validateOnly: true,
      waitForLeaders: false,
      topics: specs.map(({ name, partitions, config }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: replication ?? -1,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })),
    });
    return undefined;
  } catch (thrown) {
    const errors = (thrown as { readonly errors?: readonly unknown[] }).errors ?? [thrown];
    return [...new Set(errors.map(typeOf))].join(', ');
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
