/** Topics as they are, and new ones. */
import { setTimeout as wait } from 'node:timers/promises';
import { HomeostatError, messageOf } from '../../errors.ts';
import type { TopicSpec, TopicState } from '../log.ts';
import { refusal } from './connection.ts';
import { isDisconnected, isRefusal, typeOf } from './failures.ts';
import { type Admin, makeAdmin } from './kafkajs.ts';
import type { Security } from './security.ts';

/** Kafka's number for a topic as a thing that has settings. */
const TOPIC_RESOURCE = 2;
const CREATE_MS = 15_000;
/** A broker under load needs some time until it knows a topic that it has just listed or made: this many looks, and as long between two, ms. */
const LOOKS = 75;
const LOOK_EVERY_MS = 200;

/** Does the work again while a broker does not know yet what another has made; the work has to bear that. */
async function withAdmin<T>(security: Security, doing: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  for (let look = 1; ; look++) {
    try {
      return await once(security, doing, work);
    } catch (thrown) {
      if (typeOf(thrown) !== 'UNKNOWN_TOPIC_OR_PARTITION' || look === LOOKS) throw thrown;
      await wait(LOOK_EVERY_MS);
    }
  }
}

async function once<T>(security: Security, doing: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = makeAdmin(security.client());
  try {
    await admin.connect();
    return await work(admin);
  } catch (thrown) {
    const refused = [thrown, ...((thrown as { errors?: readonly unknown[] }).errors ?? [])].find(isRefusal);
    if (refused !== undefined) throw refusal(refused);
    if (thrown instanceof HomeostatError) throw thrown;
    const reasons = ((thrown as { errors?: unknown }).errors ?? [thrown]) as readonly unknown[];
    const why = [...new Set(reasons.map(messageOf))].join('; ');
    throw new HomeostatError(isDisconnected(thrown) ? 'H310' : 'H314', `${doing}: ${why}`, { cause: thrown });
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** The topics of these names that exist, with all their settings, defaults included. */
export const topicStates = (security: Security, names: readonly string[]): Promise<readonly TopicState[]> =>
  withAdmin(security, 'topics cannot be looked at', async (admin) => {
    const all = new Set(await admin.listTopics());
    const there = names.filter((name) => all.has(name));
    if (there.length === 0) return [];
    const { topics } = await admin.fetchTopicMetadata({ topics: there });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: there.map((name) => ({ type: TOPIC_RESOURCE, name })),
    });
    const configs = new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    );
    return topics.map(({ name, partitions }) => ({ name, partitions: partitions.length, config: configs.get(name) ?? {} }));
  });

/** Creates those that are missing; those that are there stay as they are. */
export const createTopics = (security: Security, specs: readonly TopicSpec[], replication: number | undefined): Promise<void> =>
  withAdmin(security, 'topics cannot be created', async (admin) => {
    const all = new Set(await admin.listTopics());
    const missing = specs.filter(({ name }) => !all.has(name));
    if (missing.length === 0) return;
    await admin.createTopics({
      waitForLeaders: true,
      timeout: CREATE_MS,
      topics: missing.map(({ name, partitions, config }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: replication ?? -1,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })),
    });
  });
