/** Puts the services mode together: managers, the agent of a place and the carrier of the intake, on Kafka. The one place where its parts meet their adapters. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { wordsWith } from '../analyze/custom.ts';
import { catchingUp, SystemClock } from '../clock.ts';
import type { Configuration } from '../config.ts';
import { Confirmer } from '../confirm.ts';
import type { ServicesDocument } from '../documents/services.ts';
import { durationMs } from '../duration.ts';
import { LmdbStore } from '../knowledge/lmdb.ts';
import type { State } from '../knowledge/state.ts';
import { openKafka } from '../log/kafka.ts';
import type { Log } from '../log/log.ts';
import { ensureTopics } from '../log/topics.ts';
import { makeActuators } from '../make-actuators.ts';
import { startBridge } from '../mqtt/bridge.ts';
import { Connections, instanceOf } from '../mqtt/connections.ts';
import type { StepResult } from '../step.ts';
import { Agent } from './agent.ts';
import { Managers } from './managers.ts';
import type { Partition } from './partition.ts';
import { Past } from './past.ts';
import { Publisher } from './publisher.ts';
import { withRetention } from './retention.ts';
import { Router } from './router.ts';
import { holdFolder } from './slot.ts';
import { topicNames, topicSpecs } from './topics.ts';

export interface ServicesSurroundings {
  readonly log: Logger;
  readonly random: () => number;
  readonly environment: Readonly<Record<string, string>>;
  readonly onStep?: (partition: number, result: StepResult, state: State) => void;
}

/** A process of the services mode with all that belongs to it. */
export interface Services {
  readonly cluster: string;
  readonly partitions: number;
  /** Where this process keeps its copies, and says where it answers. */
  readonly folder: string;
  readonly clock: SystemClock;
  readonly log: Log;
  readonly managers: Managers;
  readonly agent: Agent;
  readonly router: Router;
  /** Writes what comes in by the API. */
  readonly publisher: Publisher;
  /** The history in InfluxDB, where the manager file names one. */
  readonly past: Past | undefined;
  /** The copy of a partition that is ours. */
  readonly copyOf: (partition: number) => LmdbStore | undefined;
  start(): Promise<void>;
  /** Brings another configuration into force: its types and policies, here and in what is taken over later. */
  configure(configuration: Configuration): void;
  /** Stops in order, so that others can go on at once. `graceMs`: how long running commands are waited for. */
  stop(graceMs: number): Promise<void>;
}

const DEFAULT_NAME = 'homeostat';
const DEFAULT_PARTITIONS = 8;
const DEFAULT_SESSION = '10s';
/** Rows of a copy that are put in their places with a step: it should cost a step as little as can be. */
const COPY_CALM = 16;
/** The place of probes and actuators that are at none. */
const HERE = 'default';

/** @throws HomeostatError H310 or H311 if Kafka cannot be reached, H314 or H315 if its topics are wrong, H301 if the folder is in use */
export async function assembleServices(configuration: Configuration, surroundings: ServicesSurroundings): Promise<Services> {
  const { services } = configuration.manager;
  const held = await holdFolder(configuration.folder);
  try {
    return await put(configuration, services!, surroundings, held);
  } catch (thrown) {
    await held.release();
    throw thrown;
  }
}

async function put(
  configuration: Configuration,
  services: ServicesDocument,
  { log: logger, random, environment, onStep }: ServicesSurroundings,
  { folder, release }: { readonly folder: string; readonly release: () => Promise<void> },
): Promise<Services> {
  const { setup, manager: document, directory } = configuration;
  const cluster = services.name ?? DEFAULT_NAME;
  const partitions = services.partitions ?? DEFAULT_PARTITIONS;
  const sessionMs = durationMs(services.session ?? DEFAULT_SESSION);
  const clock = new SystemClock();
  const secrets = { environment, directory };
  const log = await openKafka({ kafka: services.kafka, secrets, clock, log: logger, clientId: cluster });
  const names = topicNames(cluster);
  await ensureTopics(log, withRetention(topicSpecs(cluster, partitions), cluster, services.retention), {
    layout: names.layout,
    partitions,
    brokers: services.kafka.brokers,
  });
  const shared = { log, names, cluster, partitions, sessionMs, clock, logger, random };
  const copies = new Map<number, LmdbStore>();
  let inForce = configuration;
  const past = await Past.open(configuration, { ...shared, environment, folder });
  const managers = new Managers({
    ...shared,
    setup,
    paceMs: configuration.paceMs,
    words: wordsWith(configuration.words),
    confirmer: new Confirmer(configuration.words),
    clockFrom: (notBefore) => catchingUp(clock, notBefore),
    agentProperties: propertiesNamedIn(document.probes ?? []),
    localOf: (partition) => {
      const copy = openCopy(configuration, join(folder, 'partitions', String(partition)), logger);
      if (copy !== undefined) copies.set(partition, copy);
      return copy;
    },
    onStep: (partition, result, state, events) => {
      past?.onStep(partition, result, events);
      onStep?.(partition, result, state);
    },
    onChange: (partition, manager: Partition | undefined) => {
      if (manager === undefined) copies.delete(partition);
      past?.follow(partition, manager);
    },
  });
  const connections = new Connections(document.mqtt, { instance: instanceOf(setup.domain, folder), clock, random, secrets, log: logger });
  const writer = await log.writer();
  const bridge = document.mqtt?.bridge;
  const agent = new Agent({
    ...shared,
    place: HERE,
    probes: document.probes ?? [],
    directory,
    environment,
    mqtt: connections.get,
    blueprint: () => inForce.blueprint,
    // What agents of one place leave in the world, their successors find again: it is in the name of the place, not of the process.
    actuators: ({ target, emit }) =>
      makeActuators(document.actuators, {
        clock,
        directory,
        folder: configuration.folder,
        owner: configuration.folder,
        environment,
        target,
        emit,
        log: logger,
        mqtt: connections.get,
      }),
    queue: setup.limits.queue,
    ...(bridge === undefined
      ? {}
      : {
          beside: () =>
            startBridge(bridge, { connection: connections.get(bridge.connection), writer, topics: names, partitions, clock, log: logger }),
        }),
  });
  const router = new Router(shared);
  const publisher = new Publisher(writer, { names, partitions, clock, logger, queue: setup.limits.queue });
  return {
    cluster,
    partitions,
    folder,
    clock,
    log,
    managers,
    agent,
    router,
    publisher,
    past,
    copyOf: (partition) => copies.get(partition),
    start: async () => {
      await managers.start();
      await agent.start();
      await router.start();
      await past?.start();
    },
    configure: (next) => {
      inForce = next;
      managers.configure(next.setup);
    },
    stop: async (graceMs) => {
      await router.stop();
      await agent.stop(graceMs);
      await managers.stop();
      await past?.close();
      await publisher.close();
      await connections.close();
      await log.close();
      await release();
    },
  };
}

/** The copy of a partition on this machine. What cannot be read is put aside: the state is in the log. */
function openCopy(configuration: Configuration, folder: string, logger: Logger): LmdbStore | undefined {
  const { journalEntries, inputBytes } = configuration.setup.limits;
  try {
    return new LmdbStore({ folder, journalEntries, inputBytes, historyMs: configuration.historyMs, calm: COPY_CALM });
  } catch (thrown) {
    logger.warn({ err: thrown, folder }, 'no copy of the state is kept on this machine');
    return undefined;
  }
}

/** Names that options of probes have in braces: the properties of elements that an agent must know. */
function propertiesNamedIn(probes: readonly unknown[]): ReadonlySet<string> {
  return new Set([...JSON.stringify(probes).matchAll(/\{([A-Za-z0-9_:-]+)\}/g)].map(([, name]) => name!));
}
