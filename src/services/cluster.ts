/** What every process over Kafka has, whatever works in it: a folder of its own, the log with its topics, and its way to MQTT brokers. */
import type { Logger } from 'pino';
import { SystemClock } from '../clock.ts';
import type { Configuration } from '../config.ts';
import type { ServicesDocument } from '../documents/services.ts';
import { durationMs } from '../duration.ts';
import { openKafka } from '../log/kafka.ts';
import type { Log } from '../log/log.ts';
import { ensureTopics } from '../log/topics.ts';
import { Connections, instanceOf } from '../mqtt/connections.ts';
import { withRetention } from './retention.ts';
import { holdFolder } from './slot.ts';
import { type TopicNames, topicNames, topicSpecs } from './topics.ts';

export interface ClusterSurroundings {
  readonly log: Logger;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string>>;
}

/** A process's part in a cluster. */
export interface Cluster {
  /** Names it: the first part of all topics and ids. */
  readonly cluster: string;
  readonly partitions: number;
  readonly sessionMs: number;
  readonly names: TopicNames;
  readonly clock: SystemClock;
  readonly log: Log;
  readonly logger: Logger;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string>>;
  /** Where this process keeps its own, and says where it answers. */
  readonly folder: string;
  readonly connections: Connections;
  /** After all that uses it has ended. */
  close(): Promise<void>;
}

const DEFAULT_NAME = 'homeostat';
const DEFAULT_PARTITIONS = 8;
const DEFAULT_SESSION = '10s';

/** @throws HomeostatError H310 or H311 if Kafka cannot be reached, H314 or H315 if its topics are wrong, H301 if the folder is in use */
export async function openCluster(
  configuration: Configuration,
  surroundings: ClusterSurroundings,
  kind: 'managers' | 'agents',
): Promise<Cluster> {
  const held = await holdFolder(configuration.folder, kind);
  try {
    return await open(configuration, configuration.manager.services!, surroundings, held);
  } catch (thrown) {
    await held.release();
    throw thrown;
  }
}

async function open(
  { manager, setup, directory }: Configuration,
  services: ServicesDocument,
  { log: logger, random, environment }: ClusterSurroundings,
  { folder, release }: { readonly folder: string; readonly release: () => Promise<void> },
): Promise<Cluster> {
  const cluster = services.name ?? DEFAULT_NAME;
  const partitions = services.partitions ?? DEFAULT_PARTITIONS;
  const clock = new SystemClock();
  const secrets = { environment, directory };
  const log = await openKafka({ kafka: services.kafka, secrets, clock, log: logger, clientId: cluster });
  const names = topicNames(cluster);
  await ensureTopics(log, withRetention(topicSpecs(cluster, partitions), cluster, services.retention), {
    layout: names.layout,
    partitions,
    brokers: services.kafka.brokers,
  });
  const connections = new Connections(manager.mqtt, { instance: instanceOf(setup.domain, folder), clock, random, secrets, log: logger });
  return {
    cluster,
    partitions,
    sessionMs: durationMs(services.session ?? DEFAULT_SESSION),
    names,
    clock,
    log,
    logger,
    random,
    environment,
    folder,
    connections,
    close: async () => {
      await connections.close();
      await log.close();
      await release();
    },
  };
}
